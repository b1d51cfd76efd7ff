import { chunkNumber } from "../../monitoring/chunk-number.ts";
import type { Dialect } from "../../monitoring/dialect.ts";
import { fromClause, type Selection } from "../../monitoring/selection.ts";
import type { ResolvedWindow } from "../../session/operation.ts";
import type { KpiSpec } from "./kpi-spec.ts";

/** SQL expressions of what a KPI needs of each row; null where the relation has none. */
export interface OutcomeRoles {
  /** Boolean; null for rows without truth. */
  readonly truth: string;
  /** The number that a regression is held against; null where truth is a class. */
  readonly actual: string | null;
  /** Boolean. */
  readonly alerted: string;
  readonly score: string | null;
  readonly entity: string | null;
  readonly amount: string | null;
  readonly time: string | null;
  /** What tells rows of one moment apart. */
  readonly identity: string | null;
  /** 'stated', 'silent', 'pending' or 'unknown'. */
  readonly status: string;
}

/** Scores are rounded to so many decimals where a relation has too many rows for one group a score. */
export const ROUNDED_DECIMALS = 5;
/** Of one row's amounts and payoffs: up to a million millions. Their sums are exact, so free of order. */
const MONEY = "DECIMAL(18,6)";

/** An amount or payoff of one row; NaN and infinities are none. */
export const money = (expression: string): string =>
  `CASE WHEN isfinite(TRY_CAST((${expression}) AS DOUBLE)) THEN CAST((${expression}) AS ${MONEY}) END`;

/** Slices and chunks of time as columns of a relation, each row in at most one of each. */
export interface KpiGrouping {
  readonly slice: string | null;
  /** Adjoining windows, oldest first. */
  readonly chunks: readonly ResolvedWindow[];
}

/** The selection's rows with what a KPI needs of each, beside their own columns. */
export function rowsOf(
  selection: Selection,
  roles: OutcomeRoles,
  grouping: KpiGrouping,
  extra: readonly string[],
  dialect: Dialect,
): string {
  const columns = [
    `${grouping.slice ?? "NULL"} AS db_slice`,
    `${chunkNumber(roles.time, grouping.chunks, dialect)} AS db_chunk`,
    `${roles.truth} AS db_truth`,
    `${roles.alerted} AS db_alerted`,
    `${roles.status} AS db_status`,
    ...extra,
  ];
  return `SELECT ${columns.join(", ")}, * ${fromClause(selection, dialect)}`;
}

/** All rows, each slice, each chunk: which of them a row of an answer is of. */
const groupingSets = ({ slice, chunks }: KpiGrouping, more: string): string => {
  const sets = [more === "" ? "()" : `(${more})`];
  const comma = more === "" ? "" : `, ${more}`;
  if (slice !== null) sets.push(`(db_slice${comma})`);
  if (chunks.length > 0) sets.push(`(db_chunk${comma})`);
  return `GROUP BY GROUPING SETS (${sets.join(", ")})`;
};
const WHICH =
  "CASE WHEN grouping(db_slice) = 0 THEN 'slice' WHEN grouping(db_chunk) = 0 THEN 'chunk' ELSE 'all' END AS which, db_slice AS slice, db_chunk AS chunk";
/** Grouping by neither needs both names all the same. */
const which = ({ slice, chunks }: KpiGrouping): string => {
  if (slice !== null && chunks.length > 0) return WHICH;
  if (slice !== null)
    return "CASE WHEN grouping(db_slice) = 0 THEN 'slice' ELSE 'all' END AS which, db_slice AS slice, NULL AS chunk";
  if (chunks.length > 0)
    return "CASE WHEN grouping(db_chunk) = 0 THEN 'chunk' ELSE 'all' END AS which, NULL AS slice, db_chunk AS chunk";
  return "'all' AS which, NULL AS slice, NULL AS chunk";
};

