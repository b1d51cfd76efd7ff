import type { Bound } from "../results/reading.ts";
import { exactText, type Unit } from "./number-text.ts";

export interface Bounds {
  readonly warn: Bound | null;
  readonly fail: Bound | null;
}

/** "above 0.25", "outside 10% to 20%". */
export function boundWords(bound: Bound | null, unit: Unit): string {
  if (bound === null) return "–";
  if (bound.type === "outside") return `outside ${exactText(bound.low, unit)} to ${exactText(bound.high, unit)}`;
  return `${bound.type} ${exactText(bound.value, unit)}`;
}

/** "warn above 0.1, fail above 0.25"; "" without bounds. */
export function boundsSentence({ warn, fail }: Bounds, unit: Unit): string {
  return [
    ...(warn === null ? [] : [`warn ${boundWords(warn, unit)}`]),
    ...(fail === null ? [] : [`fail ${boundWords(fail, unit)}`]),
  ].join(", ");
}

export interface Limit {
  readonly level: "warn" | "fail";
  readonly value: number;
  readonly side: "above" | "below";
}

/** The lines that bounds draw. */
export function limitsOf({ warn, fail }: Bounds): readonly Limit[] {
  return (
    [
      ["warn", warn],
      ["fail", fail],
    ] as const
  ).flatMap(([level, bound]) => {
    if (bound === null) return [];
    if (bound.type !== "outside") return [{ level, value: bound.value, side: bound.type }];
    return [
      { level, value: bound.low, side: "below" },
      { level, value: bound.high, side: "above" },
    ] satisfies Limit[];
  });
}
