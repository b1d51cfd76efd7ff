import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import { POISSON_ONE_CUMULATIVE, REPLICATES } from "../../statistics/outcomes/bootstrap.ts";
import { KPI_METRICS, type KpiMetric } from "../../statistics/outcomes/metrics.ts";
import type { KpiSpec } from "./kpi-spec.ts";
import { type KpiGrouping, money, type OutcomeRoles, rowsOf, some } from "./outcome-rows.ts";

const OF_PAYOFFS: readonly string[] = ["payoff_total", "payoff_per_decision", "savings"];
const OF_FIRST_ALERT: readonly string[] = ["vdr_realtime", "vdr_online"];

const ALL_COUNTS = ["tp", "fp", "tn", "fn"] as const;
/**
 * The sums that a metric is made of, and no others: an entity for which all of them are 0 changes no replicate, and where
 * few are alerted or fraud most entities are such.
 */
const SUMS: Readonly<Record<string, readonly string[]>> = {
  f1: ["tp", "fp", "fn"],
  f_beta: ["tp", "fp", "fn"],
  mcc: ALL_COUNTS,
  balanced_accuracy: ALL_COUNTS,
  tfpr: ["tp", "fp"],
  payoff_total: ["payoff"],
  payoff_per_decision: ["payoff", ...ALL_COUNTS],
  savings: ["payoff", "always_yes", "always_no", ...ALL_COUNTS],
  value_recall: ["positive_amount", "alerted_amount"],
  adr: ["fraud_accounts", "detected"],
  afpr: ["alerted_non_fraud", "detected"],
  vdr_realtime: ["fraud_amount", "from_first"],
  vdr_online: ["fraud_amount", "after_first"],
};

/** Of so many entities no replicate weighs every one with 0: the chance is e^-100. */
export const MANY_ENTITIES = 100;

/** Whether replicates of a metric can be made of sums per entity. */
export const isBootstrapped = (metric: KpiMetric): boolean =>
  KPI_METRICS[metric].interval === "bootstrap" && SUMS[metric] !== undefined;

type BootstrapSpec = Pick<KpiSpec, "payoff">;

/** One row: how many entities the selection has. */
export function entityCount(selection: Selection, roles: OutcomeRoles, dialect: Dialect): string {
  const isByRow = roles.entity === null && roles.identity === null;
  const key = isByRow ? "0" : entityKey(selection, roles, dialect);
  const rows = rowsOf(selection, roles, { slice: null, chunks: [] }, [], dialect);
  return `SELECT count(${isByRow ? "*" : "DISTINCT db_key"}) AS n FROM (SELECT ${key} AS db_key FROM (${rows}))`;
}

/**
 * Per part (0: all rows, 1…: the slices in their order) and replicate: the sums that the metrics are made of, with each
 * entity's rows weighted by a Poisson variable of the hash of (entity, replicate). All sums are of integers or decimals.
 * With `entities` as many as MANY_ENTITIES, those of all rows whose sums are 0 are not resampled: then a replicate that
 * is left out has sums of 0.
 */
export function replicateSums(
  selection: Selection,
  roles: OutcomeRoles,
  spec: BootstrapSpec,
  grouping: KpiGrouping & { readonly slices: readonly string[] },
  metrics: readonly KpiMetric[],
  entities: number,
  dialect: Dialect,
): string {
  const rows = rowsOf(selection, roles, { slice: grouping.slice, chunks: [] }, [], dialect);
  const needed = new Set(metrics.flatMap((metric) => SUMS[metric] ?? []));
  const sums = Object.entries(entitySums()).filter(([name]) => needed.has(name));
  const isOrdered = metrics.some((metric) => OF_FIRST_ALERT.includes(metric));
  const counted =
    entities < MANY_ENTITIES ? "" : ` WHERE part <> 0 OR ${sums.map(([name]) => `${name} <> 0`).join(" OR ")}`;
  const part = (number: string, keys: string, condition: string): string =>
    `SELECT ${number} AS part, db_key, ${sums.map(([name, sum]) => `${sum} AS ${name}`).join(", ")}
  FROM (SELECT *${isOrdered ? `, ${runningAlerts(keys, roles)}` : ""} FROM db_rows${condition}) GROUP BY ${keys}`;
  const parts = [part("0", "db_key", "")];
  if (grouping.slice !== null) parts.push(part("db_part", "db_part, db_key", " WHERE db_part IS NOT NULL"));
  const cases = grouping.slices.map((value, at) => `WHEN ${dialect.text(value)} THEN ${at + 1}`).join(" ");
  const columns = [
    `${entityKey(selection, roles, dialect)} AS db_key`,
    `${roles.entity === null ? "false" : `${roles.entity} IS NOT NULL`} AS db_is_account`,
    `${grouping.slice === null ? "NULL" : `CASE db_slice ${cases} END`} AS db_part`,
    "db_truth, db_alerted",
    `${roles.amount === null ? "0" : money(roles.amount, roles.money.amount, dialect)} AS db_amount`,
    ...(isOrdered ? [`${roles.time} AS db_time, ${roles.identity ?? "NULL"} AS db_identity`] : []),
    ...(metrics.some((metric) => OF_PAYOFFS.includes(metric)) ? payoffColumns(spec, roles, dialect) : []),
  ];
  return `WITH db_rows AS (SELECT ${columns.join(", ")} FROM (${rows})),
db_entities AS (${parts.join("\nUNION ALL\n")}),
db_weighted AS (SELECT *, ${poisson(dialect.uniform(["db_key", "replicate"]), dialect)} AS weight
  FROM (SELECT * FROM db_entities${counted}) AS counted, ${dialect.integers(REPLICATES, "replicate")})
SELECT CAST(part AS INTEGER) AS part, CAST(replicate AS INTEGER) AS replicate, ${sums.map(([name]) => `CAST(sum(weight * ${name}) AS DOUBLE PRECISION) AS ${name}`).join(", ")}
FROM db_weighted WHERE weight > 0 GROUP BY part, replicate ORDER BY part, replicate`;
}

