import type { ChartScale } from "./chart-scale.ts";
import type { ValueChart } from "./value-chart.ts";

/** Pixels, without rules and signs. */
export const CHART_HEIGHT = 56;

/** From the bottom, in pixels; null where there is no value. A bar is never without height: it was measured. */
export type Bar = { readonly from: number; readonly to: number; readonly level: "ok" | "warn" | "fail" } | null;

/** A line across all bars: a bound, or zero where bars go both ways. */
export interface Rule {
  readonly at: number;
  readonly level: "warn" | "fail" | "zero";
}

export function heightOf(value: number, { low, high }: ChartScale): number {
  return Math.round(((value - low) / (high - low)) * CHART_HEIGHT);
}

/** From the top down, one at a height: a bound goes before zero. */
export function rulesOf({ bound }: ValueChart, scale: ChartScale): readonly Rule[] {
  const { low, high, base, limits } = scale;
  const zero: Rule[] = low < 0 && high > 0 ? [{ at: heightOf(base, scale), level: "zero" }] : [];
  const rules = limits.map(({ value }): Rule => ({ at: heightOf(value, scale), level: bound!.level }));
  const byHeight = new Map([...zero, ...rules].map((rule) => [rule.at, rule]));
  return [...byHeight.values()].toSorted((a, b) => b.at - a.at);
}

export function barsOf({ points }: ValueChart, scale: ChartScale): readonly Bar[] {
  const base = heightOf(scale.base, scale);
  return points.map(({ value, verdict }): Bar => {
    if (value === null) return null;
    const end = endOf(value, scale);
    const level = verdict === "warn" || verdict === "fail" ? verdict : "ok";
    if (end === base)
      return base === CHART_HEIGHT ? { from: base - 1, to: base, level } : { from: base, to: base + 1, level };
    return { from: Math.min(base, end), to: Math.max(base, end), level };
  });
}

/** A value that is past a bound by less than a pixel is drawn past it. */
function endOf(value: number, scale: ChartScale): number {
  let end = heightOf(value, scale);
  for (const { value: limit } of scale.limits) {
    const at = heightOf(limit, scale);
    if (value > limit) end = Math.max(end, at + 1);
    if (value < limit) end = Math.min(end, at - 1);
  }
  return Math.min(CHART_HEIGHT, Math.max(0, end));
}
