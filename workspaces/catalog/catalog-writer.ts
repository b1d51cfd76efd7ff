import type { DatabaseSync } from "node:sqlite";
import type { ImportRow, LakeLog, Part, PartColumn } from "./catalog-snapshot.ts";

/** A part to be recorded; its file stands synced under its name already. */
export type NewPart = Omit<Part, "id" | "problem">;

export interface LoadCommit {
  readonly stream: string;
  readonly log: LakeLog;
  readonly parts: readonly NewPart[];
  readonly runFiles: readonly { readonly log: LakeLog; readonly file: string; readonly entries: number }[];
  readonly counters: Readonly<Record<string, number>>;
  /** Rows by hour of recorded time, hours since the epoch. */
  readonly rates: readonly { readonly hour: number; readonly count: number }[];
  readonly supersedes: readonly { readonly feedbackId: string; readonly supersedes: string }[];
  /** Where reading goes on; absent for imports. */
  readonly position?: { readonly segment: string; readonly offset: number; readonly watermarkMicros: number };
  readonly lastRecordedMicros: number | null;
  readonly eventMaxMicros: number | null;
  /** Recorded time of the earliest row that is not history. */
  readonly firstLiveMicros: number | null;
  readonly finishedImport?: Pick<
    ImportRow,
    "number" | "accepted" | "duplicates" | "quarantined" | "endedMicros" | "recordedMicros"
  >;
}

export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

const ADD_TO_COUNTER =
  "INSERT INTO lake_counters (stream, log, name, count) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count";

/** Adds to a counter outside of a load. */
export function countMore(database: DatabaseSync, stream: string, log: string, name: string, count: number): void {
  database.prepare(ADD_TO_COUNTER).run(stream, log, name, count);
}

/** Parts, identity, position and counters of one step, all or nothing. */
export function commitLoad(database: DatabaseSync, commit: LoadCommit): void {
  const { stream, log } = commit;
  inTransaction(database, () => {
    for (const part of commit.parts) insertPart(database, part);
    const run = database.prepare("INSERT INTO lake_id_runs (stream, log, file, entries) VALUES (?, ?, ?, ?)");
    for (const file of commit.runFiles) run.run(stream, file.log, file.file, file.entries);
    const counter = database.prepare(ADD_TO_COUNTER);
    for (const [name, count] of Object.entries(commit.counters)) if (count > 0) counter.run(stream, log, name, count);
    const rate = database.prepare(
      "INSERT INTO lake_rates (stream, log, hour, count) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
    );
    for (const { hour, count } of commit.rates) rate.run(stream, log, hour, count);
    const supersedes = database.prepare("INSERT OR REPLACE INTO lake_supersedes VALUES (?, ?, ?, ?)");
    for (const row of commit.supersedes)
      supersedes.run(stream, row.feedbackId, row.supersedes, commit.finishedImport?.number ?? 0);
    database.prepare("INSERT OR IGNORE INTO lake_logs (stream, log) VALUES (?, ?)").run(stream, log);
    database
      .prepare(
        `UPDATE lake_logs SET last_recorded_micros = max(coalesce(last_recorded_micros, ?1), coalesce(?1, last_recorded_micros)),
           event_max_micros = max(coalesce(event_max_micros, ?2), coalesce(?2, event_max_micros)) WHERE stream = ?3 AND log = ?4`,
      )
      .run(commit.lastRecordedMicros, commit.eventMaxMicros, stream, log);
    if (commit.position !== undefined)
      database
        .prepare(
          "UPDATE lake_logs SET segment = ?, segment_offset = ?, watermark_micros = max(watermark_micros, ?) WHERE stream = ? AND log = ?",
        )
        .run(commit.position.segment, commit.position.offset, commit.position.watermarkMicros, stream, log);
    if (commit.firstLiveMicros !== null)
      database
        .prepare(
          "INSERT INTO lake_first_live VALUES (?, ?) ON CONFLICT DO UPDATE SET recorded_micros = min(recorded_micros, excluded.recorded_micros)",
        )
        .run(stream, commit.firstLiveMicros);
    if (commit.finishedImport !== undefined) finishImport(database, commit.finishedImport);
  });
}

