import { html, nothing, type TemplateResult } from "lit";
import { judgedValue, measuredParts, sinceText } from "../../cells/page/report-head.ts";
import { isUnjudged } from "../../cells/results/reading.ts";
import { unitText } from "../../cells/views/number-text.ts";
import { headlineName } from "../../cells/views/reading-words.ts";
import type { HeadlineReading, ReportLink, ReportWish } from "../../cells/wire/http-reports.ts";
import { standingView } from "./verdict-view.ts";

export const reportAddress = (slug: string): string => `/reports/${encodeURIComponent(slug)}`;
export const reportApi = (slug: string): string => `/api${reportAddress(slug)}`;
/** What readers see; a page of its own, not one of ours. */
export const pageAddress = (slug: string, revision?: number): string =>
  `/r/${slug}${revision === undefined ? "" : `/${revision}`}`;

/** "card-fraud-weekly" of "Card fraud, weekly". */
export function slugOf(title: string): string {
  const plain = title.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, "");
}

/** "threshold = 0.8, 0.9" by line: values of inputs, each of which is a page. @throws Error for a line that reads otherwise */
export function variantsOf(text: string): NonNullable<ReportWish["variants"]> {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, values] = /^\s*([\p{L}_$][\p{L}\p{N}_$]*)\s*=\s*(.+)$/u.exec(line) ?? [];
      if (name === undefined || values === undefined)
        throw new Error(`Variants: "${line.trim()}" must read NAME = VALUE, VALUE.`);
      return [name, values.split(",").map((value) => inputValue(value.trim()))];
    }),
  );
}

/** "threshold = 0.7" by line: values of inputs; a list or an object as JSON. @throws Error for a line that reads otherwise */
export function inputsOf(text: string): Record<string, unknown> {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^\s*([\p{L}_$][\p{L}\p{N}_$]*)\s*=\s*(.*)$/u.exec(line) ?? [];
      if (name === undefined || value === undefined)
        throw new Error(`Inputs: "${line.trim()}" must read NAME = VALUE.`);
      return [name, /^[[{"]|^null$/.test(value.trim()) ? jsonValue(name, value) : inputValue(value.trim())];
    }),
  );
}

/** The same as text: `inputsOf` reads it back. */
export function inputLines(set: Readonly<Record<string, unknown>>): string {
  const written = (value: unknown): string =>
    typeof value === "string" && value !== "null" && inputValue(value.trim()) === value && !/^[[{"]|\n/.test(value)
      ? value
      : JSON.stringify(value);
  return Object.entries(set)
    .map(([name, value]) => `${name} = ${written(value)}`)
    .join("\n");
}

function jsonValue(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Inputs: the value of ${name} is no JSON: ${(error as Error).message}.`, { cause: error });
  }
}

function inputValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

export type LinkState = "open" | "expired" | "revoked";
export function linkState({ revokedAt, expiresAt }: ReportLink, nowMillis: number = Date.now()): LinkState {
  if (revokedAt !== null) return "revoked";
  return Date.parse(expiresAt) <= nowMillis ? "expired" : "open";
}

/** Each headline reading in a line: what it is, what it was. */
export function headlineView(headline: readonly HeadlineReading[]): TemplateResult | typeof nothing {
  if (headline.length === 0) return nothing;
  return html`<ul class="r-lines">${headline.map(
    (one) =>
      html`<li><span class="muted" title=${one.name}>${headlineName(one.name)}</span> <b title=${measuredParts(one).join(" · ")}>${unitText(judgedValue(one), one.unit)}</b> ${isUnjudged(one.standing ?? one.verdict) ? nothing : standingView(one.standing ?? one.verdict)} <span class="muted small">${sinceText(one)}</span></li>`,
  )}</ul>`;
}
