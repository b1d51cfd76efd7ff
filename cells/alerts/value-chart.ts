import { type Bound, isPast } from "../results/reading.ts";
import { type Limit, limitsOf } from "../views/bound-words.ts";
import type { Unit } from "../views/number-text.ts";
import type { Observation } from "./alert.ts";
import { type ChartScale, chartScale } from "./chart-scale.ts";
import type { NotedAlert } from "./notification.ts";
import type { PastValue } from "./past-value.ts";

/** The bound that the chart shows: that of `fail`, or of `warn` where there is no other. */
export interface ChartBound {
  readonly level: "warn" | "fail";
  readonly bound: Bound;
  /** How many of the measured values are past it. */
  readonly past: number;
}

/** What every format draws of an alert's value, in its way: the value, or what its bounds are held against, where that is known. */
export interface ValueChart {
  readonly metric: string;
  /** The bars are of another number than the value, such as a distance in σ. */
  readonly isOfJudged: boolean;
  /** Oldest first, at least one. */
  readonly points: readonly PastValue[];
  /** Those that were measured, in order. */
  readonly values: readonly number[];
  readonly unit: Unit;
  /** Null where there is none, or where it is held against another number than the value. */
  readonly bound: ChartBound | null;
  /** The bound is one of another number, which is not known of all points. */
  readonly isJudgedOtherwise: boolean;
  /** Null where fewer than two values are known: one bar shows no course. */
  readonly scale: ChartScale | null;
}

/** Null where nothing is known of the value's past. */
export function valueChart({ metric, observation, history }: NotedAlert): ValueChart | null {
  if (metric === null || observation === null || history.length === 0) return null;
  const { bounds, judged, value } = observation;
  const isOther = judged !== null && judged !== value && (bounds.fail ?? bounds.warn) !== null;
  const isOfJudged = isOther && history.every((past) => past.value === null || past.judged !== null);
  const isJudgedOtherwise = isOther && !isOfJudged;
  const points = isOfJudged ? history.map((past) => ({ ...past, value: past.judged })) : history;
  const values = points.flatMap((past) => (past.value === null ? [] : [past.value]));
  const bound = isJudgedOtherwise ? null : boundOf(observation, values);
  return {
    metric,
    isOfJudged,
    points,
    values,
    unit: isOfJudged ? "number" : unitOf(observation, values),
    bound,
    isJudgedOtherwise,
    scale: values.length < 2 ? null : chartScale(values, linesOf(bound)),
  };
}

function boundOf({ bounds }: Observation, values: readonly number[]): ChartBound | null {
  const bound = bounds.fail ?? bounds.warn;
  if (bound === null) return null;
  const past = values.filter((value) => isPast(value, bound)).length;
  return { level: bounds.fail === null ? "warn" : "fail", bound, past };
}

export function linesOf(bound: ChartBound | null): readonly Limit[] {
  return bound === null ? [] : limitsOf({ warn: null, fail: null, [bound.level]: bound.bound });
}

/** A whole number looks like a count until another value is none. */
function unitOf({ unit }: Observation, values: readonly number[]): Unit {
  return unit === "count" && !values.every((value) => Number.isInteger(value)) ? "number" : unit;
}
