import type { Verdict } from "../results/reading.ts";
import { type Element, h, type Markup, toHtml } from "../views/markup.ts";
import { countText } from "../views/number-text.ts";
import { VERDICT_WORDS } from "../views/verdict-mark.ts";
import type { AlertState } from "./alert.ts";
import { STATE_WORDS } from "./alert-words.ts";
import { barChart, SIGNS } from "./bar-chart.ts";
import { blockChart } from "./block-chart.ts";
import type { ChartScale } from "./chart-scale.ts";
import { chartWords } from "./chart-words.ts";
import { DARK_SHEET, GROUND, type Ink, ink, LINE } from "./mail-style.ts";
import type { MessageItem, MessagePlace, MessageText } from "./message-text.ts";
import type { ValueChart } from "./value-chart.ts";

/** Gmail cuts off what comes after 102 kB; the head, the title and the links need some of it. */
const MOST_CHARACTERS = 92_000;
const MONO = "font-family:ui-monospace,'SF Mono','Cascadia Code',Menlo,Consolas,monospace";
const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

const STATES: Readonly<Record<AlertState, { readonly sign: string; readonly ink: Ink }>> = {
  inactive: { sign: "●", ink: "ok" },
  pending: SIGNS.warn,
  firing: SIGNS.fail,
  recovering: SIGNS.warn,
  resolved: { sign: "●", ink: "ok" },
  "no-data": { sign: "○", ink: "text" },
  error: SIGNS.error,
  gone: { sign: "○", ink: "muted" },
};

/** Bars, or the same as a line of block characters, which takes a fiftieth of the room. */
type Drawing = (chart: ValueChart, scale: ChartScale, words: string) => Element;

const bars: Drawing = barChart;
const blocks: Drawing = (chart) => h("div", { style: `${MONO};white-space:pre` }, blockChart(chart)!);

/**
 * The HTML part of an e-mail: nothing in it is fetched, and all that is anybody's data is escaped. Charts that would make it
 * too long for mail programs are blocks.
 */
export function mailHtml(message: MessageText, { zone }: MessagePlace): string {
  const { title, items, rest, links } = message;
  let room = MOST_CHARACTERS;
  const parts = items.map((item) => {
    const whole = itemPart(item, zone, bars);
    const length = toHtml(whole, noDrawing).length;
    const part = length <= room ? whole : itemPart(item, zone, blocks);
    room -= length <= room ? length : toHtml(part, noDrawing).length;
    return part;
  });
  const body = h(
    "div",
    { class: "ground", style: `max-width:640px;padding:16px;${GROUND}` },
    h("h1", ink("text", "margin:0 0 12px;font-size:18px;line-height:24px;font-weight:600"), title),
    ...parts,
    ...(rest === null ? [] : [h("p", ink("text", "margin:0 0 12px"), rest)]),
    h("p", { class: "line", style: `margin:0;padding-top:12px;${LINE}` }, ...between(links.map(link), " · ")),
  );
  const page = h(
    "body",
    { class: "ground", style: `margin:0;font-size:14px;line-height:20px;${FONT};${GROUND}` },
    body,
  );
  return `${headOf(title)}${toHtml(page, noDrawing)}</html>\n`;
}

const headOf = (title: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">${toHtml(
    h("title", {}, title),
    noDrawing,
  )}<style>${DARK_SHEET}</style></head>`;

function noDrawing(): never {
  throw new Error("An e-mail has no drawings.");
}

function itemPart(item: MessageItem, zone: string, draw: Drawing): Element {
  const { state, subject, value, began, reason, chart, links } = item;
  const { sign, ink: color } = STATES[state];
  return h(
    "div",
    { class: "line", style: `padding:12px 0;${LINE}` },
    h(
      "div",
      ink("text"),
      h("span", ink(color, "font-weight:600"), `${sign} ${STATE_WORDS[state]}`),
      "  ",
      h("span", ink("strong"), subject),
    ),
    ...(value === null ? [] : [h("div", ink("text"), value)]),
    h("div", ink("muted"), `Since ${began}.${reason === null ? "" : ` ${reason}`}`),
    ...(chart === null ? [] : chartPart(chart, zone, draw)),
    h("div", {}, ...between(links.map(link), " · ")),
  );
}

function chartPart(chart: ValueChart, zone: string, draw: Drawing): readonly Element[] {
  const { values, runs } = chartWords(chart, zone);
  const { scale } = chart;
  const caption = ink("muted", "margin:2px 0 4px;font-size:12px;line-height:16px");
  return [
    ...(scale === null
      ? []
      : [h("div", ink("text", "padding-top:8px"), draw(chart, scale, `${values.join("; ")}. ${runs}.`))]),
    h("div", caption, ...[values.join("; "), runs, ...legend(chart)].map((line) => h("div", {}, line))),
  ];
}

/** "■ 2 fail · ▲ 1 warn · 25 ok": what the signs mean, and how many there are. */
function legend({ points }: ValueChart): readonly Markup[] {
  const counts = Map.groupBy(points, ({ verdict }) => verdict);
  const known = (["fail", "warn", "error", "no-data", "ok"] as const).filter((verdict) => counts.has(verdict));
  if (known.every((verdict) => verdict === "ok")) return [];
  return [
    between(
      known.map((verdict) => legendEntry(verdict, counts.get(verdict)!.length)),
      " · ",
    ),
  ];
}

function legendEntry(verdict: Verdict, count: number): Markup {
  const { sign, ink: color } = SIGNS[verdict];
  const words = `${countText(count)} ${VERDICT_WORDS[verdict]}`;
  return sign === "" ? words : [h("span", ink(color), sign), ` ${words}`];
}

const link = ({ text, href }: { readonly text: string; readonly href: string }): Element =>
  h("a", { href, ...ink("link") }, text);

const between = (parts: readonly Markup[], separator: Markup): readonly Markup[] =>
  parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]));
