/**
 * How charts take the page's colours. The kernel draws with `currentColor` and with variables that have the light
 * value as fallback; a page sets the variables, a file that stands alone gets them written out.
 */
export const SERIES_COLORS: readonly string[] = [
  "#4269d0",
  "#efb118",
  "#ff725c",
  "#6cc5b0",
  "#3ca951",
  "#ff8ab7",
  "#a463f2",
  "#97bbf5",
  "#9c6b4e",
  "#9498a0",
];

/** The colour of series `index`, counted from 0. */
export function seriesColor(index: number): string {
  const at = index % SERIES_COLORS.length;
  return `var(--chart-${at + 1}, ${SERIES_COLORS[at]})`;
}

const COLOR_ATTRIBUTE = /\b(fill|stroke|color)="(#[0-9a-f]{6})"/g;

/** The default series colours in an SVG text as variables; a colour that the user chose otherwise stays. */
export function withSeriesVariables(svg: string): string {
  return svg.replace(COLOR_ATTRIBUTE, (text, attribute: string, color: string) => {
    const index = SERIES_COLORS.indexOf(color);
    return index < 0 ? text : `${attribute}="${seriesColor(index)}"`;
  });
}

/** The SVG for a file that no page styles: every variable replaced by its fallback. */
export function standaloneSvg(svg: string): string {
  return svg.replace(/var\(--[\w-]+,\s*([^()]*)\)/g, "$1");
}