function insertPart(database: DatabaseSync, part: NewPart): void {
  database
    .prepare(
      `INSERT INTO lake_parts (stream, log, path, day, rows, bytes, event_min_micros, event_max_micros,
         recorded_min_micros, recorded_max_micros, import_number, columns, crc32) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      part.stream,
      part.log,
      part.path,
      part.day,
      part.rows,
      part.bytes,
      part.eventMinMicros,
      part.eventMaxMicros,
      part.recordedMinMicros,
      part.recordedMaxMicros,
      part.importNumber,
      JSON.stringify(part.columns satisfies readonly PartColumn[]),
      part.crc32,
    );
}

function finishImport(database: DatabaseSync, done: NonNullable<LoadCommit["finishedImport"]>): void {
  database
    .prepare(
      `UPDATE lake_imports SET state = 'loaded', accepted = ?, duplicates = ?, quarantined = ?, ended_micros = ?,
         recorded_micros = ? WHERE number = ?`,
    )
    .run(done.accepted, done.duplicates, done.quarantined, done.endedMicros, done.recordedMicros, done.number);
}

/** What a check of the files found; null for a file that is whole again. */
export function markParts(database: DatabaseSync, found: ReadonlyMap<number, string | null>): void {
  inTransaction(database, () => {
    const mark = database.prepare("UPDATE lake_parts SET problem = ? WHERE id = ?");
    for (const [id, problem] of found) mark.run(problem, id);
  });
}

/**
 * Rewritten parts take the place of `replaced`, which readers of older snapshots may go on reading: whatever the clocks of
 * two processes say, what a lease has seen is replaced no earlier than it was taken.
 */
export function commitRewrite(
  database: DatabaseSync,
  { replaced, parts, atMillis }: { replaced: readonly number[]; parts: readonly NewPart[]; atMillis: number },
): void {
  inTransaction(database, () => {
    for (const part of parts) insertPart(database, part);
    const newest = database.prepare("SELECT max(taken_millis) AS newest FROM lake_leases").get()?.newest;
    const replace = database.prepare("UPDATE lake_parts SET replaced_at_millis = ? WHERE id = ?");
    for (const id of replaced) replace.run(Math.max(atMillis, Number(newest ?? 0)), id);
  });
}

/** All identity runs of a log, oldest first, take the place of those it had; the files of those are returned. */
export function replaceRuns(
  database: DatabaseSync,
  stream: string,
  log: string,
  runs: readonly { readonly file: string; readonly entries: number }[],
): string[] {
  return inTransaction(database, () => {
    const known = database.prepare("SELECT file FROM lake_id_runs WHERE stream = ? AND log = ?").all(stream, log);
    database.prepare("DELETE FROM lake_id_runs WHERE stream = ? AND log = ?").run(stream, log);
    const insert = database.prepare("INSERT INTO lake_id_runs (stream, log, file, entries) VALUES (?, ?, ?, ?)");
    for (const { file, entries } of runs) insert.run(stream, log, file, entries);
    return known.map((row) => String(row.file));
  });
}

/** The merged run takes the place of the newest of its sources. `sources` oldest first. */
export function commitRunMerge(
  database: DatabaseSync,
  sources: readonly string[],
  merged: { readonly file: string; readonly entries: number },
): void {
  inTransaction(database, () => {
    const newest = database
      .prepare("SELECT position, stream, log FROM lake_id_runs WHERE file = ?")
      .get(sources[sources.length - 1]!);
    if (newest === undefined)
      throw new Error(`The catalog does not know the identity run ${JSON.stringify(sources.at(-1))}.`);
    const remove = database.prepare("DELETE FROM lake_id_runs WHERE file = ?");
    for (const file of sources) remove.run(file);
    database
      .prepare("INSERT INTO lake_id_runs (position, stream, log, file, entries) VALUES (?, ?, ?, ?, ?)")
      .run(newest.position!, newest.stream!, newest.log!, merged.file, merged.entries);
  });
}