/** Per group: rows by status, confusion counts, amounts, payoffs, and the cell's own metrics `d_0`, `d_1`, …. */
export function confusionCounts(
  selection: Selection,
  roles: OutcomeRoles,
  spec: KpiSpec,
  grouping: KpiGrouping,
  dialect: Dialect,
): string {
  const classes = {
    tp: "db_truth AND db_alerted",
    fp: "NOT db_truth AND db_alerted",
    tn: "NOT db_truth AND NOT db_alerted",
    fn: "db_truth AND NOT db_alerted",
  };
  const list = Object.entries(classes).flatMap(([name, condition]) => [
    `count(*) FILTER (WHERE ${condition}) AS ${name}`,
    ...(roles.amount === null
      ? []
      : [`coalesce(sum(${money(roles.amount)}) FILTER (WHERE ${condition}), 0)::DOUBLE AS ${name}_amount`]),
  ]);
  const status = ["stated", "silent", "pending", "unknown"].map(
    (name) => `count(*) FILTER (WHERE db_status = '${name}') AS ${name}`,
  );
  const { payoff } = spec;
  const sum = (condition: string, value: string): string =>
    `coalesce(sum(${money(value)}) FILTER (WHERE ${condition}), 0)::DOUBLE`;
  const payoffs =
    payoff === null
      ? []
      : [
          ...Object.entries(classes).map(
            ([name, condition]) => `${sum(condition, payoff[name as keyof typeof classes])} AS ${name}_payoff`,
          ),
          `${sum("db_truth", payoff.tp)} + ${sum("NOT db_truth", payoff.fp)} AS always_yes`,
          `${sum("db_truth", payoff.fn)} + ${sum("NOT db_truth", payoff.tn)} AS always_no`,
        ];
  const own = Object.values(spec.define).map((expression, at) => `(${expression})::DOUBLE AS d_${at}`);
  const rows = rowsOf(selection, roles, grouping, [], dialect);
  const columns = [which(grouping), "count(*) AS n", ...status, ...list, ...payoffs, ...own];
  return `SELECT ${columns.join(", ")} FROM (${rows}) ${groupingSets(grouping, "")} ORDER BY which, slice, chunk`;
}

/**
 * Per part of the rows and distinct score, from high to low: positives, negatives, all rows, and the payoff of its rows
 * alerted and let pass, all as doubles. `part` is 0 for all rows, 1… for the slices in their order, then the chunks.
 */
export function scoreGroups(
  selection: Selection,
  roles: OutcomeRoles & { readonly score: string },
  spec: KpiSpec,
  grouping: KpiGrouping & { readonly slices: readonly string[] },
  isRounded: boolean,
  dialect: Dialect,
): string {
  const score = dialect.double(roles.score);
  const rounded = isRounded ? `round(${score}, ${ROUNDED_DECIMALS})` : score;
  const rows = rowsOf(selection, roles, grouping, [`${rounded} AS db_score`], dialect);
  const { payoff } = spec;
  const side = (positive: string, negative: string): string =>
    payoff === null
      ? "0"
      : `coalesce(sum(CASE WHEN db_truth THEN ${money(positive)} WHEN NOT db_truth THEN ${money(negative)} END), 0)`;
  const sums = [
    "count(*) FILTER (WHERE db_truth) AS positives",
    "count(*) FILTER (WHERE NOT db_truth) AS negatives",
    "count(*) AS n",
    `${side(payoff?.tp ?? "0", payoff?.fp ?? "0")} AS if_alerted`,
    `${side(payoff?.fn ?? "0", payoff?.tn ?? "0")} AS if_passed`,
  ];
  const by = (key: string): string =>
    `SELECT ${key === "" ? "" : `${key}, `}db_score, ${sums.join(", ")} FROM db_rows GROUP BY ${key === "" ? "" : `${key}, `}db_score`;
  const names = ["positives", "negatives", "n", "if_alerted", "if_passed"];
  const part = (number: string, from: string): string =>
    `SELECT ${number} AS part, db_score::DOUBLE AS score, ${names.map((name) => `${name}::DOUBLE AS ${name}`).join(", ")} FROM ${from}`;
  const whole = (from: string): string =>
    part(
      "0",
      `(SELECT db_score, ${names.map((name) => `sum(${name}) AS ${name}`).join(", ")} FROM ${from} GROUP BY db_score)`,
    );
  const cases = grouping.slices.map((value, at) => `WHEN ${dialect.text(value)} THEN ${at + 1}`).join(" ");
  const tables: string[] = [`db_rows AS (SELECT * FROM (${rows}) WHERE db_score IS NOT NULL AND isfinite(db_score))`];
  const parts: string[] = [];
  if (grouping.slice !== null) {
    tables.push(`by_slice AS (${by("db_slice")})`);
    parts.push(part(`CASE db_slice ${cases} END`, "by_slice"));
  }
  if (grouping.chunks.length > 0) {
    tables.push(`by_chunk AS (${by("db_chunk")})`);
    parts.push(part(`${grouping.slices.length + 1} + db_chunk`, "by_chunk"));
  }
  // All rows are the sum of the parts: they are not scanned once more.
  parts.unshift(
    grouping.slice !== null
      ? whole("by_slice")
      : grouping.chunks.length > 0
        ? whole("by_chunk")
        : part("0", `(${by("")})`),
  );
  return `WITH ${tables.join(",\n")}\nSELECT part::INTEGER AS part, score, ${names.join(", ")} FROM (${parts.join("\nUNION ALL\n")}) WHERE part IS NOT NULL ORDER BY part, score DESC`;
}

