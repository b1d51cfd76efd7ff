import type { DatabaseSync } from "node:sqlite";
import { addMissingColumn } from "../add-missing-column.ts";

/** Tables of `.driftbook/monitor.db` that alerts own. JSON columns hold what cells/alerts defines. */
const TABLES = `
CREATE TABLE IF NOT EXISTS alerts (
  id TEXT PRIMARY KEY, job TEXT NOT NULL, key TEXT NOT NULL,
  cell TEXT, kind TEXT, metric TEXT, subject TEXT, slice TEXT,
  state TEXT NOT NULL, bad INTEGER NOT NULL, good INTEGER NOT NULL, needed INTEGER NOT NULL,
  since_millis INTEGER NOT NULL, fired_millis INTEGER, ended_millis INTEGER,
  run TEXT NOT NULL, version INTEGER NOT NULL, unmeasured_runs INTEGER NOT NULL,
  observation TEXT, reason TEXT,
  told_state TEXT, told_millis INTEGER,
  acknowledged TEXT, closed_as TEXT, closed TEXT, worst TEXT
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS alerts_open ON alerts (key) WHERE ended_millis IS NULL;
CREATE INDEX IF NOT EXISTS alerts_by_job ON alerts (job, ended_millis);
CREATE INDEX IF NOT EXISTS alerts_since ON alerts (since_millis);
-- Few of many: what is over stays for good.
CREATE INDEX IF NOT EXISTS alerts_not_ended ON alerts (since_millis) WHERE ended_millis IS NULL;
CREATE INDEX IF NOT EXISTS alerts_fired ON alerts (job, fired_millis, closed_as) WHERE fired_millis IS NOT NULL;
CREATE TABLE IF NOT EXISTS alert_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, alert TEXT NOT NULL REFERENCES alerts (id),
  at_millis INTEGER NOT NULL, recorded_millis INTEGER NOT NULL, act TEXT NOT NULL,
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, run TEXT, notice TEXT NOT NULL, by TEXT, text TEXT, observation TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS alert_changes_by_alert ON alert_changes (alert, id);
CREATE TABLE IF NOT EXISTS alert_runs (
  run TEXT PRIMARY KEY, job TEXT NOT NULL, due_millis INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS alert_jobs (
  job TEXT PRIMARY KEY, rules TEXT NOT NULL, newest_due_millis INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS alert_waiting (
  run TEXT PRIMARY KEY, job TEXT NOT NULL, due_millis INTEGER NOT NULL, judged TEXT NOT NULL, rules TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS alert_waiting_by_job ON alert_waiting (job, due_millis);
CREATE TABLE IF NOT EXISTS silences (
  id TEXT PRIMARY KEY, job TEXT NOT NULL, alert TEXT, from_millis INTEGER NOT NULL, until_millis INTEGER NOT NULL,
  comment TEXT NOT NULL, by TEXT NOT NULL, cell TEXT, metric TEXT, subject TEXT, slice TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS silences_by_job ON silences (job, until_millis);
`;

/** Makes the tables where they are not there, and brings those of an earlier program to the present form. */
export function makeAlertTables(database: DatabaseSync): void {
  database.exec(TABLES);
  addMissingColumn(database, "alerts", "worst", "TEXT");
}

/** Messages and their attempts; `sequence` is the order in which a destination gets them. */
export const OUTBOX_TABLES = `
CREATE TABLE IF NOT EXISTS outbox (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, destination TEXT NOT NULL,
  job TEXT, run TEXT, title TEXT NOT NULL, payload TEXT NOT NULL,
  state TEXT NOT NULL, created_millis INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
  next_millis INTEGER NOT NULL, give_up_millis INTEGER NOT NULL, ended_millis INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (destination, sequence) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS outbox_of_destination ON outbox (destination, sequence);
CREATE INDEX IF NOT EXISTS outbox_ended ON outbox (destination, state, ended_millis);
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL REFERENCES outbox (id),
  at_millis INTEGER NOT NULL, duration_millis INTEGER, outcome TEXT NOT NULL, status INTEGER, text TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_by_message ON deliveries (message, id);
CREATE TABLE IF NOT EXISTS outbox_alerts (
  message TEXT NOT NULL REFERENCES outbox (id), alert TEXT NOT NULL, PRIMARY KEY (alert, message)
) STRICT, WITHOUT ROWID;
`;
