import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import { entityKey, poisson } from "./bootstrap-plan.ts";
import { groupingSets, which } from "./group-rows.ts";
import { isOrderFree } from "./order-free.ts";
import { type KpiGrouping, type OutcomeRoles, rowsOf } from "./outcome-rows.ts";

/** Own metrics by name: SQL aggregates. */
type Define = Readonly<Record<string, string>>;

/** Per group: the value `d_0`, `d_1`, … of each own metric. */
export function ownValues(
  selection: Selection,
  roles: OutcomeRoles,
  define: Define,
  grouping: KpiGrouping,
  dialect: Dialect,
): string {
  const rows = ordered(rowsOf(selection, roles, grouping, [], dialect), selection, define, dialect);
  return `SELECT ${[which(grouping), ...values(define)].join(", ")} FROM ${rows} ${groupingSets(grouping, "")} ORDER BY which, slice, chunk`;
}

/**
 * The same per replicate from `first` on, `count` of them, of all rows and of slices: a row stands as many times as the
 * Poisson variable of hash(entity, replicate) says, so that an aggregate of any kind can be weighted.
 */
export function ownReplicates(
  selection: Selection,
  roles: OutcomeRoles,
  define: Define,
  slice: string | null,
  { first, count }: { readonly first: number; readonly count: number },
  dialect: Dialect,
): string {
  const grouping = { slice, chunks: [] };
  const key = `${entityKey(selection, roles, dialect)} AS db_key`;
  const rows = ordered(rowsOf(selection, roles, grouping, [key], dialect), selection, define, dialect);
  const replicate = `(${first} + db_at)`;
  const times = poisson(dialect.uniform(["db_key", replicate]), dialect);
  return `WITH db_replicated AS (
  SELECT *, CAST(${replicate} AS INTEGER) AS db_replicate, ${dialect.repeated(times)} AS db_copy FROM ${rows}, ${dialect.integers(count, "db_at")}
)
SELECT db_replicate AS replicate, ${[which(grouping), ...values(define)].join(", ")} FROM db_replicated ${groupingSets(grouping, "db_replicate")} ORDER BY which, slice, replicate`;
}

const values = (define: Define): string[] =>
  Object.values(define).map((expression, at) => `CAST((${expression}\n) AS DOUBLE PRECISION) AS d_${at}`);

/** Sums of doubles depend on the order of the rows: what may add such is fed in the order of the columns it names. */
function ordered(rows: string, { relation }: Selection, define: Define, dialect: Dialect): string {
  const expressions = Object.values(define);
  if (expressions.every((expression) => isOrderFree(expression, relation.columns))) return `(${rows})`;
  const text = expressions.join("\n").toLowerCase();
  const named = relation.columns.filter(({ name }) => text.includes(name.toLowerCase()));
  return dialect.inOrder(rows, ["db_truth", "db_alerted", "db_status", ...named.map(({ name }) => dialect.name(name))]);
}