/** Per group: what `accountMetrics` needs, from one pass over the rows of each entity in order of time. */
export function accountSums(
  selection: Selection,
  roles: OutcomeRoles & { readonly entity: string; readonly time: string },
  grouping: KpiGrouping,
  dialect: Dialect,
): string {
  // Without an identity by all that counts of a row, so that the order in which rows come decides nothing.
  const order = [roles.time, roles.identity ?? "db_alerted, db_truth, db_amount"].join(", ");
  const amount = roles.amount === null ? "0" : money(roles.amount);
  // An account lives inside its slice and chunk; over all rows it is the account of all of them.
  const part = (
    by: string,
    name: string,
    label: string,
    key: string,
  ): string => `SELECT '${name}' AS which, ${label} FROM (
  SELECT *, sum(CASE WHEN db_alerted THEN 1 ELSE 0 END) OVER (PARTITION BY ${by} ORDER BY ${order} ROWS UNBOUNDED PRECEDING) AS db_alerts FROM db_rows
) GROUP BY ${key}`;
  const entity = (
    keys: string,
  ): string => `${keys}, db_entity, bool_or(db_truth) AS is_fraud, bool_or(db_alerted) AS is_alerted,
    coalesce(sum(db_amount) FILTER (WHERE db_truth), 0) AS fraud_amount,
    coalesce(sum(db_amount) FILTER (WHERE db_truth AND db_alerts >= 1), 0) AS from_first,
    coalesce(sum(db_amount) FILTER (WHERE db_truth AND (db_alerts >= 2 OR (db_alerts = 1 AND NOT db_alerted))), 0) AS after_first,
    coalesce(sum(db_amount) FILTER (WHERE db_truth AND db_alerted), 0) AS alerted_amount`;
  const parts = [part("db_entity", "all", entity("NULL::VARCHAR AS slice, NULL::INTEGER AS chunk"), "db_entity")];
  if (grouping.slice !== null)
    parts.push(
      part("db_entity, db_slice", "slice", entity("db_slice AS slice, NULL::INTEGER AS chunk"), "db_entity, db_slice"),
    );
  if (grouping.chunks.length > 0)
    parts.push(
      part("db_entity, db_chunk", "chunk", entity("NULL::VARCHAR AS slice, db_chunk AS chunk"), "db_entity, db_chunk"),
    );
  return `WITH db_rows AS (
  SELECT * FROM (${rowsOf(selection, roles, grouping, [`${roles.entity} AS db_entity`, `${amount} AS db_amount`], dialect)}) WHERE db_entity IS NOT NULL
), db_accounts AS (${parts.join("\nUNION ALL\n")})
SELECT which, slice, chunk, count(*) FILTER (WHERE is_fraud) AS fraud_accounts,
  count(*) FILTER (WHERE is_fraud AND is_alerted) AS detected, count(*) FILTER (WHERE NOT is_fraud AND is_alerted) AS alerted_non_fraud,
  coalesce(sum(fraud_amount), 0)::DOUBLE AS fraud_amount, coalesce(sum(from_first), 0)::DOUBLE AS from_first,
  coalesce(sum(after_first), 0)::DOUBLE AS after_first, coalesce(sum(alerted_amount), 0)::DOUBLE AS alerted_amount
FROM db_accounts GROUP BY ALL ORDER BY which, slice, chunk`;
}

/** Per day and score: rows, positives, unlabelled, amount of positives; with `byEntity` one row an entity and day. */
export function capacityGroups(
  selection: Selection,
  roles: OutcomeRoles & { readonly score: string; readonly time: string },
  byEntity: boolean,
  zone: string,
  dialect: Dialect,
): string {
  const day = dialect.unitStart("day", roles.time, zone);
  const amount = roles.amount === null ? "0" : money(roles.amount);
  const rows = rowsOf(
    selection,
    roles,
    { slice: null, chunks: [] },
    [
      `${day} AS db_day`,
      `CASE WHEN ${dialect.isFinite(dialect.double(roles.score))} THEN ${dialect.double(roles.score)} END AS db_score`,
      `${amount} AS db_amount`,
      ...(roles.entity === null ? [] : [`${roles.entity} AS db_entity`]),
    ],
    dialect,
  );
  const cases =
    byEntity && roles.entity !== null
      ? `SELECT db_day, max(db_score) AS db_score, bool_or(db_truth) AS db_truth, sum(db_amount) FILTER (WHERE db_truth) AS db_amount FROM (${rows}) GROUP BY db_day, db_entity`
      : `SELECT db_day, db_score, db_truth, db_amount FROM (${rows})`;
  return `SELECT db_day AS day, db_score AS score, count(*) AS n, count(*) FILTER (WHERE db_truth) AS positives,
  count(*) FILTER (WHERE db_truth IS NULL) AS unlabelled, coalesce(sum(db_amount) FILTER (WHERE db_truth), 0)::DOUBLE AS amount
FROM (${cases}) WHERE db_score IS NOT NULL GROUP BY ALL ORDER BY day, score DESC`;
}

