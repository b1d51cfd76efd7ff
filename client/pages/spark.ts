import { html, svg, type TemplateResult } from "lit";

/** A line of counts, as wide as a word. */
export function sparkline(counts: readonly number[], label: string, width = 120, height = 24): TemplateResult {
  const most = Math.max(1, ...counts);
  const step = width / Math.max(1, counts.length - 1);
  const points = counts.map(
    (count, at) => `${(at * step).toFixed(1)},${(height - 1 - (count / most) * (height - 3)).toFixed(1)}`,
  );
  return html`<svg class="spark" width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img" aria-label=${label} style="max-width:100%" preserveAspectRatio="none">
    <title>${label}</title>${svg`<polyline points=${points.join(" ")} fill="none" stroke="currentColor" stroke-width="1.25"></polyline>`}
  </svg>`;
}

/** Ends of a share's axis that leave the curve room: 1 %, 2 %, 5 %, 10 % and so on up to all. */
const TOPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] as const;

/** Shares from 0 to 1 over x, with their axis. */
export function curve(
  points: readonly { readonly x: number; readonly y: number }[],
  label: string,
  width = 420,
  height = 120,
): TemplateResult {
  const most = Math.max(1, ...points.map(({ x }) => x));
  const highest = Math.max(0, ...points.map(({ y }) => y));
  const end = TOPS.find((one) => one >= highest) ?? 1;
  const at = ({ x, y }: { x: number; y: number }): string =>
    `${(32 + (x / most) * (width - 40)).toFixed(1)},${(8 + (1 - y / end) * (height - 28)).toFixed(1)}`;
  return html`<svg class="spark" width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img" aria-label=${label} style="max-width:100%">
    ${[0, 0.5, 1].map((y) => svg`<line x1="32" x2=${width - 8} y1=${8 + (1 - y) * (height - 28)} y2=${8 + (1 - y) * (height - 28)} stroke="var(--line)"></line><text x="28" y=${12 + (1 - y) * (height - 28)} text-anchor="end" font-size="10" fill="var(--muted)">${y * end * 100}%</text>`)}
    ${svg`<polyline points=${points.map(at).join(" ")} fill="none" stroke="currentColor" stroke-width="1.5"></polyline>`}
    ${svg`<text x=${width - 8} y=${height - 4} text-anchor="end" font-size="10" fill="var(--muted)">${most} days after the decision</text>`}
  </svg>`;
}
