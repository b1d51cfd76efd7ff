import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Chart, isChart, isList, type Markup, type PlotOptions, toHtml } from "../../../cells/views/markup.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** The markup as a browser would read it; a chart says its label. */
export function page(markup: Markup) {
  const html = toHtml(markup, ({ label }) => `<figure>${label.replaceAll("<", "&lt;")}</figure>`);
  return parseHTML(`<!doctype html><html><body>${html}</body></html>`).document;
}

/** All that is said, in one line. */
export function said(markup: Markup): string {
  return (page(markup).body.textContent ?? "").replace(/\s+/g, " ").trim();
}

export function chartsOf(markup: Markup): readonly Chart[] {
  if (typeof markup === "string") return [];
  if (isList(markup)) return markup.flatMap(chartsOf);
  return isChart(markup) ? [markup] : markup.children.flatMap(chartsOf);
}

/** SVG text. Fails for a place that is not a number: Plot draws those without a word. */
export function drawn(chart: Chart, width = 600): string {
  const svg = Plot.plot({ ...chart.options(Plot, width), document } as PlotOptions) as unknown as { outerHTML: string };
  if (/NaN|Infinity/.test(svg.outerHTML)) throw new Error(`${chart.name} draws what is no number: ${svg.outerHTML}`);
  return svg.outerHTML;
}
