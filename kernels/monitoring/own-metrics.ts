import type { BootstrapIntervals, Row } from "../../cells/kinds/kpi/kpi-groups.ts";
import { isOrderFree } from "../../cells/kinds/kpi/order-free.ts";
import type { KpiGrouping, OutcomeRoles } from "../../cells/kinds/kpi/outcome-rows.ts";
import { ownReplicates, ownValues } from "../../cells/kinds/kpi/own-plan.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { Problem } from "../../cells/session/operation.ts";
import { percentileInterval, REPLICATES } from "../../cells/statistics/outcomes/bootstrap.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { SqlError } from "../engine/sql-engine.ts";
import { type Asking, ask } from "./ask.ts";
import { OF_PIECES, TOO_FEW } from "./bootstrap-intervals.ts";

const dialect = duckdbDialect;
/** Rows times own metrics: above there are no intervals, since each of the replicates reads all rows. */
const MOST_OWN_VALUES = 200_000;
const MOST_ROWS = 100_000;
/** Up to so many rows the own metrics of a cell have intervals. */
export const mostOwnRows = (metrics: number): number =>
  Math.min(MOST_ROWS, Math.floor(MOST_OWN_VALUES / Math.max(1, metrics)));
/** Above so many rows only metrics with a bound are resampled: no verdict rests on the interval of another. */
const MOST_UNBOUNDED_ROWS = 20_000;
/** Replicates of one statement, so that what an aggregate keeps of its rows stays in memory. */
const AT_ONCE = 50;

export interface OwnAsked {
  readonly selection: Selection;
  readonly roles: OutcomeRoles;
  readonly define: Readonly<Record<string, string>>;
  readonly grouping: KpiGrouping & { readonly slices: readonly string[] };
  /** Those that a bound is set for. */
  readonly bounded: ReadonlySet<string>;
  /** Rows of the selection. */
  readonly rows: number;
}

export interface OwnMetrics {
  /** By the group that a row of an answer is of, made a text by `keyOf`. */
  readonly values: (key: string) => Readonly<Record<string, number | null>>;
  /** By part: 0 for all rows, 1… for the slices in their order, null for a piece of time. */
  readonly intervals: (part: number | null) => BootstrapIntervals;
  /** Of those that the engine cannot compute. */
  readonly problems: Readonly<Record<string, Problem>>;
}

/** Values and intervals of the metrics that a cell defines itself; a wrong one does not keep the others from theirs. */
export async function ownMetrics(
  asking: Asking,
  { selection, roles, define, grouping, bounded, rows }: OwnAsked,
  keyOf: (row: Row) => string,
): Promise<OwnMetrics> {
  const values = new Map<string, Record<string, number | null>>();
  const problems: Record<string, Problem> = {};
  const found = new Map<number, Record<string, { lower: number; upper: number }>>();
  const why: Record<string, string> = {};
  const mostRows = mostOwnRows(Object.keys(define).length);
  const partOf = ({ which, slice }: Row): number | null => {
    const at = grouping.slices.indexOf(String(slice));
    return which === "all" ? 0 : at === -1 ? null : at + 1;
  };
  const measure = async (names: readonly string[]): Promise<void> => {
    const own = Object.fromEntries(names.map((name) => [name, define[name]!]));
    for (const row of await ask(asking, "own metrics", ownValues(selection, roles, own, grouping, dialect)))
      names.forEach((name, at) => {
        const known = values.get(keyOf(row)) ?? {};
        values.set(keyOf(row), { ...known, [name]: numberOf(row[`d_${at}`]) });
      });
    const again = names.filter((name) => rows <= MOST_UNBOUNDED_ROWS || bounded.has(name));
    if (rows === 0 || rows > mostRows || again.length === 0) return;
    const resampled = Object.fromEntries(again.map((name) => [name, define[name]!]));
    const replicates: Row[] = [];
    for (let first = 0; first < REPLICATES; first += AT_ONCE) {
      const sql = ownReplicates(selection, roles, resampled, grouping.slice, { first, count: AT_ONCE }, dialect);
      replicates.push(...(await ask(asking, "replicates of own metrics", sql)));
    }
    for (const [part, list] of Map.groupBy(replicates, partOf))
      if (part !== null)
        again.forEach((name, at) => {
          const interval = percentileInterval(list.map((row) => numberOf(row[`d_${at}`])));
          if (interval !== null) found.set(part, { ...found.get(part), [name]: interval });
        });
  };
  for (const names of together(define, selection)) await oneByOneIfWrong(names, measure, problems);
  if (rows > mostRows)
    for (const name of Object.keys(define))
      why[name] = `No interval: ${rows} rows are more than the ${mostRows} over which own metrics are resampled.`;
  else if (rows > MOST_UNBOUNDED_ROWS)
    for (const name of Object.keys(define))
      if (!bounded.has(name))
        why[name] =
          `No interval: with more than ${MOST_UNBOUNDED_ROWS} rows only own metrics that are judged by a bound have one.`;
  return {
    values: (key) => values.get(key) ?? {},
    intervals: (part) => {
      const own = part === null ? {} : (found.get(part) ?? {});
      const without = Object.keys(define).filter((name) => own[name] === undefined);
      return {
        found: own,
        why: Object.fromEntries(without.map((name) => [name, why[name] ?? (part === null ? OF_PIECES : TOO_FEW)])),
      };
    },
    problems,
  };
}

const numberOf = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** Those whose sums have no order, and those that need one: a statement each. */
function together(define: OwnAsked["define"], { relation }: Selection): string[][] {
  const isFree = (name: string): boolean => isOrderFree(define[name]!, relation.columns);
  const groups = Object.groupBy(Object.keys(define), (name) => (isFree(name) ? "free" : "ordered"));
  return [groups.free ?? [], groups.ordered ?? []].filter((names) => names.length > 0);
}

/** Tells which of several expressions is the wrong one. */
async function oneByOneIfWrong(
  names: readonly string[],
  measure: (names: readonly string[]) => Promise<void>,
  problems: Record<string, Problem>,
): Promise<void> {
  try {
    await measure(names);
  } catch (error) {
    if (!(error instanceof SqlError) || !["failed", "refused", "syntax", "out-of-memory"].includes(error.kind))
      throw error;
    if (names.length > 1) for (const name of names) await oneByOneIfWrong([name], measure, problems);
    else
      problems[names[0]!] = {
        ...error.problem,
        message: `define.${names[0]}: ${error.problem.message.split("\n")[0]}`,
      };
  }
}
