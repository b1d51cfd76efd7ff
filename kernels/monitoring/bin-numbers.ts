import type { NumericSubject } from "../../cells/kinds/drift/drift-counts.ts";
import * as plan from "../../cells/kinds/drift/drift-plan.ts";
import type { MonitoredColumn, Selection } from "../../cells/monitoring/selection.ts";
import { distinctEdges } from "../../cells/statistics/drift/binning.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask, numbers } from "./ask.ts";
import { askKept } from "./profiles.ts";

const FEW_VALUES = 5;

const dialect = duckdbDialect;

export interface Binned extends Pick<NumericSubject, "edges" | "deciles" | "min" | "max" | "sampled"> {
  readonly column: MonitoredColumn;
  /** Values that the centiles are of, and how many of the centiles differ. */
  readonly n: number;
  readonly distinct: number;
}

export async function bin(
  asking: Asking,
  reference: Selection,
  columns: readonly MonitoredColumn[],
  rows: number,
): Promise<Binned[]> {
  const sql = plan.centiles(reference, columns, rows, dialect);
  const [row] = await askKept(asking, "centiles of the reference", sql, reference);
  return columns.map((column, at) => {
    const found = numbers(row?.[`q${at}`]);
    const interior = found === null ? [] : found.slice(1, -1);
    const deciles = interior.filter((_, index) => (index + 1) % 10 === 0);
    return {
      column,
      edges: distinctEdges(interior),
      deciles: distinctEdges(deciles),
      min: found?.[0] ?? null,
      max: found?.at(-1) ?? null,
      n: Number(row?.[`n${at}`] ?? 0),
      distinct: found === null ? 0 : new Set(found).size,
      sampled: rows > plan.EXACT_ROWS,
    };
  });
}

/** A column of at most five distinct reference values is compared as categories. */
export async function hasFewValues(
  asking: Asking,
  reference: Selection,
  { column, n, distinct: known }: Binned,
): Promise<boolean> {
  // Between two neighbours of the sorted values lies at most one centile, unless there are fewer values than centiles.
  const most = n > plan.CENTILES ? 2 * FEW_VALUES - 1 : Number.POSITIVE_INFINITY;
  if (known === 0 || known > most) return false;
  const sql = plan.distinctValues(reference, column, FEW_VALUES, dialect);
  const values = (await ask(asking, `distinct values of ${column.name}`, sql)).filter(({ v }) => v !== null);
  return values.length <= FEW_VALUES;
}
