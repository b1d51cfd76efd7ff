import type { Limit } from "../views/bound-words.ts";

/** What heights mean in a chart of bars. `base` is where bars stand, or hang from: 0 where the scale has it, else an end. */
export interface ChartScale {
  readonly low: number;
  readonly high: number;
  readonly base: number;
  /** Bounds within the scale. */
  readonly limits: readonly Limit[];
}

/** A bound that would leave the values less of the height than this is off the scale. */
const SMALLEST_PART = 1 / 8;

/**
 * The scale of the values and their bounds. It begins at 0, as bars should, but where all that is shown lies in the upper
 * half: there it begins below the least, and who shows it says so. `values` has at least one.
 */
export function chartScale(values: readonly number[], limits: readonly Limit[]): ChartScale {
  const [floor, top] = [Math.min(0, ...values), Math.max(0, ...values)];
  const within = limits.filter(
    ({ value }) => top - floor >= (Math.max(top, value) - Math.min(floor, value)) * SMALLEST_PART || top === floor,
  );
  const shown = [...values, ...within.map(({ value }) => value)];
  const [least, greatest] = [Math.min(...shown), Math.max(...shown)];
  if (least >= 0) return { ...upTo(least, greatest), limits: within };
  if (greatest > 0) return { low: least, high: greatest, base: 0, limits: within };
  const { low, high } = upTo(-greatest, -least);
  return { low: -high, high: low === 0 ? 0 : -low, base: low === 0 ? 0 : -low, limits: within };
}

/** For numbers that are not negative. */
function upTo(least: number, greatest: number): Pick<ChartScale, "low" | "high" | "base"> {
  if (greatest === 0) return { low: 0, high: 1, base: 0 };
  const low = least === greatest || least <= greatest / 2 ? 0 : roundBelow(least, greatest - least);
  return { low, high: greatest, base: low };
}

/** A round number so far below the least that its bar is seen. */
function roundBelow(least: number, span: number): number {
  const step = 10 ** Math.floor(Math.log10(span));
  const round = Number((Math.floor((least - span / 3) / step) * step).toPrecision(12));
  // At the end of what doubles can hold there is no rounder number; 0 serves.
  return round >= 0 && round <= least ? round : 0;
}