/**
 * Of labels of decisions older than the horizon: class, whole hours until known, rows. A label by silence is known when the
 * rule's time is over.
 */
export function labelDelays(
  outcomes: string,
  asOf: string,
  horizonMillis: number,
  silenceMillis: number | null,
  dialect: Dialect,
): string {
  const oldest = new Date(Date.parse(asOf) - horizonMillis).toISOString();
  const stated = `ceil(greatest(0, ${dialect.seconds("decided_at", "label_known_at")}) / 3600)`;
  const silent = silenceMillis === null ? "NULL" : String(Math.ceil(silenceMillis / 3_600_000));
  return `SELECT label::VARCHAR AS class, (CASE WHEN label_source = 'silence' THEN ${silent} ELSE ${stated} END)::INTEGER AS hours, count(*) AS n
FROM ${outcomes} WHERE decided_at < ${dialect.instant(oldest)} AND label IS NOT NULL
  AND (label_source = 'silence' OR label_known_at IS NOT NULL) GROUP BY ALL ORDER BY class, hours`;
}

/** Rows by whole days of age at as-of. */
export function agesOf(
  selection: Selection,
  time: string,
  asOf: string,
  grouping: KpiGrouping,
  dialect: Dialect,
): string {
  const chunk = chunkNumber(time, grouping.chunks, dialect);
  return `SELECT ${chunk} AS chunk, floor(${dialect.seconds(time, dialect.instant(asOf))} / 86400)::INTEGER AS age, count(*) AS n ${fromClause(selection, dialect)} GROUP BY ALL ORDER BY chunk, age`;
}

/** Per group, the sums that `regressionMetrics` takes; rows without truth or score do not count. */
export function regressionSums(
  selection: Selection,
  roles: OutcomeRoles & { readonly score: string; readonly actual: string },
  grouping: KpiGrouping,
  quantile: number,
  dialect: Dialect,
): string {
  const [y, f] = [dialect.double(roles.actual), dialect.double(roles.score)];
  const rows = rowsOf(selection, roles, grouping, [`${y} AS db_y`, `${f} - ${y} AS db_e`, `${f} AS db_f`], dialect);
  const symmetric = "CASE WHEN db_y = 0 AND db_f = 0 THEN 0 ELSE 2 * abs(db_e) / (abs(db_y) + abs(db_f)) END";
  const columns = [
    which(grouping),
    "count(*) AS n",
    "sum(abs(db_e) ORDER BY abs(db_e)) AS abs_sum",
    "sum(db_e * db_e ORDER BY abs(db_e)) AS squared_sum",
    "sum(db_e ORDER BY db_e) AS error_sum",
    "sum(db_centred ORDER BY db_centred) AS y_sum",
    "sum(db_centred * db_centred ORDER BY db_centred) AS y_squared",
    "count(*) FILTER (WHERE db_y = 0) AS zeros",
    "sum(abs(db_e / db_y) ORDER BY abs(db_e / db_y)) FILTER (WHERE db_y <> 0) AS percent_sum",
    `sum(${symmetric} ORDER BY ${symmetric}) AS symmetric_sum`,
    `sum(CASE WHEN db_e < 0 THEN ${quantile} * -db_e ELSE ${1 - quantile} * db_e END ORDER BY db_e) AS pinball_sum`,
  ];
  // Centred, so that the spread of a truth far from zero keeps its digits; the middle value does not depend on order.
  return `WITH db_rows AS (SELECT * FROM (${rows}) WHERE isfinite(db_e)
), db_middle AS (SELECT quantile_disc(db_y, 0.5) AS db_middle FROM db_rows
)
SELECT ${columns.join(", ")} FROM (SELECT *, db_y - db_middle AS db_centred FROM db_rows, db_middle) ${groupingSets(grouping, "")} ORDER BY which, slice, chunk`;
}
