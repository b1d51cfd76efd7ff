import { MONITOR_TABLES, type MonitorTableName } from "../../cells/monitoring/monitor-tables.ts";
import { quoteText } from "../lake/sql-text.ts";
import { EXPORTED } from "./exported-tables.ts";

export interface MonitorState {
  /** Paths of each table's pages. */
  readonly files: Readonly<Record<MonitorTableName, readonly string[]>>;
  /** Runs that go on. */
  readonly running: readonly string[];
}

/**
 * `monitor.runs` and the others in DuckDB: as they are, or as they were just before `asOf`, ISO 8601. What came to be
 * known from then on is not seen, whatever became of the rows since, so that who reads them at one as-of gets the same
 * at any time.
 */
export function monitorViews({ files, running }: MonitorState, asOf: string | null): string[] {
  const at = asOf === null ? null : `TIMESTAMPTZ ${quoteText(asOf)}`;
  const pages = (table: MonitorTableName): string => relationOf(table, files[table]);
  const rows: Readonly<Record<MonitorTableName, string>> = {
    runs: runsOf(pages("runs"), at),
    ticks: at === null ? ticksNow(pages("ticks"), running) : ticksAt(pages("ticks"), at),
    versions: `SELECT * FROM ${pages("versions")}${until("made_at", at)}`,
    alerts: alertsOf(`${pages("alerts")}${until("recorded_at", at)}`),
    readings: `SELECT * FROM ${pages("readings")}${until("measured_at", at)}`,
  };
  return [
    "CREATE SCHEMA IF NOT EXISTS monitor",
    ...Object.entries(rows).map(([name, select]) => {
      const columns = Object.keys(MONITOR_TABLES[name as MonitorTableName].columns).map((column) => `"${column}"`);
      return `CREATE OR REPLACE VIEW monitor.${name} AS SELECT ${columns.join(", ")} FROM (${select})`;
    }),
  ];
}

const until = (since: string, at: string | null): string => (at === null ? "" : ` WHERE ${since} < ${at}`);

function relationOf(table: MonitorTableName, files: readonly string[]): string {
  const columns = Object.entries(EXPORTED[table].columns);
  return files.length === 0
    ? `(SELECT ${columns.map(([column, type]) => `NULL::${type} AS "${column}"`).join(", ")} WHERE false)`
    : `read_json([${files.map(quoteText).join(", ")}], format = 'newline_delimited', compression = 'gzip',
        columns = {${columns.map(([column, type]) => `"${column}": '${type}'`).join(", ")}})`;
}

/** What is known of a run only when it has ended. */
const OF_ENDED = [
  ...["window_start", "window_end", "as_of", "ended_at", "verdict", "reason", "same"],
  ...["driftbook", "engine", "inputs", "snapshot"],
];

function runsOf(pages: string, at: string | null): string {
  if (at === null) return `SELECT * FROM ${pages}`;
  const ended = OF_ENDED.map((name) => `CASE WHEN ended_at < ${at} THEN ${name} END AS ${name}`);
  return `SELECT * REPLACE (
      CASE WHEN ended_at < ${at} THEN state WHEN started_at < ${at} THEN 'running' ELSE 'queued' END AS state,
      CASE WHEN started_at < ${at} THEN started_at END AS started_at,
      CASE WHEN ended_at < ${at} THEN readings ELSE 0 END AS readings,
      ${ended.join(", ")}
    ) FROM ${pages} WHERE created_at < ${at}`;
}

/** That a tick runs is said by its run alone. */
function ticksNow(pages: string, running: readonly string[]): string {
  const runs = running.length === 0 ? "false" : `settled_at IS NULL AND run IN (${running.map(quoteText).join(", ")})`;
  return `SELECT * REPLACE (
      CASE WHEN ${runs} THEN 'running' ELSE state END AS state, CASE WHEN ${runs} THEN NULL ELSE reason END AS reason
    ) FROM ${pages}`;
}

/** What had not come to an end was due: how long it waited for what, and when its run began, is not kept. */
function ticksAt(pages: string, at: string): string {
  const then = (name: string, otherwise = "NULL"): string =>
    `CASE WHEN settled_at < ${at} THEN ${name} WHEN earlier_settled_at < ${at} THEN earlier_${name} ELSE ${otherwise} END AS ${name}`;
  return `SELECT * REPLACE (
      ${[then("state", "'due'"), then("reason"), then("run"), then("settled_at")].join(", ")},
      CASE WHEN settled_at < ${at} THEN verdict END AS verdict
    ) FROM ${pages} WHERE planned_at < ${at}`;
}

/** Of all that became of each alert: how it stands after the last of it. */
function alertsOf(changes: string): string {
  const of = (which: "first" | "last", column: string, where: string): string =>
    `${which}("${column}" ORDER BY n) FILTER (${where})`;
  const state = "act = 'state'";
  const fired = "act = 'state' AND to_state = 'firing'";
  return `SELECT * REPLACE (split_part(closed, ': ', 1) AS closed_as,
      coalesce(nullif(substr(closed, length(split_part(closed, ': ', 1)) + 3), ''), comment) AS comment)
    FROM (SELECT id, any_value(job) AS job, any_value(cell) AS cell, any_value(metric) AS metric, any_value(subject) AS subject,
      any_value(slice) AS slice, ${of("last", "to_state", state)} AS state, ${of("last", "text", state)} AS reason,
      ${of("last", "run", state)} AS run, ${of("last", "at", `${state} AND from_state = 'inactive'`)} AS since,
      ${of("first", "at", `${state} AND to_state IN ('firing', 'no-data', 'error')`)} AS fired_at,
      ${of("last", "at", `${state} AND to_state IN ('resolved', 'gone')`)} AS ended_at,
      ${of("first", "value", fired)} AS fired_value, ${of("first", "reading", fired)} AS fired_reading,
      ${of("first", "warn", fired)} AS warn, ${of("first", "fail", fired)} AS fail,
      ${of("last", "by", "act = 'acknowledged'")} AS acknowledged_by,
      ${of("last", "at", "act = 'acknowledged'")} AS acknowledged_at,
      ${of("last", "text", "act = 'closed'")} AS closed, NULL::VARCHAR AS closed_as,
      ${of("last", "by", "act = 'closed'")} AS closed_by, ${of("last", "at", "act = 'closed'")} AS closed_at,
      ${of("last", "text", "act = 'acknowledged'")} AS comment
      FROM ${changes} GROUP BY id)`;
}