/** What is weighted as one: an entity, else a decision, else a row, equal rows being numbered. */
export function entityKey({ relation }: Selection, { entity, identity }: OutcomeRoles, dialect: Dialect): string {
  const content = dialect.hash(relation.columns.map(({ name }) => dialect.name(name)));
  const numbered = `${dialect.hash([content, `row_number() OVER (PARTITION BY ${content})`])}`;
  const row = identity === null ? numbered : dialect.hash([dialect.text("row"), identity]);
  return entity === null ? row : `CASE WHEN ${entity} IS NULL THEN ${row} ELSE ${dialect.hash([entity])} END`;
}

/** The weight whose hash is `uniform`: see `poissonWeight`. */
export function poisson(uniform: string, dialect: Dialect): string {
  const cases = POISSON_ONE_CUMULATIVE.map((share, at) => `WHEN ${uniform} < ${dialect.number(share)} THEN ${at}`);
  return `CAST(CASE ${cases.join(" ")} ELSE ${POISSON_ONE_CUMULATIVE.length} END AS INTEGER)`;
}

function runningAlerts(keys: string, { identity }: OutcomeRoles): string {
  const order = identity === null ? "db_time, db_alerted, db_truth, db_amount" : "db_time, db_identity";
  return `sum(CASE WHEN db_alerted THEN 1 ELSE 0 END) OVER (PARTITION BY ${keys} ORDER BY ${order} ROWS UNBOUNDED PRECEDING) AS db_alerts`;
}

function payoffColumns({ payoff }: BootstrapSpec, roles: OutcomeRoles, dialect: Dialect): string[] {
  const side = (positive: string, negative: string): string =>
    `CASE WHEN db_truth THEN ${money(positive, roles.money.payoff, dialect)} WHEN NOT db_truth THEN ${money(negative, roles.money.payoff, dialect)} END`;
  if (payoff === null) return [];
  const { tp, fp, tn, fn } = payoff;
  const [yes, no] = [side(tp, fp), side(fn, tn)];
  return [`CASE WHEN db_alerted THEN ${yes} ELSE ${no} END AS db_payoff`, `${yes} AS db_yes`, `${no} AS db_no`];
}

/** Aggregates over the rows of one entity, by the name of the sum. */
function entitySums(): Record<string, string> {
  const amount = (condition: string): string => `coalesce(sum(db_amount) FILTER (WHERE ${condition}), 0)`;
  const isFraud = `coalesce(${some("db_truth")}, false)`;
  const isAlerted = some("db_alerted");
  const account = (condition: string): string =>
    `CASE WHEN ${some("db_is_account")} AND ${condition} THEN 1 ELSE 0 END`;
  return {
    tp: "count(*) FILTER (WHERE db_truth AND db_alerted)",
    fp: "count(*) FILTER (WHERE NOT db_truth AND db_alerted)",
    tn: "count(*) FILTER (WHERE NOT db_truth AND NOT db_alerted)",
    fn: "count(*) FILTER (WHERE db_truth AND NOT db_alerted)",
    payoff: "coalesce(sum(db_payoff), 0)",
    always_yes: "coalesce(sum(db_yes), 0)",
    always_no: "coalesce(sum(db_no), 0)",
    positive_amount: amount("db_truth"),
    alerted_amount: amount("db_truth AND db_alerted"),
    fraud_accounts: account(isFraud),
    detected: account(`${isFraud} AND ${isAlerted}`),
    alerted_non_fraud: account(`NOT ${isFraud} AND ${isAlerted}`),
    fraud_amount: amount("db_truth AND db_is_account"),
    from_first: amount("db_truth AND db_is_account AND db_alerts >= 1"),
    after_first: amount("db_truth AND db_is_account AND (db_alerts >= 2 OR (db_alerts = 1 AND NOT db_alerted))"),
  };
}
