import type * as Plot from "@observablehq/plot";

/** What a view says, before anything draws it: text, elements, and charts that wait for Plot and a width. */
export type Markup = string | Element | Chart | readonly Markup[];

export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Markup[];
}

export type PlotModule = typeof Plot;
export type PlotOptions = Plot.PlotOptions;
export type DataRow = Readonly<Record<string, string | number | null>>;

export interface Chart {
  /** For file names: "recall-over-time". */
  readonly name: string;
  readonly title: string;
  /** The content in words, for those who do not see the drawing. */
  readonly label: string;
  /** Halves and small ones stand side by side where there is room. */
  readonly size: "wide" | "half" | "small";
  readonly keys: readonly Key[];
  /** Plot comes in, so that the same chart is drawn by a browser and by a server. `width` is in pixels. */
  readonly options: (plot: PlotModule, width: number) => PlotOptions;
  /** The drawn numbers, for taking them away. */
  readonly data: readonly DataRow[];
  readonly handle: Handle | null;
  /** Where its points lead, from left to right; a press leads where the nearest does. */
  readonly leads?: readonly Lead[] | undefined;
}

/** `at` is a place on the x axis, in milliseconds of the drawing. */
export interface Lead {
  readonly at: number;
  readonly address: string;
}

/** What an ink of the drawing stands for. */
export interface Key {
  readonly shape: "line" | "dashes" | "area" | "hatch";
  readonly color: string;
  readonly text: string;
}

/** A rule on the x axis that a reader may move. */
export interface Handle {
  readonly label: string;
  /** The input that moves with it; null where moving it only reads. */
  readonly input: string | null;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** What holds at a place of the rule: the same in one sentence and as figures. */
  readonly read: (value: number) => { readonly text: string; readonly view: Markup };
}

type Attribute = string | number | boolean | null | undefined;

/** An element. Attributes that are false, null or undefined are left out; true stands for the bare name. */
export function h(
  tag: string,
  attributes: Readonly<Record<string, Attribute>>,
  ...children: readonly Markup[]
): Element {
  const kept = Object.entries(attributes).flatMap(([name, value]) =>
    value === false || value === null || value === undefined
      ? []
      : [[name, value === true ? "" : String(value)] as const],
  );
  return { tag, attributes: Object.fromEntries(kept), children };
}

export const isList = (markup: Markup): markup is readonly Markup[] => Array.isArray(markup);
export const isChart = (markup: Element | Chart): markup is Chart => "options" in markup;

/** HTML text of the markup; every text and attribute is escaped, only what `draw` returns is taken as it is. */
export function toHtml(markup: Markup, draw: (chart: Chart) => string): string {
  if (typeof markup === "string") return escapeText(markup);
  if (isList(markup)) return markup.map((one) => toHtml(one, draw)).join("");
  if (isChart(markup)) return draw(markup);
  const attributes = Object.entries(markup.attributes).map(([name, value]) => ` ${name}="${escapeText(value)}"`);
  return `<${markup.tag}${attributes.join("")}>${toHtml(markup.children, draw)}</${markup.tag}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeText = (text: string): string => text.replace(/[&<>"']/g, (found) => ESCAPES[found]!);
