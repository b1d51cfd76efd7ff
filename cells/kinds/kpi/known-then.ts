import { type Reading, rounded } from "../../results/reading.ts";
import { withoutInterval } from "../../statistics/outcomes/interval.ts";
import { estimatesOf } from "./group-estimates.ts";
import type { CountedGroup, KnownThen, KpiGroup } from "./kpi-groups.ts";
import type { KpiSpec } from "./kpi-spec.ts";

/** Why a metric of such a group has no value; null where it has one. */
type MissingOf = (metric: string, group: CountedGroup, sample: KnownThen["sample"]) => string | null;

/** The readings of a piece of time with what was known of it at an earlier as-of, where somebody asked. */
export function withKnownThen(
  readings: Reading[],
  { knownThen }: KpiGroup,
  spec: KpiSpec,
  missingOf: MissingOf,
): Reading[] {
  if (knownThen === null) return readings;
  const { group, asOf, sample } = knownThen;
  const estimates = estimatesOf(group, spec);
  return readings.map((reading) => {
    const estimate = estimates(reading.metric);
    if (estimate === null) return reading;
    const { n } = estimate;
    const isMissing = missingOf(reading.metric, group, sample) !== null;
    const { value, lower, upper } = isMissing ? withoutInterval(null, n) : estimate;
    const asKnownThen = { value: rounded(value), lower: rounded(lower), upper: rounded(upper), n, asOf };
    return { ...reading, details: { ...reading.details, asKnownThen } };
  });
}
