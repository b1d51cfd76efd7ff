import { fromClause, type MonitoredColumn, type Selection } from "../../cells/monitoring/selection.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import type { SqlEngine } from "../engine/sql-engine.ts";
import { Serial } from "../lifecycle/serial.ts";
import type { Asking } from "./ask.ts";

const dialect = duckdbDialect;

/** Title of the statement that brings the outcomes of a window together. */
export const OUTCOMES = "outcomes of the window";

/**
 * Of each engine, who uses a table, by its name. A cell may measure twice at once, and the name stands in statements that are kept
 * with a reading: so the second waits, rather than having a name of its own that the next run would not have.
 */
const turns = new WeakMap<SqlEngine, Serial>();

/**
 * The selection's rows as a table of the engine for the time of `work`, with the columns that `texts` may mean: a
 * measurement would otherwise read the files, and join outcomes, anew with each statement. Those of one name come one
 * after the other.
 */
export async function broughtTogether<T>(
  { engine, signal, onProgress, asked }: Asking,
  selection: Selection,
  { name, title, texts }: { readonly name: string; readonly title: string; readonly texts: readonly string[] },
  work: (selection: Selection) => Promise<T>,
): Promise<T> {
  const { relation } = selection;
  const columns = columnsNamed(selection, texts);
  const sql = copyStatement(selection, texts);
  const table = `(rows of ${name})`;
  asked.push({ title, sql });
  const own = turns.get(engine) ?? new Serial();
  turns.set(engine, own);
  return await own.run(table, async () => {
    onProgress(title);
    await engine.materialise({ name: table, runId: table, sql, signal });
    try {
      // Counts of a copy are not kept: its name does not say which rows it holds.
      const rows = { ...relation, sql: dialect.name(table), columns, source: null };
      return await work({ ...selection, relation: rows, window: null, where: null, excluded: [] });
    } finally {
      await engine.drop(table);
    }
  });
}

/** The selection's rows with the columns that the texts may mean. */
export function copyStatement(selection: Selection, texts: readonly string[]): string {
  const list = columnsNamed(selection, texts).map((column) => dialect.name(column.name));
  return `SELECT ${list.length === 0 ? "1 AS one" : list.join(", ")} ${fromClause(selection, dialect)}`;
}

/** A column that is named in no text is not needed; one that only seems to be does no harm. */
function columnsNamed({ relation }: Selection, texts: readonly string[]): MonitoredColumn[] {
  const text = texts.join("\n").toLowerCase();
  return relation.columns.filter((column) => text.includes(column.name.toLowerCase()));
}
