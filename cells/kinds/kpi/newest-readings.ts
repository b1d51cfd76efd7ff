import type { KpiDisplay } from "../../results/monitor-display.ts";
import { type Reading, rounded } from "../../results/reading.ts";
import { number } from "./group-estimates.ts";
import { type CountedWindow, groupReadings, type KpiMeasurement, NO_TRUTH, truthOf } from "./group-readings.ts";
import { shownValue } from "./shown-value.ts";

/** The newest whole units, beside a window of mature ones. */
export interface NewestUnits extends CountedWindow {
  readonly window: readonly [string, string];
  /** "4 weeks", "week" */
  readonly length: string;
}

/** Their readings, provisional and not judged, and what the view shows of them. */
export function newestReadings(
  { length, ...counted }: NewestUnits,
  measurement: KpiMeasurement,
): { readings: Reading[]; shown: NonNullable<KpiDisplay["newest"]> } {
  const { window, groups } = counted;
  const own: KpiMeasurement = { ...measurement, ...counted, isBeside: true };
  const [whole] = groups;
  const all = whole === undefined ? [] : groupReadings(whole, own);
  // What is wrong with the cell as such is said once.
  const readings = all.filter(
    ({ metric, verdict }) => verdict !== "error" || measurement.problems[metric] === undefined,
  );
  return {
    readings,
    shown: {
      length,
      window: [...window],
      n: whole === undefined ? 0 : number(whole.counts, "n"),
      maturity: rounded(whole?.maturity?.value ?? null),
      truth: whole === undefined ? NO_TRUTH : truthOf(whole.counts),
      values: readings.map((reading) => shownValue(reading, whole!)),
    },
  };
}
