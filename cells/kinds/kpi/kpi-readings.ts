import { lengthText } from "../../monitoring/monitoring-keys.ts";
import type { KpiDisplay, KpiValue } from "../../results/monitor-display.ts";
import { type Reading, rounded, verdictOfReadings } from "../../results/reading.ts";
import { negativesNote } from "../../statistics/outcomes/truth.ts";
import { drawnCurve, labelCurves } from "./drawn-figures.ts";
import { number } from "./group-estimates.ts";
import {
  groupReadings,
  isProvisionalGroup,
  type KpiMeasurement,
  missingOf,
  NO_TRUTH,
  truthOf,
} from "./group-readings.ts";
import { withKnownThen } from "./known-then.ts";
import type { KpiGroup } from "./kpi-groups.ts";
import { type NewestUnits, newestReadings } from "./newest-readings.ts";
import { shownValue } from "./shown-value.ts";

/**
 * Readings and view of a kpi cell from what was counted: all rows first, then slices, then chunks of time. `newest` are the
 * units beside mature ones; null where none are.
 */
export function kpiReadings(
  measurement: KpiMeasurement,
  newest: NewestUnits | null,
): { readings: Reading[]; display: KpiDisplay } {
  const { spec, groups, metrics, window, asOf } = measurement;
  const measured = groups.map((group) => ({
    group,
    readings: withKnownThen(groupReadings(group, measurement), group, spec, (metric, then, sample) =>
      missingOf(metric, then, { ...measurement, sample }),
    ),
  }));
  const readings = measured.flatMap((one) => one.readings);
  const beside = newest === null ? null : newestReadings(newest, measurement);
  const whole = measured.find(({ group }) => group.slice === null && group.chunk === null);
  const values = (list: readonly Reading[], group: KpiGroup): KpiValue[] =>
    list.map((reading) => shownValue(reading, group));
  const counts = whole === undefined ? NO_TRUTH : truthOf(whole.group.counts);
  const note = negativesNote(counts, measurement.hasSilenceRule);
  const scores = whole?.group.scores ?? null;
  const curve = scores === null ? null : drawnCurve(scores, spec);
  return {
    readings: [...readings, ...(beside?.readings ?? [])],
    display: {
      type: "kpi",
      from: spec.from,
      window: window === null ? null : [...window],
      asOf,
      n: whole === undefined ? 0 : number(whole.group.counts, "n"),
      verdict: verdictOfReadings(readings),
      statements: [...measurement.statements],
      ...(measurement.marks.length === 0 ? {} : { marks: measurement.marks }),
      notes: [
        ...(note === null ? [] : [note]),
        ...measurement.notes,
        ...(whole?.group.isRounded === true
          ? ["Scores are rounded to 5 decimals: there are more than a million rows."]
          : []),
        ...(metrics.includes("afpr") || metrics.includes("tfpr")
          ? ["afpr and tfpr are ratios of false to true alerts, not rates; they may exceed 1."]
          : []),
      ],
      truth: counts,
      ...(measurement.feedback === null ? {} : { feedback: { ...measurement.feedback } }),
      ...(spec.knownAfter === null ? {} : { knownAfter: lengthText(spec.knownAfter) }),
      maturity: rounded(whole?.group.maturity?.value ?? null),
      provisional: whole !== undefined && isProvisionalGroup(whole.group, measurement),
      threshold: spec.threshold,
      thresholdInput: null,
      values: whole === undefined ? [] : values(whole.readings, whole.group),
      ...(beside === null ? {} : { newest: beside.shown }),
      series: measured.flatMap(({ group, readings: own }) =>
        group.chunk === null
          ? []
          : [
              {
                window: [...group.chunk] as [string, string],
                provisional: isProvisionalGroup(group, measurement),
                values: values(own, group),
              },
            ],
      ),
      slices: measured.flatMap(({ group, readings: own }) =>
        group.slice === null ? [] : [{ slice: group.slice, values: values(own, group) }],
      ),
      ...curve,
      curve: curve?.curve ?? null,
      reliability: curve?.reliability ?? null,
      best: curve?.best ?? null,
      curveOfLabels: measurement.curves === null ? null : labelCurves(measurement.curves),
    },
  };
}
