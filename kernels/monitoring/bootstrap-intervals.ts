import { entityCount, isBootstrapped, MANY_ENTITIES, replicateSums } from "../../cells/kinds/kpi/bootstrap-plan.ts";
import type { BootstrapIntervals, Row } from "../../cells/kinds/kpi/kpi-groups.ts";
import type { KpiSpec } from "../../cells/kinds/kpi/kpi-spec.ts";
import type { KpiGrouping } from "../../cells/kinds/kpi/outcome-rows.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import { accountMetrics } from "../../cells/statistics/outcomes/accounts.ts";
import { FEWEST_REPLICATES, percentileInterval, REPLICATES } from "../../cells/statistics/outcomes/bootstrap.ts";
import { confusionMetrics } from "../../cells/statistics/outcomes/confusion.ts";
import { type Estimate, ratio, withoutInterval } from "../../cells/statistics/outcomes/interval.ts";
import type { KpiMetric } from "../../cells/statistics/outcomes/metrics.ts";
import { payoffMetrics } from "../../cells/statistics/outcomes/payoff.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask } from "./ask.ts";
import type { KpiRoles } from "./outcome-roles.ts";

/** Up to so many entities every metric has its interval; above, those that a bound is set for. */
const MOST_UNBOUNDED = 100_000;
/** Entities times replicates: some five seconds of two threads. */
const MOST_WEIGHTS = 100_000_000;

interface Asked {
  readonly spec: KpiSpec;
  readonly roles: KpiRoles;
  readonly selection: Selection;
  readonly grouping: KpiGrouping & { readonly slices: readonly string[] };
  readonly metrics: readonly KpiMetric[];
}

export const NO_INTERVALS: BootstrapIntervals = { found: {}, why: {} };

/** The intervals by part: 0 for all rows, 1… for the slices in their order; null for a piece of time, which has none. */
export async function bootstrapIntervals(
  asking: Asking,
  { spec, roles, selection, grouping, metrics }: Asked,
): Promise<(part: number | null) => BootstrapIntervals> {
  const asked = metrics.filter(isBootstrapped);
  if (asked.length === 0) return () => NO_INTERVALS;
  const [count] = await ask(asking, "entities", entityCount(selection, roles, duckdbDialect));
  const entities = Number(count?.n ?? 0);
  const hasBound = (metric: KpiMetric): boolean => spec.warn[metric] !== undefined || spec.fail[metric] !== undefined;
  const why = new Map<KpiMetric, string>();
  for (const metric of asked)
    if (entities * REPLICATES > MOST_WEIGHTS)
      why.set(metric, `No interval: ${entities} entities are too many for ${REPLICATES} replicates.`);
    else if (entities > MOST_UNBOUNDED && !hasBound(metric))
      why.set(
        metric,
        `No interval: with more than ${MOST_UNBOUNDED} entities only metrics that are judged by a bound have one.`,
      );
  const made = asked.filter((metric) => !why.has(metric));
  const sql = replicateSums(selection, roles, spec, grouping, made, entities, duckdbDialect);
  const rows = made.length === 0 || entities === 0 ? [] : await ask(asking, "replicates of the entities", sql);
  const replicates = Map.groupBy(rows, (row) => Number(row.part));
  return (part) => {
    if (part === null) return { found: {}, why: Object.fromEntries(asked.map((metric) => [metric, OF_PIECES])) };
    const found: Record<string, { lower: number; upper: number }> = {};
    const without: Record<string, string> = Object.fromEntries(why);
    const rowsOfPart = replicates.get(part) ?? [];
    const all = part === 0 && entities >= MANY_ENTITIES ? withEmpty(rowsOfPart) : rowsOfPart;
    const own = all.map((row) => replicateMetrics(row, spec));
    for (const metric of made) {
      const interval = percentileInterval(own.map((one) => one[metric]?.value ?? null));
      if (interval === null) without[metric] = TOO_FEW;
      else found[metric] = interval;
    }
    return { found, why: without };
  };
}

export const OF_PIECES = "No interval: it is made of all rows and of slices, not of pieces of time.";
export const TOO_FEW = `No interval: fewer than ${FEWEST_REPLICATES} of ${REPLICATES} replicates have a value.`;

/** With the replicates whose sums are all 0, which the statement leaves out. */
const withEmpty = (rows: readonly Row[]): readonly Row[] => [
  ...rows,
  ...Array.from({ length: REPLICATES - rows.length }, () => ({})),
];

/** The metrics of one replicate's sums; of those that were asked for, whose sums are there. */
function replicateMetrics(row: Row, { beta }: KpiSpec): Readonly<Record<string, Estimate>> {
  const sum = (name: string): number => Number(row[name] ?? 0);
  const confusion = { tp: sum("tp"), fp: sum("fp"), tn: sum("tn"), fn: sum("fn") };
  // Without counts only the total is asked for, which needs no n but that there are rows.
  const n = row.tn === undefined ? 1 : confusion.tp + confusion.fp + confusion.tn + confusion.fn;
  const accounts = accountMetrics({
    fraudAccounts: sum("fraud_accounts"),
    detectedAccounts: sum("detected"),
    alertedNonFraudAccounts: sum("alerted_non_fraud"),
    fraudAmount: sum("fraud_amount"),
    amountFromFirstAlert: sum("from_first"),
    amountAfterFirstAlert: sum("after_first"),
    amountAlerted: 0,
    rows: confusion,
  });
  const payoffs = payoffMetrics({
    n,
    tp: sum("payoff"),
    fp: 0,
    tn: 0,
    fn: 0,
    alwaysYes: sum("always_yes"),
    alwaysNo: sum("always_no"),
  });
  return {
    ...confusionMetrics(confusion, { beta, intervals: false }),
    ...payoffs,
    ...accounts,
    value_recall: withoutInterval(ratio(sum("alerted_amount"), sum("positive_amount")), n),
  };
}
