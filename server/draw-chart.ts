import type { DrawChart } from "../cells/page/notebook-page.ts";
import type { PlotOptions } from "../cells/views/markup.ts";

/** Plot over linkedom, loaded with the first page that needs it: a server that only serves browsers never draws. */
export async function chartDrawer(): Promise<DrawChart> {
  const [plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return (chart, width) => {
    const options = { ...chart.options(plot, width), document } as unknown as PlotOptions;
    const svg = plot.plot(options) as unknown as DrawnSvg;
    // Plot's own style sheet is for pages; an image has no use for it.
    for (const style of svg.querySelectorAll("style")) style.remove();
    return svg.outerHTML;
  };
}

interface DrawnSvg {
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<{ remove(): void }>;
}
