import type { DatabaseSync } from "node:sqlite";
import type { Run } from "../../cells/wire/http-jobs.ts";
import { addMissingColumn } from "../add-missing-column.ts";

/** Whose turn it is, the least first: what people wait for, then due times, then the past. */
export const TURNS: Readonly<Record<Run["purpose"], number>> = { manual: 0, replay: 0, scheduled: 1, backfill: 2 };
export const QUEUE_ORDER = `CASE purpose ${Object.entries(TURNS)
  .map(([purpose, turn]) => `WHEN '${purpose}' THEN ${turn}`)
  .join(" ")} END, number`;

/**
 * What lasts of jobs. A tick is one due time of one job, and there is one row for it whatever happens. A run is one
 * attempt; the token it was given when it began is the newest of its tick, or it may not publish.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS jobs (
  name TEXT PRIMARY KEY, spec TEXT NOT NULL, zone TEXT NOT NULL, version INTEGER, paused_by TEXT,
  made_at_millis INTEGER NOT NULL, through_millis INTEGER NOT NULL, next_millis INTEGER, removed_at_millis INTEGER,
  removed_by TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (next_millis) WHERE removed_at_millis IS NULL;

CREATE TABLE IF NOT EXISTS jobs_program (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), program TEXT NOT NULL) STRICT;

CREATE TABLE IF NOT EXISTS versions (
  job TEXT NOT NULL, number INTEGER NOT NULL, hash TEXT NOT NULL, made_at_millis INTEGER NOT NULL, made_by TEXT NOT NULL,
  note TEXT, content BLOB NOT NULL, PRIMARY KEY (job, number)
) STRICT;
CREATE TRIGGER IF NOT EXISTS versions_are_not_changed BEFORE UPDATE ON versions
  BEGIN SELECT RAISE(ABORT, 'a version is never changed'); END;

CREATE TABLE IF NOT EXISTS notebook_moves (
  number INTEGER PRIMARY KEY AUTOINCREMENT, moved_at_millis INTEGER NOT NULL, from_path TEXT NOT NULL, to_path TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS ticks (
  job TEXT NOT NULL, scheduled_for_millis INTEGER NOT NULL, state TEXT NOT NULL, late INTEGER NOT NULL, reason TEXT,
  run TEXT, verdict TEXT, planned_at_millis INTEGER NOT NULL, settled_at_millis INTEGER, number INTEGER,
  before_backfill TEXT, PRIMARY KEY (job, scheduled_for_millis)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ticks_open_of_job ON ticks (job, scheduled_for_millis) WHERE state IN ('due', 'waiting') AND run IS NULL;
DROP INDEX IF EXISTS ticks_open; -- Of an earlier program; nothing asks for all open ticks any more.

CREATE TABLE IF NOT EXISTS runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, job TEXT NOT NULL, purpose TEXT NOT NULL,
  scheduled_for_millis INTEGER NOT NULL, attempt INTEGER NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
  token INTEGER, owner TEXT, lease_until_millis INTEGER, not_before_millis INTEGER NOT NULL,
  window_start TEXT, window_end TEXT, as_of TEXT, due_at TEXT, alerts INTEGER NOT NULL, replay_of TEXT,
  created_at_millis INTEGER NOT NULL, started_at_millis INTEGER, ended_at_millis INTEGER, verdict TEXT, reason TEXT,
  readings INTEGER NOT NULL DEFAULT 0, same INTEGER, about TEXT, body BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS runs_open ON runs (job) WHERE ended_at_millis IS NULL;
CREATE INDEX IF NOT EXISTS runs_awaited ON runs (job, scheduled_for_millis) WHERE ended_at_millis IS NULL AND alerts = 1;
CREATE INDEX IF NOT EXISTS runs_queued ON runs (${QUEUE_ORDER}) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS runs_of_job ON runs (job, number);
CREATE INDEX IF NOT EXISTS runs_replays ON runs (replay_of) WHERE replay_of IS NOT NULL;
CREATE INDEX IF NOT EXISTS runs_of_tick ON runs (job, scheduled_for_millis);

-- That a tick runs is said by its run alone.
CREATE VIEW IF NOT EXISTS ticks_now AS
  SELECT ticks.job, ticks.scheduled_for_millis, ticks.run, ticks.verdict, ticks.planned_at_millis, ticks.settled_at_millis,
    CASE WHEN ticks.settled_at_millis IS NULL AND runs.state = 'running' THEN 'running' ELSE ticks.state END AS state,
    CASE WHEN ticks.settled_at_millis IS NULL AND runs.state = 'running' THEN NULL ELSE ticks.reason END AS reason
  FROM ticks LEFT JOIN runs ON runs.id = ticks.run;

CREATE TABLE IF NOT EXISTS run_readings (
  run TEXT NOT NULL, position INTEGER NOT NULL, id TEXT NOT NULL, cell TEXT NOT NULL, metric TEXT NOT NULL, subject TEXT,
  slice TEXT, window_start TEXT, window_end TEXT, as_of TEXT NOT NULL, value REAL, lower REAL, upper REAL, n REAL NOT NULL,
  verdict TEXT NOT NULL, reason TEXT, provisional INTEGER NOT NULL DEFAULT 0,
  beside INTEGER NOT NULL DEFAULT 0, judged REAL, number INTEGER, PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS run_readings_by_id ON run_readings (id);
CREATE INDEX IF NOT EXISTS run_readings_of_value ON run_readings (run, cell, metric, subject, slice);
`;

/** Makes the tables where they are not there, and brings those of an earlier program to the present form. */
export function makeJobTables(database: DatabaseSync): void {
  database.exec(TABLES);
  // Runs of before have none: their relative windows counted from the as-of, and do so when they are repeated.
  addMissingColumn(database, "runs", "due_at", "TEXT");
  addMissingColumn(database, "jobs", "removed_by", "TEXT");
  addMissingColumn(database, "run_readings", "provisional", "INTEGER NOT NULL DEFAULT 0");
  addMissingColumn(database, "run_readings", "beside", "INTEGER NOT NULL DEFAULT 0");
  // Runs of before do not say what their bounds were held against.
  addMissingColumn(database, "run_readings", "judged", "REAL");
  // A backfill of before left nothing of what its due time had come to.
  addMissingColumn(database, "ticks", "before_backfill", "TEXT");
  numberRows(database, "ticks", ["job", "scheduled_for_millis"], "planned_at_millis");
  numberRows(database, "run_readings", ["run", "position"], "(SELECT number FROM runs WHERE id = run)");
}

/** For the next row: what numbers say is the order in which rows came. */
export const nextNumber = (table: "ticks" | "run_readings"): string =>
  `(SELECT coalesce(max(number), 0) + 1 FROM ${table})`;

/** Rows of before get their numbers in the order in which they are likely to have come. */
function numberRows(
  database: DatabaseSync,
  table: "ticks" | "run_readings",
  key: readonly string[],
  order: string,
): void {
  addMissingColumn(database, table, "number", "INTEGER");
  database.exec(`CREATE UNIQUE INDEX IF NOT EXISTS ${table}_by_number ON ${table} (number)`);
  if (database.prepare(`SELECT 1 FROM ${table} WHERE number IS NULL LIMIT 1`).get() === undefined) return;
  const names = key.join(", ");
  database.exec(
    `UPDATE ${table} SET number = ranked.rank
     FROM (SELECT ${names}, row_number() OVER (ORDER BY ${order}, ${names}) AS rank FROM ${table}) AS ranked
     WHERE ${key.map((name) => `${table}.${name} = ranked.${name}`).join(" AND ")}`,
  );
}
