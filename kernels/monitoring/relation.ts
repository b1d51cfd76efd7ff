import type { MonitoredColumn, MonitoredRelation } from "../../cells/monitoring/selection.ts";
import { isTimeType } from "../../cells/monitoring/selection.ts";
import type { StreamRoles } from "../../cells/monitoring/stream-roles.ts";
import { nearest } from "../../cells/yaml/nearest.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type SqlEngine, SqlError } from "../engine/sql-engine.ts";
import { CellProblem } from "../session/outcome.ts";

const WORD = /^[\p{ID_Start}_][\p{ID_Continue}$]*$/u;

/** What `from` of a monitoring cell names. */
export type RelationName =
  | { readonly type: "stream"; readonly stream: string }
  /** A cell of the notebook. */
  | { readonly type: "cell"; readonly name: string }
  | { readonly type: "relation"; readonly schema: string; readonly name: string }
  | { readonly type: "file"; readonly path: string };

/** Reads `from`; `streams` decides whether a bare name is a stream or a cell. Null when it is neither. */
export function relationName(from: string, streams: ReadonlySet<string>): RelationName | null {
  const text = from.trim().replace(/^'(.*)'$/, "$1");
  if (WORD.test(text)) return streams.has(text) ? { type: "stream", stream: text } : { type: "cell", name: text };
  const [schema = "", name = "", ...more] = text.split(".");
  if (more.length === 0 && WORD.test(schema) && WORD.test(name) && streams.has(schema))
    return { type: "relation", schema, name };
  return /[/\\]|\.(csv|parquet|json|ndjson)$/i.test(text) ? { type: "file", path: text } : null;
}

/**
 * The relation with its columns. A bare stream means its decisions, or its outcomes where `outcomes`.
 * @throws CellProblem naming what there is
 */
export async function resolveRelation(
  from: string,
  streams: readonly StreamRoles[],
  engine: SqlEngine,
  { outcomes, time }: { readonly outcomes: boolean; readonly time?: string },
): Promise<MonitoredRelation> {
  const names = new Set(streams.map(({ stream }) => stream));
  const read = relationName(from, names);
  if (read === null) {
    const meant = nearest(from, names);
    throw new CellProblem(
      `from: ${JSON.stringify(from)} is no stream, cell or file.`,
      meant === null
        ? "Name a stream, a cell of this notebook, or a file such as data/loans.csv."
        : `Did you mean ${meant}?`,
    );
  }
  const { name: quote, text } = duckdbDialect;
  const sql =
    read.type === "stream"
      ? `${quote(read.stream)}.${outcomes ? "outcomes" : "decisions"}`
      : read.type === "relation"
        ? `${quote(read.schema)}.${quote(read.name)}`
        : read.type === "file"
          ? text(read.path)
          : quote(read.name);
  const stream = read.type === "stream" ? read.stream : read.type === "relation" ? read.schema : null;
  const columns = await columnsOf(from, sql, engine);
  const has = (name: string): boolean => columns.some((column) => column.name === name);
  return {
    title: from,
    sql,
    columns,
    time: timeColumn(columns, time),
    identity: ["decision_id", "feedback_id"].find(has) ?? null,
    source:
      read.type === "file"
        ? { type: "file", path: read.path }
        : (stream !== null && sql.endsWith('."decisions"')) || (read.type === "stream" && !outcomes)
          ? { type: "stream", stream: stream! }
          : null,
    roles: streams.find((one) => one.stream === stream) ?? null,
  };
}

async function columnsOf(from: string, sql: string, engine: SqlEngine): Promise<readonly MonitoredColumn[]> {
  try {
    return (await engine.describe({ sql: `SELECT * FROM ${sql}` })).columns;
  } catch (error) {
    if (error instanceof SqlError && error.kind === "failed")
      throw new CellProblem(
        `from: there is no relation ${JSON.stringify(from)}.`,
        "Name a stream, a cell of this notebook, or a file such as data/loans.csv.",
      );
    throw error;
  }
}

/** The named one, `decided_at`, `observed_at`, or the only column of times. */
function timeColumn(columns: readonly MonitoredColumn[], named: string | undefined): string | null {
  const times = columns.filter(({ type }) => isTimeType(type)).map(({ name }) => name);
  if (named !== undefined) return named;
  const known = ["decided_at", "observed_at"].find((name) => times.includes(name));
  return known ?? (times.length === 1 ? times[0]! : null);
}

/** @throws CellProblem with the nearest name */
export function columnNamed({ columns, title }: MonitoredRelation, name: string, key: string): MonitoredColumn {
  const column = columns.find((one) => one.name === name);
  if (column !== undefined) return column;
  const names = columns.map((one) => one.name);
  const meant = nearest(name, names);
  throw new CellProblem(
    `${key}: ${title} has no column ${JSON.stringify(name)}.`,
    meant === null ? `It has ${names.slice(0, 40).join(", ")}.` : `Did you mean ${meant}?`,
  );
}
