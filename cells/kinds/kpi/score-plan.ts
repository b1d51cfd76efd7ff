import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import type { KpiSpec } from "./kpi-spec.ts";
import { type KpiGrouping, money, type OutcomeRoles, ROUNDED_DECIMALS, rowsOf } from "./outcome-rows.ts";

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
      : `coalesce(sum(CASE WHEN db_truth THEN ${money(positive, roles.money.payoff, dialect)} WHEN NOT db_truth THEN ${money(negative, roles.money.payoff, dialect)} END), 0)`;
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
    `SELECT ${number} AS part, CAST(db_score AS DOUBLE PRECISION) AS score, ${names.map((name) => `CAST(${name} AS DOUBLE PRECISION) AS ${name}`).join(", ")} FROM ${from}`;
  const whole = (from: string): string =>
    part(
      "0",
      `(SELECT db_score, ${names.map((name) => `sum(${name}) AS ${name}`).join(", ")} FROM ${from} GROUP BY db_score)`,
    );
  const cases = grouping.slices.map((value, at) => `WHEN ${dialect.text(value)} THEN ${at + 1}`).join(" ");
  const tables: string[] = [
    `db_rows AS (SELECT * FROM (${rows}) WHERE db_score IS NOT NULL AND ${dialect.isFinite("db_score")})`,
  ];
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
  return `WITH ${tables.join(",\n")}\nSELECT CAST(part AS INTEGER) AS part, score, ${names.join(", ")} FROM (${parts.join("\nUNION ALL\n")}) WHERE part IS NOT NULL ORDER BY part, score DESC`;
}
