import type { Chunk } from "../../monitoring/monitoring-keys.ts";
import type { KpiDisplay, KpiValue } from "../../results/monitor-display.ts";
import { type Reading, rounded, verdictOfReadings } from "../../results/reading.ts";
import { KPI_METRICS, type KpiMetric } from "../../statistics/outcomes/metrics.ts";
import { negativesNote } from "../../statistics/outcomes/truth.ts";
import { drawnCurve, labelCurves } from "./drawn-figures.ts";
import { number } from "./group-estimates.ts";
import {
  estimatedOf,
  groupReadings,
  isProvisionalGroup,
  type KpiMeasurement,
  missingOf,
  NO_TRUTH,
  truthOf,
} from "./group-readings.ts";
import { withKnownThen } from "./known-then.ts";
import type { KpiGroup } from "./kpi-groups.ts";

/** Readings and view of a kpi cell from what was counted: all rows first, then slices, then chunks of time. */
export function kpiReadings(measurement: KpiMeasurement): { readings: Reading[]; display: KpiDisplay } {
  const { spec, groups, metrics, window, asOf } = measurement;
  const measured = groups.map((group) => ({
    group,
    readings: withKnownThen(groupReadings(group, measurement), group, spec, (metric, then, sample) =>
      missingOf(metric, then, { ...measurement, sample }),
    ),
  }));
  const readings = measured.flatMap((one) => one.readings);
  const whole = measured.find(({ group }) => group.slice === null && group.chunk === null);
  const values = (list: readonly Reading[], group: KpiGroup): KpiValue[] =>
    list.map((reading) => shownValue(reading, group));
  const counts = whole === undefined ? NO_TRUTH : truthOf(whole.group.counts);
  const note = negativesNote(counts, measurement.hasSilenceRule);
  const scores = whole?.group.scores ?? null;
  const curve = scores === null ? null : drawnCurve(scores, spec);
  return {
    readings,
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

/** "4 weeks" */
const lengthText = ({ count, unit }: Chunk): string => `${count} ${unit}${count === 1 ? "" : "s"}`;

function shownValue(reading: Reading, group: KpiGroup): KpiValue {
  const { metric, value, lower, upper, n, verdict, reason, bounds, provisional, id, details } = reading;
  const unit = KPI_METRICS[metric as KpiMetric]?.unit ?? "number";
  const estimated = estimatedOf(group, metric);
  return {
    metric,
    value,
    lower,
    upper,
    n,
    verdict,
    reason,
    bounds,
    provisional,
    unit,
    reading: id,
    ...(estimated === undefined ? {} : { estimated }),
    ...(typeof reading.details.attainable === "number" ? { attainable: reading.details.attainable } : {}),
    ...(details.asKnownThen === undefined ? {} : { asKnownThen: details.asKnownThen as KpiValue["asKnownThen"] }),
  };
}
