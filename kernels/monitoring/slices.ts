import { fromClause, isNumericType, type Selection } from "../../cells/monitoring/selection.ts";
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
  /** Most rows first, `other` last. */
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
  const sql = `SELECT ${whole} AS slice, count(*) AS n ${fromClause(selection, dialect)} GROUP BY 1 ORDER BY n DESC, slice LIMIT ${MOST_SLICES}`;
  const rows = await ask(asking, `slices by ${by.join(", ")}`, sql);
  const kept = rows.filter((row) => Number(row.n) >= minRows).map((row) => String(row.slice));
  const expression =
    kept.length === 0
      ? dialect.text(POOLED)
      : `CASE WHEN ${whole} IN (${kept.map((value) => dialect.text(value)).join(", ")}) THEN ${whole} ELSE ${dialect.text(POOLED)} END`;
  const title = by.join(" · ");
  return { title, expression, values: [...kept, POOLED], valueOf: (name) => name.slice(title.length + 3) };
}

/** SQL text of one column's slice; numbers with many values are cut at their quartiles. */
async function partOf(asking: Asking, name: string, selection: Selection): Promise<string> {
  const column = columnNamed(selection.relation, name, "by");
  const quoted = dialect.name(name);
  const asText = `coalesce(${quoted}::VARCHAR, '(missing)')`;
  if (!isNumericType(column.type)) return asText;
  const from = fromClause(selection, dialect);
  const [row] = await ask(asking, `values of ${name}`, `SELECT count(DISTINCT ${quoted}) AS n ${from}`);
  if (Number(row!.n) <= FEW_VALUES) return asText;
  const [cut] = await ask(
    asking,
    `quartiles of ${name}`,
    dialect.quantiles([dialect.double(quoted)], NUMERIC_PARTS, from),
  );
  const edges = (numbers(cut?.q0) ?? []).slice(1, -1);
  const value = dialect.double(quoted);
  const cases = edges.map(
    (edge, at) =>
      `WHEN ${value} < ${dialect.number(edge)} THEN ${dialect.text(at === 0 ? `< ${edge}` : `${edges[at - 1]} to ${edge}`)}`,
  );
  return `CASE WHEN ${quoted} IS NULL THEN '(missing)' ${cases.join(" ")} ELSE ${dialect.text(`≥ ${edges.at(-1)}`)} END`;
}
