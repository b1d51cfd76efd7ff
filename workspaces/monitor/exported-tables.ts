import { MONITOR_TABLES, type MonitorTableName } from "../../cells/monitoring/monitor-tables.ts";
import { asItIs, type Complete, withBodies, withContent } from "./monitor-rows.ts";
import type { Statements } from "./statements.ts";

/** How a table leaves SQLite: pages of rows in the order in which they came. */
export interface ExportedTable {
  /** Columns by name, without a WHERE; instants as ISO text, JSON as its text. */
  readonly rows: string;
  /** What counts the rows, in `rows`. */
  readonly number: string;
  /** The highest number; null for none. */
  readonly newest: string;
  /** The table of SQLite whose rows change after they came; null where they stay as they are. */
  readonly changing: "runs" | "ticks" | null;
  readonly rowsPerPage: number;
  /** As DuckDB reads them. */
  readonly columns: Readonly<Record<string, string>>;
  readonly complete: (sql: Statements) => Complete;
}

const instant = (column: string): string => `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;
const said = (column: string, key: string): string => `json_extract(${column}, '$.${key}')`;

/** Those that people see. */
const seen = (table: MonitorTableName): Record<string, string> =>
  Object.fromEntries(
    Object.entries<readonly [type: string, about: string]>(MONITOR_TABLES[table].columns).map(([name, [type]]) => [
      name,
      type,
    ]),
  );

export const EXPORTED: Readonly<Record<MonitorTableName, ExportedTable>> = {
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
    number: "number",
    newest: "SELECT max(number) AS newest FROM runs",
    changing: "runs",
    rowsPerPage: 1000,
    columns: seen("runs"),
    complete: () => asItIs(seen("runs")),
  },
  ticks: {
    rows: `SELECT job, ${instant("scheduled_for_millis")} AS scheduled_for, state, verdict, reason, run,
      ${instant("planned_at_millis")} AS planned_at, ${instant("settled_at_millis")} AS settled_at,
      ${said("before_backfill", "state")} AS earlier_state, ${said("before_backfill", "reason")} AS earlier_reason,
      ${said("before_backfill", "run")} AS earlier_run, ${instant(said("before_backfill", "settled"))} AS earlier_settled_at
      FROM ticks`,
    number: "number",
    newest: "SELECT max(number) AS newest FROM ticks",
    changing: "ticks",
    rowsPerPage: 1000,
    columns: {
      ...seen("ticks"),
      ...{ earlier_state: "VARCHAR", earlier_reason: "VARCHAR", earlier_run: "VARCHAR" },
      earlier_settled_at: "TIMESTAMPTZ",
    },
    complete: () => asItIs({}),
  },
  versions: {
    rows: `SELECT job, number, hash, ${instant("made_at_millis")} AS made_at, made_by, note, content FROM versions`,
    number: "rowid",
    newest: "SELECT max(rowid) AS newest FROM versions",
    changing: null,
    // They are opened to be read.
    rowsPerPage: 100,
    columns: seen("versions"),
    complete: () => withContent,
  },
  // Not the alerts as they are, but what became of them: that says how they were at any time.
  alerts: {
    rows: `SELECT alert_changes.id AS n, alerts.id, job, cell, metric, subject, slice, act, from_state, to_state, text,
      alert_changes.run, "by", ${instant("at_millis")} AS "at", ${instant("recorded_millis")} AS recorded_at,
      ${said("alert_changes.observation", "value")} AS value, ${said("alert_changes.observation", "reading")} AS reading,
      ${said("alert_changes.observation", "bounds.warn")} AS warn, ${said("alert_changes.observation", "bounds.fail")} AS fail
      FROM alert_changes JOIN alerts ON alerts.id = alert_changes.alert`,
    number: "alert_changes.id",
    newest: "SELECT max(id) AS newest FROM alert_changes",
    changing: null,
    rowsPerPage: 1000,
    columns: {
      ...{ n: "BIGINT", id: "VARCHAR", job: "VARCHAR", cell: "VARCHAR", metric: "VARCHAR", subject: "VARCHAR" },
      ...{
        slice: "VARCHAR",
        act: "VARCHAR",
        from_state: "VARCHAR",
        to_state: "VARCHAR",
        text: "VARCHAR",
        run: "VARCHAR",
      },
      ...{ by: "VARCHAR", at: "TIMESTAMPTZ", recorded_at: "TIMESTAMPTZ", value: "DOUBLE", reading: "VARCHAR" },
      ...{ warn: "JSON", fail: "JSON" },
    },
    complete: () => asItIs({ warn: "JSON", fail: "JSON" }),
  },
  readings: {
    rows: `SELECT one.id, run, job, version, purpose, ${instant("scheduled_for_millis")} AS scheduled_for,
      ${instant("ended_at_millis")} AS measured_at, cell, metric, subject, slice, one.window_start, one.window_end,
      one.as_of, value, lower, upper, n, one.verdict, one.reason,
      CASE one.provisional WHEN 1 THEN 'true' ELSE 'false' END AS provisional, position
      FROM run_readings AS one JOIN runs ON runs.id = one.run`,
    number: "one.number",
    newest: "SELECT max(number) AS newest FROM run_readings",
    changing: null,
    rowsPerPage: 2000,
    columns: seen("readings"),
    complete: withBodies,
  },
};
