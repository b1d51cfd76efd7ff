import { isUnjudged, type Standing, type Verdict } from "../results/reading.ts";
import { type Element, h } from "./markup.ts";

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  ok: "ok",
  warn: "warn",
  fail: "fail",
  "no-data": "no data",
  error: "error",
};

/** ● ▲ ■ ○ × drawn, so that they have the same weight in every font. On 12 × 12. */
export const VERDICT_SHAPES: Readonly<Record<Verdict, string>> = {
  ok: "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9Z",
  warn: "M6 1.2L11.2 10.5H.8Z",
  fail: "M1.75 1.75h8.5v8.5h-8.5Z",
  "no-data": "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8Z",
  error: "M2.2 2.2L9.8 9.8M9.8 2.2L2.2 9.8",
};

/** Colour and shape; hollow and dashed where the value is provisional. Says nothing: a word stands beside it. */
export function verdictShape(verdict: Verdict, provisional = false): Element {
  const isLine = verdict === "no-data" || verdict === "error" || provisional;
  return h(
    "svg",
    { class: `m-shape verdict-${verdict}`, viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" },
    h("path", {
      d: VERDICT_SHAPES[verdict],
      fill: isLine ? "none" : "currentColor",
      stroke: isLine ? "currentColor" : null,
      "stroke-width": isLine ? (verdict === "error" ? 2 : 1.5) : null,
      "stroke-dasharray": provisional && verdict !== "error" ? "2 1.5" : null,
    }),
  );
}

/** Colour, shape and word. */
export function verdictMark(verdict: Verdict, provisional = false): Element {
  return h(
    "span",
    { class: `m-verdict verdict-${verdict}` },
    verdictShape(verdict, provisional),
    h("span", {}, provisional ? `${VERDICT_WORDS[verdict]}, provisional` : VERDICT_WORDS[verdict]),
  );
}

/** What a reader is told where there is no verdict; without shape and colour, for nothing is said of the value. */
export const UNJUDGED_WORDS: Readonly<Record<Exclude<Standing, Verdict>, string>> = {
  "no-bound": "no bound",
  "not-judged": "not judged",
};

export function standingMark(standing: Standing, provisional = false): Element {
  if (!isUnjudged(standing)) return verdictMark(standing, provisional);
  return h("span", { class: "m-verdict m-quiet" }, UNJUDGED_WORDS[standing]);
}

/** As `verdictMark`, the word for screen readers only: where a column has no room for it. */
export function verdictSign(verdict: Verdict, provisional = false): Element {
  const word = provisional ? `${VERDICT_WORDS[verdict]}, provisional` : VERDICT_WORDS[verdict];
  return h(
    "span",
    { class: `m-verdict verdict-${verdict}`, title: word },
    verdictShape(verdict, provisional),
    h("span", { class: "visually-hidden" }, word),
  );
}
