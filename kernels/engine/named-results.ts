/**
 * The named results of an engine. Each content is a table `__results.r<n>` of its own whose rows keep the order in
 * which they came; a view of the result's name in `main` shows it. A name is moved to a complete content by replacing
 * the view, and only then the old table goes, so that nobody sees half a result.
 *
 * Pages never use an ordered OFFSET: rows are found by their row number (`rowid`, on which DuckDB skips whole row
 * groups). A sorted or filtered view is a table of row numbers in the wanted order, made once and kept while used.
 */
import { typeText } from "../arrow/type-text.ts";
import type { DuckDBConnection } from "../duckdb/duckdb.ts";
import { RESULTS_SCHEMA } from "./engine-database.ts";
import type { Column, RowFilter, SortKey } from "./sql-engine.ts";
import { SqlError } from "./sql-engine.ts";
import { orderText, whereText } from "./view-text.ts";

/** Sorted or filtered views kept of one result; the one unused longest goes first. */
const VIEWS_KEPT = 6;

export interface ResultColumn extends Column {
  /** Its name in the table, which differs when the result has a column called rowid. */
  readonly stored: string;
}

export interface NamedResult {
  readonly name: string;
  readonly runId: string;
  readonly table: string;
  readonly columns: readonly ResultColumn[];
  readonly rowCount: number;
  readonly views: Map<string, Promise<RowView>>;
}

/** Row numbers in a wanted order: `table` has one column `r`; null stands for all rows in their own order. */
export interface RowView {
  readonly table: string | null;
  readonly rowCount: number;
}

export class NamedResults {
  private readonly results = new Map<string, NamedResult>();
  private readonly garbage: string[] = [];
  private tables = 0;

  newTable(): string {
    this.tables += 1;
    return `${RESULTS_SCHEMA}.r${this.tables}`;
  }

  /** @throws SqlError when there is no result of that name. */
  get(name: string): NamedResult {
    const result = this.results.get(name.toLowerCase());
    if (result === undefined)
      throw new SqlError("failed", {
        message: `There is no result called ${JSON.stringify(name)} in the engine.`,
        hint: "Run the cell that makes it.",
      });
    return result;
  }

  /** Gives a filled table its name. What had the name before is gone after the next `collect`. */
  async adopt(
    connection: DuckDBConnection,
    name: string,
    runId: string,
    { table, rowCount }: { readonly table: string; readonly rowCount: number },
  ): Promise<NamedResult> {
    const columns = await this.settleColumns(connection, table);
    const result: NamedResult = { name, runId, table, columns, rowCount, views: new Map() };
    const earlier = this.results.get(name.toLowerCase());
    await connection.run(viewText(name, result));
    this.results.set(name.toLowerCase(), result);
    this.garbage.push(...(await tablesOf(earlier)));
    return result;
  }

  /** Drops tables that no name leads to any more; those that cannot go now are tried again next time. */
  async collect(connection: DuckDBConnection): Promise<void> {
    const tables = this.garbage.splice(0);
    for (const [at, table] of tables.entries())
      try {
        await connection.run(`DROP TABLE IF EXISTS ${table}`);
      } catch (error) {
        this.garbage.push(...tables.slice(at));
        throw error;
      }
  }

  /** Nothing happens when there is no result `from`; one that was called `to` is dropped. */
  async rename(connection: DuckDBConnection, from: string, to: string): Promise<void> {
    const result = this.results.get(from.toLowerCase());
    if (result === undefined) return;
    const replaced = this.results.get(to.toLowerCase());
    // Known under the new name at once, so that a page asked for next finds it.
    this.results.delete(from.toLowerCase());
    this.results.set(to.toLowerCase(), { ...result, name: to });
    if (replaced !== undefined && replaced !== result) this.garbage.push(...(await tablesOf(replaced)));
    await inTransaction(connection, [`DROP VIEW IF EXISTS main.${identifier(from)}`, viewText(to, result)]);
  }

