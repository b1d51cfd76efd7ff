import { fromClause, isNumericType, type Selection } from "../../cells/monitoring/selection.ts";
import { distinctEdges } from "../../cells/statistics/drift/binning.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask, numbers } from "./ask.ts";
import { columnNamed } from "./relation.ts";

const dialect = duckdbDialect;
/** Slices shown by themselves; the rest is pooled. */
export const MOST_SLICES = 20;
const POOLED = "other";
/** Numeric columns are cut at these many quantiles. */
const NUMERIC_PARTS = 4;
const FEW_VALUES = 20;

export interface Slices {
  readonly title: string;
  /** SQL text of the slice that a row is in. */
  readonly expression: string;
  /** Most rows first; last, where there are such rows, those of all other slices. */
  readonly values: readonly string[];
  /** The value of a slice's name. */
  readonly valueOf: (name: string) => string;
}

export const sliceOf = ({ title }: Slices, value: string): string => `${title} = ${value}`;

/** How `by` cuts the rows of a selection; a list of columns crosses. Null when there is nothing to cut by. */
export async function slicesOf(
  asking: Asking,
  by: readonly string[],
  selection: Selection,
  minRows: number,
): Promise<Slices | null> {
  if (by.length === 0) return null;
  const parts: string[] = [];
  for (const name of by) parts.push(await partOf(asking, name, selection));
  const whole = parts.length === 1 ? parts[0]! : parts.join(" || ' · ' || ");
  const sql = `SELECT ${whole} AS slice, count(*) AS n ${fromClause(selection, dialect)} GROUP BY 1 ORDER BY n DESC, slice LIMIT ${MOST_SLICES + 1}`;
  const rows = await ask(asking, `slices by ${by.join(", ")}`, sql);
  if (rows.length === 0) return null;
  const kept = rows
    .slice(0, MOST_SLICES)
    .filter((row) => Number(row.n) >= minRows)
    .map((row) => String(row.slice));
  const pooled = kept.includes(POOLED) ? `(${POOLED})` : POOLED;
  const expression =
    kept.length === 0
      ? dialect.text(pooled)
      : `CASE WHEN ${whole} IN (${kept.map((value) => dialect.text(value)).join(", ")}) THEN ${whole} ELSE ${dialect.text(pooled)} END`;
  const title = by.join(" · ");
  return {
    title,
    expression,
    values: rows.length > kept.length ? [...kept, pooled] : kept,
    valueOf: (name) => name.slice(title.length + 3),
  };
}

/** SQL text of one column's slice; numbers with many values are cut at their quartiles. */
async function partOf(asking: Asking, name: string, selection: Selection): Promise<string> {
  const column = columnNamed(selection.relation, name, "by");
  const quoted = dialect.name(name);
  const asText = `coalesce(CAST(${quoted} AS VARCHAR), '(missing)')`;
  if (!isNumericType(column.type)) return asText;
  const from = fromClause(selection, dialect);
  const [row] = await ask(asking, `values of ${name}`, `SELECT count(DISTINCT ${quoted}) AS n ${from}`);
  if (Number(row!.n) <= FEW_VALUES) return asText;
  const value = `CASE WHEN ${dialect.isFinite(dialect.double(quoted))} THEN ${dialect.double(quoted)} END`;
  const [cut] = await ask(asking, `quartiles of ${name}`, dialect.quantiles([value], NUMERIC_PARTS, from));
  const edges = distinctEdges((numbers(cut?.q0) ?? []).slice(1, -1));
  if (edges.length === 0) return asText;
  const cases = edges.map(
    (edge, at) =>
      `WHEN ${value} < ${dialect.number(edge)} THEN ${dialect.text(at === 0 ? `< ${edge}` : `${edges[at - 1]} to ${edge}`)}`,
  );
  return `CASE WHEN ${quoted} IS NULL THEN '(missing)' WHEN ${value} IS NULL THEN '(invalid)' ${cases.join(" ")} ELSE ${dialect.text(`≥ ${edges.at(-1)}`)} END`;
}
