import type { HitMark, Hits } from "../cells/charts/hits.ts";
import type { DrawChart } from "../cells/page/notebook-page.ts";
import type { DrawTipped } from "../cells/page/report-page.ts";
import type { Chart, PlotModule, PlotOptions } from "../cells/views/markup.ts";

/** Plot over linkedom, loaded with the first page that needs it: a server that only serves browsers never draws. */
export async function chartDrawer(): Promise<DrawChart> {
  const { plot, document } = await loadPlot();
  return (chart, width) => drawn(plot, chart, width, document);
}

/**
 * The same with the places that answer a pointer: where Plot would put a tip under the pointer, a mark without ink
 * notes where its points come to lie.
 */
export async function tippedChartDrawer(): Promise<DrawTipped> {
  const { plot, document } = await loadPlot();
  return (chart, width) => {
    const marks: HitMark[] = [];
    const noting = { ...plot, ...notedTips(plot, marks) } as PlotModule;
    return { svg: drawn(noting, chart, width, document), hits: { marks, cut: false } satisfies Hits };
  };
}

async function loadPlot() {
  const [plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return { plot, document };
}

function drawn(plot: PlotModule, chart: Chart, width: number, document: unknown): string {
  const options = { ...chart.options(plot, width), document } as unknown as PlotOptions;
  const svg = plot.plot(options) as unknown as DrawnSvg;
  // Plot's own style sheet is for pages; an image has no use for it.
  for (const style of svg.querySelectorAll("style")) style.remove();
  return svg.outerHTML;
}

interface DrawnSvg {
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<{ remove(): void }>;
}

type Along = HitMark["by"];
/** Options that a pointer transform was asked for, with the axis along which it looks. */
interface Pointed {
  readonly along?: Along;
  readonly x?: unknown;
  readonly y?: unknown;
  readonly title?: unknown;
}

/** Plot's pointer, as far as the views of monitoring cells use it. */
function notedTips(plot: PlotModule, marks: HitMark[]) {
  const pointer =
    (along: Along) =>
    (options: Pointed): Pointed => ({ ...options, along });
  const tip = (data: readonly unknown[], { x, y, title, along = "both" }: Pointed): unknown => {
    const note = (index: ArrayLike<number>, _scales: unknown, values: Values): null => {
      const places = Array.from(index).filter((at) => values.x !== undefined && values.y !== undefined && at in data);
      marks.push({
        mark: "tip",
        channels: [{ name: "title", label: "" }],
        x: places.map((at) => tenth(values.x![at]!)),
        y: places.map((at) => tenth(values.y![at]!)),
        by: along,
        values: places.map((at) => [textOf(data[at], title)]),
        colors: places.map(() => null),
      });
      return null;
    };
    return plot.dot(data as never, { x, y, render: note } as never);
  };
  // A rule that follows the pointer has nothing to follow.
  const ruleX = (data: unknown, options?: Pointed): unknown =>
    options?.along === undefined ? plot.ruleX(data as never, options as never) : null;
  return { pointer: pointer("both"), pointerX: pointer("x"), pointerY: pointer("y"), tip, ruleX };
}

interface Values {
  readonly x?: ArrayLike<number>;
  readonly y?: ArrayLike<number>;
}
const tenth = (value: number): number => Math.round(value * 10) / 10;
const textOf = (row: unknown, title: unknown): string =>
  typeof title === "string" ? String((row as Record<string, unknown>)[title] ?? "") : "";