  async drop(connection: DuckDBConnection, name: string): Promise<void> {
    const result = this.results.get(name.toLowerCase());
    if (result === undefined) return;
    this.results.delete(name.toLowerCase());
    await inTransaction(connection, [
      `DROP VIEW IF EXISTS main.${identifier(name)}`,
      ...(await tablesOf(result)).map((table) => `DROP TABLE IF EXISTS ${table}`),
    ]);
  }

  /** The view of a result, made now or earlier. */
  async view(
    connection: DuckDBConnection,
    result: NamedResult,
    sort: readonly SortKey[],
    filters: readonly RowFilter[],
  ): Promise<RowView> {
    if (sort.length === 0 && filters.length === 0) return { table: null, rowCount: result.rowCount };
    const key = JSON.stringify([sort, filters]);
    const known = result.views.get(key);
    const making = known ?? this.makeView(connection, result, sort, filters);
    // Set again also when known: the map's order is the order of use.
    result.views.delete(key);
    result.views.set(key, making);
    try {
      return await making;
    } catch (error) {
      if (result.views.get(key) === making) result.views.delete(key);
      throw error;
    } finally {
      await this.dropOldViews(connection, result);
    }
  }

  private async makeView(
    connection: DuckDBConnection,
    result: NamedResult,
    sort: readonly SortKey[],
    filters: readonly RowFilter[],
  ): Promise<RowView> {
    const where = whereText(result.columns, filters);
    const table = this.newTable();
    const made = await connection.run(
      `CREATE TABLE ${table} AS SELECT rowid AS r FROM ${result.table}${where.text} ORDER BY ${orderText(result.columns, sort)}`,
      [...where.values],
    );
    return { table, rowCount: Number((await made.getRows())[0]?.[0] ?? 0) };
  }

  private async dropOldViews(connection: DuckDBConnection, result: NamedResult): Promise<void> {
    while (result.views.size > VIEWS_KEPT) {
      const [key, making] = result.views.entries().next().value!;
      result.views.delete(key);
      const { table } = await making;
      if (table !== null) await connection.run(`DROP TABLE IF EXISTS ${table}`);
    }
  }

  /** The columns of a table; one called rowid is stored under another name, because it would hide the row number. */
  private async settleColumns(connection: DuckDBConnection, table: string): Promise<ResultColumn[]> {
    const statement = await connection.prepare(`FROM ${table}`);
    const columns = Array.from({ length: statement.columnCount }, (_, i) => {
      const name = statement.columnName(i);
      const stored = name.toLowerCase() === "rowid" ? freeName(statement) : name;
      return { name, stored, type: typeText(statement.columnType(i)) };
    });
    statement.destroySync();
    for (const { name, stored } of columns)
      if (name !== stored)
        await connection.run(`ALTER TABLE ${table} RENAME ${identifier(name)} TO ${identifier(stored)}`);
    return columns;
  }
}

function viewText(name: string, { columns, table }: NamedResult): string {
  const list = columns.map((column) => `${identifier(column.stored)} AS ${identifier(column.name)}`).join(", ");
  return `CREATE OR REPLACE VIEW main.${identifier(name)} AS SELECT ${list} FROM ${table}`;
}

function freeName(statement: { readonly columnCount: number; columnName(i: number): string }): string {
  const taken = new Set(Array.from({ length: statement.columnCount }, (_, i) => statement.columnName(i).toLowerCase()));
  let name = "rowid_";
  while (taken.has(name)) name += "_";
  return name;
}

async function tablesOf(result: NamedResult | undefined): Promise<string[]> {
  if (result === undefined) return [];
  const views = await Promise.allSettled(result.views.values());
  const made = views.flatMap((view) =>
    view.status === "fulfilled" && view.value.table !== null ? [view.value.table] : [],
  );
  return [result.table, ...made];
}

export async function inTransaction(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  await connection.run("BEGIN");
  try {
    for (const statement of statements) await connection.run(statement);
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK");
    throw error;
  }
}

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
