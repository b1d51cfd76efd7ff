import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { MONITOR_TABLES, type MonitorTableName } from "../../cells/monitoring/monitor-tables.ts";
import { quoteText } from "../lake/sql-text.ts";
import { asItIs, withBodies, withContent } from "./monitor-rows.ts";
import { Statements } from "./statements.ts";

/** How the rows of a table come out of SQLite. */
interface Exported {
  /** Columns by name; instants as ISO text or milliseconds, JSON as its text. */
  readonly rows: string;
  /** The column that says when a row came to be known. */
  readonly since: string;
}

const instant = (column: string): string => `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;
const said = (column: string, key: string): string => `json_extract(${column}, '$.${key}')`;

const TABLES: Readonly<Record<MonitorTableName, Exported>> = {
  runs: {
    rows: `SELECT id, job, purpose, ${instant("scheduled_for_millis")} AS scheduled_for, attempt, version, state,
      window_start, window_end, as_of, due_at, ${instant("created_at_millis")} AS created_at,
      ${instant("started_at_millis")} AS started_at, ${instant("ended_at_millis")} AS ended_at, verdict, reason, readings,
      replay_of, CASE same WHEN 1 THEN 'true' WHEN 0 THEN 'false' END AS same,
      ${said("about", "program.driftbook")} AS driftbook, ${said("about", "program.engine")} AS engine,
      ${said("about", "inputs")} AS inputs,
      (SELECT json_group_object(${said("value", "stream")}, ${said("value", "snapshot")})
       FROM json_each(about, '$.inputs') HAVING about IS NOT NULL) AS snapshot
      FROM runs`,
    since: "created_at",
  },
  ticks: {
    rows: `SELECT job, ${instant("scheduled_for_millis")} AS scheduled_for, state, verdict, reason, run,
      ${instant("planned_at_millis")} AS planned_at, ${instant("settled_at_millis")} AS settled_at FROM ticks_now`,
    since: "planned_at",
  },
  versions: {
    rows: `SELECT job, number, hash, ${instant("made_at_millis")} AS made_at, made_by, note, content FROM versions`,
    since: "made_at",
  },
  alerts: {
    rows: `SELECT id, job, cell, metric, subject, slice, state, reason, run, ${instant("since_millis")} AS since,
      ${instant("fired_millis")} AS fired_at, ${instant("ended_millis")} AS ended_at, ${said("fired", "value")} AS fired_value,
      ${said("fired", "reading")} AS fired_reading, ${said("fired", "bounds.warn")} AS warn, ${said("fired", "bounds.fail")} AS fail,
      ${said("acknowledged", "by")} AS acknowledged_by, ${instant(said("acknowledged", "atMillis"))} AS acknowledged_at,
      closed_as, ${said("closed", "by")} AS closed_by, ${instant(said("closed", "atMillis"))} AS closed_at,
      coalesce(${said("closed", "comment")}, ${said("acknowledged", "comment")}) AS comment
      FROM (SELECT alerts.*, (SELECT observation FROM alert_changes
        WHERE alert = alerts.id AND act = 'state' AND to_state = 'firing' ORDER BY alert_changes.id LIMIT 1) AS fired FROM alerts)`,
    since: "since",
  },
  readings: {
    rows: `SELECT one.id, run, job, version, purpose, ${instant("scheduled_for_millis")} AS scheduled_for,
      ${instant("ended_at_millis")} AS measured_at, cell, metric, subject, slice, one.window_start, one.window_end,
      one.as_of, value, lower, upper, n, one.verdict, one.reason,
      CASE one.provisional WHEN 1 THEN 'true' ELSE 'false' END AS provisional, position
      FROM runs JOIN run_readings AS one ON one.run = runs.id`,
    since: "measured_at",
  },
};
const NAMES = Object.keys(MONITOR_TABLES) as MonitorTableName[];

/** Runs whose readings share a file. */
const RUNS_A_FILE = 20;
/** Files of another version of the program may have other columns: they are not read. */
const READINGS = `readings-${createHash("sha256").update(Object.keys(MONITOR_TABLES.readings.columns).join()).digest("hex").slice(0, 8)}`;
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
  #written = { changes: -1, files: new Map<MonitorTableName, readonly string[]>() };

  /** The tables of jobs and alerts must be there. */
  constructor(folder: string, database: DatabaseSync) {
    this.folder = path.join(folder, ".driftbook", "monitor");
    this.#database = database;
    this.#sql = new Statements(database);
  }

  /** Views of what was known at `asOf`, ISO 8601; null for all that is known now. */
  statements(asOf: string | null): string[] {
    const files = this.#files();
    return ["CREATE SCHEMA IF NOT EXISTS monitor", ...NAMES.map((name) => viewOf(name, files.get(name)!, asOf))];
  }

  /** How many rows each has. */
  counts(): Readonly<Record<MonitorTableName, number>> {
    const of = { runs: "runs", ticks: "ticks", versions: "versions", alerts: "alerts", readings: "run_readings" };
    const counts = Object.entries(of).map(([name, table]) => [
      name,
      Number(this.#sql.get(`SELECT count(*) AS count FROM ${table}`)!.count),
    ]);
    return Object.fromEntries(counts) as Record<MonitorTableName, number>;
  }

  #files(): ReadonlyMap<MonitorTableName, readonly string[]> {
    const changes = Number(this.#sql.get("SELECT total_changes() AS changes")!.changes);
    if (changes === this.#written.changes) return this.#written.files;
    mkdirSync(this.folder, { recursive: true });
    this.#forgetOld();
    const stamp = `${this.#life}-${changes}`;
    const files = new Map<MonitorTableName, readonly string[]>();
    for (const name of NAMES) files.set(name, this.#filesOf(name, stamp));
    this.#written = { changes, files };
    return files;
  }

  #filesOf(name: MonitorTableName, stamp: string): string[] {
    switch (name) {
      case "readings":
        return this.#readingFiles();
      case "versions": {
        // Versions are opened to be read, and never change: their number says whether there is anything new.
        const { count } = this.#sql.get("SELECT count(*) AS count FROM versions")!;
        return [this.#write(name, `versions-${this.#life}-of-${count}`, withContent, "", true)];
      }
      case "runs":
      case "ticks":
      case "alerts":
        return [this.#write(name, `${name}-${stamp}`)];
    }
  }

  /** What an ended run measured never changes: a file is named for the runs in it, and written once. */
  #readingFiles(): string[] {
    const files: string[] = [];
    const ranges = this.#sql.all(
      `SELECT (number - 1) / ${RUNS_A_FILE} AS range, count(ended_at_millis) AS ended FROM runs GROUP BY 1 HAVING ended > 0`,
    );
    for (const { range, ended } of ranges) {
      const from = Number(range) * RUNS_A_FILE + 1;
      const these = `number BETWEEN ${from} AND ${from + RUNS_A_FILE - 1}`;
      const bodies = (): ReadonlyMap<string, Uint8Array> =>
        new Map(
          this.#sql
            .all(`SELECT id, body FROM runs WHERE ${these} AND body IS NOT NULL`)
            .map(({ id, body }) => [String(id), body as Uint8Array]),
        );
      const where = ` WHERE ${these} ORDER BY number, position`;
      files.push(this.#write("readings", `${READINGS}-${from}-${ended}`, withBodies(bodies), where, true));
    }
    return files;
  }

  /** NDJSON; what its name says all of is written once. */
  #write(table: MonitorTableName, name: string, complete = asItIs, where = "", once = false): string {
    const file = path.join(this.folder, `${name}.ndjson`);
    if (once && statSync(file, { throwIfNoEntry: false }) !== undefined) return file;
    const lines = this.#database
      .prepare(TABLES[table].rows + where)
      .all()
      .map(complete(table));
    writeFileSync(file, lines.map((row) => `${JSON.stringify(row)}\n`).join(""));
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

function viewOf(name: MonitorTableName, files: readonly string[], asOf: string | null): string {
  const { since } = TABLES[name];
  const entries = Object.entries<readonly [type: string, about: string]>(MONITOR_TABLES[name].columns);
  const until = asOf === null ? "" : ` WHERE ${since} <= TIMESTAMPTZ ${quoteText(asOf)}`;
  const relation =
    files.length === 0
      ? `SELECT ${entries.map(([column, [type]]) => `NULL::${type} AS ${column}`).join(", ")} WHERE false`
      : `SELECT * FROM read_json([${files.map(quoteText).join(", ")}], format = 'newline_delimited', columns = {${entries
          .map(([column, [type]]) => `${column}: '${type}'`)
          .join(", ")}})`;
  return `CREATE OR REPLACE VIEW monitor.${name} AS SELECT * FROM (${relation})${until}`;
}
