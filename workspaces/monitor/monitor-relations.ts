import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { quoteText } from "../lake/sql-text.ts";
import { Statements } from "./statements.ts";

/** What SQL cells see of one table: its columns in DuckDB's types, and the rows as SQLite gives them. */
interface Exported {
  readonly columns: Readonly<Record<string, "VARCHAR" | "BIGINT" | "DOUBLE" | "BOOLEAN" | "TIMESTAMPTZ">>;
  /** Columns by name; instants as ISO text or milliseconds. `since` is the column that says when a row came to be known. */
  readonly rows: string;
  readonly since: string;
}

const instant = (column: string): string => `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;

const TABLES = {
  runs: {
    columns: {
      ...{ id: "VARCHAR", job: "VARCHAR", purpose: "VARCHAR", scheduled_for: "TIMESTAMPTZ", attempt: "BIGINT" },
      ...{ version: "BIGINT", state: "VARCHAR", window_start: "TIMESTAMPTZ", window_end: "TIMESTAMPTZ" },
      ...{ as_of: "TIMESTAMPTZ", created_at: "TIMESTAMPTZ", started_at: "TIMESTAMPTZ", ended_at: "TIMESTAMPTZ" },
      ...{ verdict: "VARCHAR", reason: "VARCHAR", readings: "BIGINT" },
    },
    rows: `SELECT id, job, purpose, ${instant("scheduled_for_millis")} AS scheduled_for, attempt, version, state,
      window_start, window_end, as_of, ${instant("created_at_millis")} AS created_at,
      ${instant("started_at_millis")} AS started_at, ${instant("ended_at_millis")} AS ended_at, verdict, reason, readings
      FROM runs`,
    since: "created_at",
  },
  ticks: {
    columns: {
      ...{ job: "VARCHAR", scheduled_for: "TIMESTAMPTZ", state: "VARCHAR", verdict: "VARCHAR", reason: "VARCHAR" },
      ...{ run: "VARCHAR", planned_at: "TIMESTAMPTZ", settled_at: "TIMESTAMPTZ" },
    },
    rows: `SELECT job, ${instant("scheduled_for_millis")} AS scheduled_for, state, verdict, reason, run,
      ${instant("planned_at_millis")} AS planned_at, ${instant("settled_at_millis")} AS settled_at FROM ticks_now`,
    since: "planned_at",
  },
  versions: {
    columns: {
      ...{ job: "VARCHAR", number: "BIGINT", hash: "VARCHAR", made_at: "TIMESTAMPTZ", made_by: "VARCHAR" },
      note: "VARCHAR",
    },
    rows: `SELECT job, number, hash, ${instant("made_at_millis")} AS made_at, made_by, note FROM versions`,
    since: "made_at",
  },
  alerts: {
    columns: {
      ...{ id: "VARCHAR", job: "VARCHAR", cell: "VARCHAR", metric: "VARCHAR", subject: "VARCHAR", slice: "VARCHAR" },
      ...{ state: "VARCHAR", reason: "VARCHAR", run: "VARCHAR", since: "TIMESTAMPTZ", fired_at: "TIMESTAMPTZ" },
      ...{ ended_at: "TIMESTAMPTZ", closed_as: "VARCHAR" },
    },
    rows: `SELECT id, job, cell, metric, subject, slice, state, reason, run, ${instant("since_millis")} AS since,
      ${instant("fired_millis")} AS fired_at, ${instant("ended_millis")} AS ended_at, closed_as FROM alerts`,
    since: "since",
  },
  readings: {
    columns: {
      ...{ id: "VARCHAR", run: "VARCHAR", job: "VARCHAR", version: "BIGINT", purpose: "VARCHAR" },
      ...{ scheduled_for: "TIMESTAMPTZ", measured_at: "TIMESTAMPTZ", cell: "VARCHAR", metric: "VARCHAR" },
      ...{ subject: "VARCHAR", slice: "VARCHAR", window_start: "TIMESTAMPTZ", window_end: "TIMESTAMPTZ" },
      ...{ as_of: "TIMESTAMPTZ", value: "DOUBLE", lower: "DOUBLE", upper: "DOUBLE", n: "DOUBLE" },
      ...{ verdict: "VARCHAR", reason: "VARCHAR", provisional: "BOOLEAN" },
    },
    rows: `SELECT one.id, run, job, version, purpose, ${instant("scheduled_for_millis")} AS scheduled_for,
      ${instant("ended_at_millis")} AS measured_at, cell, metric, subject, slice, one.window_start, one.window_end,
      one.as_of, value, lower, upper, n, one.verdict, one.reason,
      CASE one.provisional WHEN 1 THEN 'true' ELSE 'false' END AS provisional
      FROM runs JOIN run_readings AS one ON one.run = runs.id`,
    since: "measured_at",
  },
} as const satisfies Readonly<Record<string, Exported>>;
type TableName = keyof typeof TABLES;

/** Runs whose readings share a file. */
const RUNS_A_FILE = 20;
/** Files of another version of the program may have other columns: they are not read. */
const READINGS = `readings-${createHash("sha256").update(Object.keys(TABLES.readings.columns).join()).digest("hex").slice(0, 8)}`;
const KEPT_MILLIS = 24 * 3_600_000;

/** Whether a text may read these tables; it may also only mention them. */
export const mentionsMonitor = (text: string): boolean => /\bmonitor\b/i.test(text);

/**
 * `monitor.readings|runs|ticks|alerts|versions` for SQL cells: what the database holds, as files that an engine reads.
 * They are written when somebody asks and something has changed, and stay for a day.
 */
export class MonitorRelations {
  readonly folder: string;
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  /** Of this process: names of files that may still change hold it. */
  readonly #life = randomBytes(4).toString("hex");
  #written = { changes: -1, files: new Map<TableName, readonly string[]>() };

  /** The tables of jobs and alerts must be there. */
  constructor(folder: string, database: DatabaseSync) {
    this.folder = path.join(folder, ".driftbook", "monitor");
    this.#database = database;
    this.#sql = new Statements(database);
  }

  /** Views of what was known at `asOf`, ISO 8601; null for all that is known now. */
  statements(asOf: string | null): string[] {
    const files = this.#files();
    return [
      "CREATE SCHEMA IF NOT EXISTS monitor",
      ...(Object.keys(TABLES) as TableName[]).map((name) => viewOf(name, files.get(name)!, asOf)),
    ];
  }

  #files(): ReadonlyMap<TableName, readonly string[]> {
    const changes = Number(this.#sql.get("SELECT total_changes() AS changes")!.changes);
    if (changes === this.#written.changes) return this.#written.files;
    mkdirSync(this.folder, { recursive: true });
    this.#forgetOld();
    const stamp = `${this.#life}-${changes}`;
    const files = new Map<TableName, readonly string[]>();
    for (const name of Object.keys(TABLES) as TableName[])
      files.set(
        name,
        name === "readings" ? this.#readingFiles() : [this.#write(`${name}-${stamp}`, TABLES[name].rows)],
      );
    this.#written = { changes, files };
    return files;
  }

  /** What an ended run measured never changes: a file is named for the runs in it, and written once. */
  #readingFiles(): string[] {
    const files: string[] = [];
    const ranges = this.#sql.all(
      `SELECT (number - 1) / ${RUNS_A_FILE} AS range, count(ended_at_millis) AS ended FROM runs GROUP BY 1 HAVING ended > 0`,
    );
    for (const { range, ended } of ranges) {
      const from = Number(range) * RUNS_A_FILE + 1;
      const rows = `${TABLES.readings.rows} WHERE number BETWEEN ${from} AND ${from + RUNS_A_FILE - 1} ORDER BY number, position`;
      files.push(this.#write(`${READINGS}-${from}-${ended}`, rows, true));
    }
    return files;
  }

  /** NDJSON; what its name says all of is written once. */
  #write(name: string, rows: string, once = false): string {
    const file = path.join(this.folder, `${name}.ndjson`);
    if (once && statSync(file, { throwIfNoEntry: false }) !== undefined) return file;
    const lines = this.#database
      .prepare(rows)
      .all()
      .map((row) => `${JSON.stringify(row)}\n`);
    writeFileSync(file, lines.join(""));
    return file;
  }

  /** Sessions may read what they were given for a while; what is final stays. */
  #forgetOld(): void {
    const before = Date.now() - KEPT_MILLIS;
    for (const name of readdirSync(this.folder)) {
      const file = path.join(this.folder, name);
      if (!new RegExp(`^${READINGS}-\\d+-${RUNS_A_FILE}\\.ndjson$`).test(name) && statSync(file).mtimeMs < before)
        rmSync(file, { force: true });
    }
  }
}

function viewOf(name: TableName, files: readonly string[], asOf: string | null): string {
  const { columns, since } = TABLES[name];
  const entries = Object.entries(columns);
  const until = asOf === null ? "" : ` WHERE ${since} <= TIMESTAMPTZ ${quoteText(asOf)}`;
  const relation =
    files.length === 0
      ? `SELECT ${entries.map(([column, type]) => `NULL::${type} AS ${column}`).join(", ")} WHERE false`
      : `SELECT * FROM read_json([${files.map(quoteText).join(", ")}], format = 'newline_delimited', columns = {${entries
          .map(([column, type]) => `${column}: '${type}'`)
          .join(", ")}})`;
  return `CREATE OR REPLACE VIEW monitor.${name} AS SELECT * FROM (${relation})${until}`;
}
