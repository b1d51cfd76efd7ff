import { typeText } from "../arrow/type-text.ts";
import type { DuckDBConnection, DuckDBMaterializedResult, DuckDBType, DuckDBValue } from "../duckdb/duckdb.ts";
import type { WireParameter } from "./engine-messages.ts";
import { identifier } from "./named-results.ts";
import { boundValue } from "./parameters.ts";
import { type Column, SqlError } from "./sql-engine.ts";
import { withoutEnd } from "./statement-gate.ts";
import { fromWire } from "./wire-parameter.ts";

/**
 * What the gate has let through. `isSelect`: it may stand in CREATE TABLE … AS, unlike EXPLAIN, SHOW and SUMMARIZE.
 * `isExplain`: it can stand in no other statement at all.
 */
export interface Admitted {
  readonly text: string;
  readonly linesBefore: number;
  readonly isSelect: boolean;
  readonly isExplain: boolean;
}

/** DESCRIBE, SHOW and SUMMARIZE as a statement. */
export function isShow(ast: unknown): boolean {
  type Serialised = {
    readonly statements?: readonly { readonly node?: { readonly from_table?: { readonly type?: string } } }[];
  };
  return (ast as Serialised).statements?.[0]?.node?.from_table?.type === "SHOW_REF";
}

/** Column names and types without running the statement. */
export async function columnsOf(
  connection: DuckDBConnection,
  { text, isSelect }: Pick<Admitted, "text" | "isSelect">,
  parameters: readonly WireParameter[],
): Promise<Column[]> {
  const statement = await connection.prepare(text);
  try {
    const wanted = statement.parameterCount;
    if (wanted > parameters.length)
      throw new SqlError("failed", {
        message: `The statement has ${wanted} parameters, ${parameters.length} values were given.`,
      });
    if (wanted === 0 || !isSelect)
      return Array.from({ length: statement.columnCount }, (_, i) => ({
        name: statement.columnName(i),
        type: typeText(statement.columnType(i)),
      }));
  } finally {
    statement.destroySync();
  }
  // Types that depend on parameters are known only once these are bound. DuckDB counts our word DESCRIBE as line 1.
  const { values, types } = bindings(parameters);
  const rows = await (await connection.run(`DESCRIBE\n${text}`, values, types)).getRows();
  return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
}

/** The first `count` rows in the statement's order, null for all. A plan is one row, and all of it. */
export function firstRows(admitted: Admitted, count: number | null): Admitted {
  if (count === null || admitted.isExplain) return admitted;
  const text = `SELECT * FROM (\n${withoutEnd(admitted.text)}\n) LIMIT ${count}`;
  return { text, linesBefore: admitted.linesBefore + 1, isSelect: true, isExplain: false };
}

/** Makes `table` of the statement's rows and counts them. */
export async function fillTable(
  connection: DuckDBConnection,
  table: string,
  { text, isSelect }: Admitted,
  parameters: readonly WireParameter[],
): Promise<number> {
  const { values, types } = bindings(parameters);
  if (isSelect) return countOf(await connection.run(`CREATE TABLE ${table} AS\n${text}`, values, types));
  // Few rows: they are copied.
  const result = await connection.run(text, values, types);
  const columns = result.columnNames().map((name, i) => `${identifier(name)} ${typeText(result.columnType(i))}`);
  await connection.run(`CREATE TABLE ${table} (${columns.join(", ")})`);
  const [schema, name] = table.split(".") as [string, string];
  const appender = await connection.createAppender(name, schema);
  let rowCount = 0;
  for await (const chunk of result) {
    rowCount += chunk.rowCount;
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  return rowCount;
}

/** What CREATE TABLE … AS answers: how many rows it wrote. */
async function countOf(result: DuckDBMaterializedResult): Promise<number> {
  return Number((await result.getRows())[0]![0]);
}

export function bindings(parameters: readonly WireParameter[]): { values: DuckDBValue[]; types: DuckDBType[] } {
  const bound = parameters.map((parameter) => boundValue(fromWire(parameter)));
  return { values: bound.map((one) => one.value), types: bound.map((one) => one.type) };
}
