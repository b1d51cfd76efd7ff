import type { DuckDBConnection } from "../duckdb/duckdb.ts";
import { identifier, type NamedResult, type ResultColumn } from "./named-results.ts";
import type { ColumnSummary } from "./sql-engine.ts";

const BINS = 20;
const TOP = 10;

type Scale = "number" | "time" | "categories" | "none";

/** How a column's values can be summed up. */
function scaleOf(type: string): Scale {
  if (/^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL.*|UINTEGER)$/.test(type)) return "number";
  if (/^(?:DATE|TIMESTAMP.*)$/.test(type) && !type.endsWith("]")) return "time";
  if (/^(?:VARCHAR|BOOLEAN|UUID|TIME|TIME WITH TIME ZONE)$/.test(type) || /^ENUM\(.*\)$/.test(type))
    return "categories";
  return "none";
}

/** Exact counts per column: missing and distinct values, range, and a histogram or the most frequent values. */
export async function summarise(connection: DuckDBConnection, result: NamedResult): Promise<ColumnSummary[]> {
  const summaries: ColumnSummary[] = [];
  // One column after the other on purpose: a hash table of distinct values for each at once could need all memory.
  for (const column of result.columns) summaries.push(await summariseColumn(connection, result, column));
  return summaries;
}

async function summariseColumn(
  connection: DuckDBConnection,
  { table, rowCount }: NamedResult,
  column: ResultColumn,
): Promise<ColumnSummary> {
  const name = identifier(column.stored);
  const scale = scaleOf(column.type);
  if (scale === "none") {
    const [present] = await firstRow(connection, `SELECT count(${name}) FROM ${table}`);
    return {
      ...named(column),
      missing: rowCount - Number(present),
      distinct: null,
      min: null,
      max: null,
      bins: null,
      top: null,
    };
  }
  const [present, distinct, min, max] = await firstRow(
    connection,
    `SELECT count(${name}), count(DISTINCT ${name}), min(${name})::VARCHAR, max(${name})::VARCHAR FROM ${table}`,
  );
  return {
    ...named(column),
    missing: rowCount - Number(present),
    distinct: Number(distinct),
    min: min === null ? null : String(min),
    max: max === null ? null : String(max),
    bins: scale === "categories" ? null : await histogram(connection, table, name, scale),
    top: scale === "categories" ? await mostFrequent(connection, table, name) : null,
  };
}

const named = (column: ResultColumn): { name: string; type: string } => ({ name: column.name, type: column.type });

/** Counts in equal-width bins over the finite values; null when there are none. */
async function histogram(
  connection: DuckDBConnection,
  table: string,
  name: string,
  scale: "number" | "time",
): Promise<number[] | null> {
  const number = scale === "time" ? `epoch_us(${name}::TIMESTAMP)::DOUBLE` : `${name}::DOUBLE`;
  const finite = `SELECT ${number} AS v FROM ${table} WHERE ${name} IS NOT NULL AND isfinite(${scale === "time" ? name : number})`;
  const rows = await connection.run(
    `WITH f AS (${finite}), e AS (SELECT min(v) AS low, max(v) AS high FROM f)
     SELECT CASE WHEN high > low THEN least(${BINS - 1}, floor((v / 2 - low / 2) / (high / 2 - low / 2) * ${BINS})) ELSE 0 END::INTEGER AS bin,
            count(*) FROM f, e GROUP BY bin`,
  );
  const bins = new Array<number>(BINS).fill(0);
  const counted = await rows.getRows();
  for (const [bin, count] of counted) bins[Number(bin)] = Number(count);
  return counted.length === 0 ? null : bins;
}

async function mostFrequent(
  connection: DuckDBConnection,
  table: string,
  name: string,
): Promise<{ value: string; count: number }[]> {
  const rows = await connection.run(
    `SELECT ${name}::VARCHAR AS value, count(*) AS n FROM ${table} WHERE ${name} IS NOT NULL GROUP BY value ORDER BY n DESC, value LIMIT ${TOP}`,
  );
  return (await rows.getRows()).map(([value, count]) => ({ value: String(value), count: Number(count) }));
}

async function firstRow(connection: DuckDBConnection, sql: string): Promise<readonly unknown[]> {
  return (await (await connection.run(sql)).getRows())[0]!;
}
