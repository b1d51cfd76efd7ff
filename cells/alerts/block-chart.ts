import { unitText } from "../views/number-text.ts";
import type { ValueChart } from "./value-chart.ts";

const BLOCKS = "▁▂▃▄▅▆▇█";

/**
 * "▁▁▂▁ ▇█ 0.310": a block for each run, for text of fixed width; a space where there is no value, and the last value
 * behind its block. Null where there are too few for a chart.
 */
export function blockChart({ points, unit, scale }: ValueChart): string | null {
  if (scale === null) return null;
  const { low, high } = scale;
  const blocks = points.map(({ value }) => {
    if (value === null) return " ";
    const level = Math.floor(((value - low) / (high - low)) * BLOCKS.length);
    return BLOCKS[Math.min(BLOCKS.length - 1, level)]!;
  });
  const last = points.at(-1)!.value;
  return last === null ? blocks.join("") : `${blocks.join("")} ${unitText(last, unit)}`;
}
