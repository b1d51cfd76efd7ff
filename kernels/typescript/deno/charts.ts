import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { withSeriesVariables } from "../../../cells/charts/theme.ts";
import type { ChartDisplay } from "../../../cells/results/display.ts";
import { HitRecorder } from "./hit-recorder.ts";

/**
 * Plot for cells: charts are drawn here, on linkedom, as SVG text with a table of where the points lie, and can be drawn
 * again at another width. What cells get from `Plot.plot` is a `Chart`, which `display` and a last expression show.
 */
const { document } = parseHTML("<!doctype html><html><body></body></html>");

export type PlotOptions = Plot.PlotOptions & Readonly<Record<string, unknown>>;

export class Chart {
  readonly options: PlotOptions;
  constructor(options: PlotOptions) {
    this.options = options;
  }

  /** True when its width is that of the page. */
  get followsWidth(): boolean {
    return this.options.width === undefined;
  }

  draw(width: number): ChartDisplay {
    const { title, subtitle, caption, color, marks, ...rest } = this.options;
    const recorder = new HitRecorder();
    const legend = (color as { legend?: unknown } | undefined)?.legend;
    const figure = Plot.plot({
      ...rest,
      marks: [marks].flat(Number.POSITIVE_INFINITY as 1).map((mark) => recorder.watch(mark)) as Plot.Markish[],
      ...(color === undefined ? {} : { color: { ...color, legend: false } }),
      width: this.options.width ?? Math.max(160, width),
      document: document as unknown as NonNullable<Plot.PlotOptions["document"]>,
    } as Plot.PlotOptions);
    const svg = (figure.tagName.toLowerCase() === "svg" ? figure : figure.querySelector("svg")) as unknown as DrawnSvg;
    // Plot's own style sheet is left out: pages have one for all charts, and their content policy allows no other.
    for (const style of svg.querySelectorAll("style")) style.remove();
    return {
      type: "chart",
      svg: withSeriesVariables(svg.outerHTML),
      hits: recorder.hits(),
      width: Number(svg.getAttribute("width")),
      height: Number(svg.getAttribute("height")),
      title: textOf(title),
      subtitle: textOf(subtitle),
      caption: textOf(caption),
      legends: legend ? legendsOf(figure as unknown as Plot.Plot) : [],
    };
  }
}

/** What is used of the SVG element that Plot drew. */
interface DrawnSvg {
  readonly outerHTML: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<{ remove(): void }>;
}

const textOf = (value: unknown): string | null => (value === undefined || value === null ? null : String(value));

interface ColorScale {
  readonly type: string;
  readonly label?: string;
  readonly domain: readonly unknown[];
  apply(value: unknown): string;
}

const MOST_SWATCHES = 50;
const RAMP_WIDTH = 240;

function legendsOf(figure: Plot.Plot): ChartDisplay["legends"] {
  const scale = figure.scale("color") as unknown as ColorScale | undefined;
  if (scale === undefined) return [];
  const label = scale.label ?? null;
  if (scale.type === "ordinal" || scale.type === "categorical" || scale.type === "threshold") {
    const items = scale.domain
      .slice(0, MOST_SWATCHES)
      .map((value) => ({ color: variable(scale.apply(value)), text: legendText(value) }));
    return [{ type: "swatches", label, items }];
  }
  return [{ type: "ramp", svg: rampSvg(scale, label) }];
}

/** A swatch takes the page's variable of its series. */
function variable(color: string): string {
  const found = /var\(.*\)/.exec(withSeriesVariables(`<i fill="${color}"/>`));
  return found?.[0].replace(/"\/>$/, "") ?? color;
}

function legendText(value: unknown): string {
  return value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
}

function rampSvg(scale: ColorScale, label: string | null): string {
  const [first, last] = [scale.domain[0], scale.domain.at(-1)].map(Number) as [number, number];
  const stops = Array.from({ length: 11 }, (_, at) => {
    const value = first + ((last - first) * at) / 10;
    return `<stop offset="${at * 10}%" stop-color="${scale.apply(value)}"/>`;
  });
  const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
  const name = label === null ? "" : `<text x="0" y="10" font-weight="600">${escapeText(label)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${RAMP_WIDTH}" height="40" viewBox="0 0 ${RAMP_WIDTH} 40" font-size="10" fill="currentColor"><defs><linearGradient id="ramp-${first}-${last}">${stops.join("")}</linearGradient></defs>${name}<rect x="0" y="14" width="${RAMP_WIDTH}" height="10" fill="url(#ramp-${first}-${last})"/><text x="0" y="36">${number.format(first)}</text><text x="${RAMP_WIDTH}" y="36" text-anchor="end">${number.format(last)}</text></svg>`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

const draw = (options: PlotOptions = {} as PlotOptions): Chart => new Chart(options);

// `mark.plot(options)` draws the mark alone, as Plot's own does.
const markPrototype = (Plot as unknown as { Mark: { prototype: { plot: unknown } } }).Mark.prototype;
markPrototype.plot = function plot(
  this: Plot.Markish,
  { marks = [], ...options }: PlotOptions = {} as PlotOptions,
): Chart {
  return draw({ ...options, marks: [...(marks as Plot.Markish[]), this] } as PlotOptions);
};

/** The module that cells know as `Plot`. */
export const plotForCells: Readonly<Record<string, unknown>> = { ...Plot, plot: draw };
