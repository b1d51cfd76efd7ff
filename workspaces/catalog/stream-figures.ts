import type { DatabaseSync } from "node:sqlite";
import { isoFromMicros } from "../lake/sql-text.ts";
import type { StreamFigures } from "../workspace-port.ts";

const HOURS_SHOWN = 48;
const HOUR_MILLIS = 3_600_000;

/** Figures of one stream from the catalog alone; null before its first event was loaded. */
export function streamFigures(database: DatabaseSync, stream: string, nowMillis: number): StreamFigures | null {
  const logs = database.prepare("SELECT * FROM lake_logs WHERE stream = ?").all(stream);
  if (logs.length === 0) return null;
  const rows = new Map(
    database
      .prepare(
        `SELECT p.log AS log, sum(p.rows) AS rows FROM lake_parts p LEFT JOIN lake_imports i ON i.number = p.import_number
         WHERE p.stream = ? AND p.replaced_at_millis IS NULL AND i.withdrawn_micros IS NULL GROUP BY p.log`,
      )
      .all(stream)
      .map((row) => [String(row.log), Number(row.rows)]),
  );
  const counters = database
    .prepare("SELECT name, sum(count) AS count FROM lake_counters WHERE stream = ? GROUP BY name")
    .all(stream);
  const count = (name: string): number => Number(counters.find((row) => row.name === name)?.count ?? 0);
  const named = (prefix: string) =>
    counters
      .filter((row) => String(row.name).startsWith(prefix))
      .map((row) => ({ name: String(row.name).slice(prefix.length), count: Number(row.count) }));
  const newest = (
    column: "event_max_micros" | "last_recorded_micros" | "watermark_micros",
    of: readonly string[],
  ): string | null => {
    const found = Math.max(
      0,
      ...logs.filter((row) => of.includes(String(row.log))).map((row) => Number(row[column] ?? 0)),
    );
    return found === 0 ? null : isoFromMicros(found);
  };
  const replayed = Number(
    database.prepare("SELECT count(*) AS n FROM lake_replayed WHERE stream = ?").get(stream)?.n ?? 0,
  );
  return {
    stream,
    decisions: rows.get("decisions") ?? 0,
    feedback: rows.get("feedback") ?? 0,
    quarantined: Math.max(0, (rows.get("quarantine") ?? 0) - replayed),
    conflicts: count("conflicts"),
    duplicates: count("duplicates"),
    firstDecidedAt: firstDecided(database, stream),
    lastDecidedAt: newest("event_max_micros", ["decisions"]),
    lastRecordedAt: newest("last_recorded_micros", ["decisions", "feedback"]),
    watermark: newest("watermark_micros", ["decisions", "feedback"]),
    imports: Number(
      database.prepare("SELECT count(*) AS n FROM lake_imports WHERE stream = ? AND state = 'loaded'").get(stream)?.n ??
        0,
    ),
    violations: named("violation ").map(({ name, count: times }) => ({ rule: name, count: times })),
    hours: hoursOf(database, stream, Math.floor(nowMillis / HOUR_MILLIS) - HOURS_SHOWN),
  };
}

function hoursOf(database: DatabaseSync, stream: string, fromHour: number): StreamFigures["hours"] {
  return database
    .prepare(
      `SELECT hour, sum(count) FILTER (WHERE log = 'decisions') AS decisions, sum(count) FILTER (WHERE log = 'feedback') AS feedback
       FROM lake_rates WHERE stream = ? AND hour >= ? GROUP BY hour ORDER BY hour`,
    )
    .all(stream, fromHour)
    .map((row) => ({
      start: new Date(Number(row.hour) * HOUR_MILLIS).toISOString(),
      decisions: Number(row.decisions ?? 0),
      feedback: Number(row.feedback ?? 0),
    }));
}

function firstDecided(database: DatabaseSync, stream: string): string | null {
  const row = database
    .prepare(
      `SELECT min(p.event_min_micros) AS first FROM lake_parts p LEFT JOIN lake_imports i ON i.number = p.import_number
       WHERE p.stream = ? AND p.log = 'decisions' AND p.replaced_at_millis IS NULL AND i.withdrawn_micros IS NULL`,
    )
    .get(stream);
  return row?.first == null ? null : isoFromMicros(Number(row.first));
}
