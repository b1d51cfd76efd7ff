import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import type { DuckDBConnection } from "../../kernels/duckdb/duckdb.ts";
import type { LakeLog, PartColumn } from "../catalog/catalog-snapshot.ts";
import type { NewPart } from "../catalog/catalog-writer.ts";
import { quoteName, quoteText } from "../lake/sql-text.ts";
import { EVENT_TIME } from "../lake/stream-shape.ts";
import { checksumOf } from "../lake/verify-parts.ts";
import type { RunRow } from "./id-index.ts";
import { rowsOf } from "./lake-engine.ts";

export interface PartTarget {
  readonly lakeFolder: string;
  readonly stream: string;
  readonly log: LakeLog;
  /** Event day of a compacted part; null puts it under `recent/`. */
  readonly day: string | null;
  readonly importNumber: number | null;
}

/**
 * Writes the rows of a SELECT (columns as they are to be stored, `recorded_at` among them), sorted by event time, as
 * one Parquet file that is synced under its final name before this returns. Null when there are no rows.
 */
export async function writePart(
  connection: DuckDBConnection,
  select: string,
  target: PartTarget,
): Promise<NewPart | null> {
  const folder = `${target.stream}/${target.log}/${target.day === null ? "recent" : `day=${target.day}`}`;
  const relative = `${folder}/${Date.now().toString(36)}-${randomBytes(6).toString("hex")}.parquet`;
  const file = path.join(target.lakeFolder, relative);
  mkdirSync(path.dirname(file), { recursive: true });
  const time = quoteName(EVENT_TIME[target.log]);
  const temporary = `${file}.tmp`;
  await connection.run(
    `COPY (SELECT * FROM (${select}) ORDER BY ${time}) TO ${quoteText(temporary)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
  );
  const [figures] = await rowsOf(
    connection,
    `SELECT count(*)::DOUBLE AS rows, ${micros(`min(${time})`)} AS event_min, ${micros(`max(${time})`)} AS event_max,
       ${micros("min(recorded_at)")} AS recorded_min, ${micros("max(recorded_at)")} AS recorded_max FROM read_parquet(${quoteText(temporary)})`,
  );
  const rows = Number(figures?.rows ?? 0);
  if (rows === 0) return null;
  sync(temporary);
  renameSync(temporary, file);
  sync(path.dirname(file));
  const value = (name: string): number | null => {
    const found = figures?.[name];
    return found === null || found === undefined ? null : Number(found);
  };
  return {
    stream: target.stream,
    log: target.log,
    path: relative,
    day: target.day,
    rows,
    bytes: statSync(file).size,
    crc32: checksumOf(file),
    eventMinMicros: value("event_min"),
    eventMaxMicros: value("event_max"),
    recordedMinMicros: value("recorded_min"),
    recordedMaxMicros: value("recorded_max"),
    importNumber: target.importNumber,
    columns: await columnsOf(connection, `SELECT * FROM read_parquet(${quoteText(file)})`),
  };
}

/** A part and the identity run of its rows, side by side: DuckDB writes the one while this thread writes the other. */
export async function writePartAndRun(
  connection: DuckDBConnection,
  select: string,
  target: PartTarget,
  writeRun: () => RunRow | null,
): Promise<{ readonly part: NewPart | null; readonly run: RunRow | null }> {
  const writing = writePart(connection, select, target);
  let run: RunRow | null;
  try {
    run = writeRun();
  } catch (error) {
    // When the step has failed nothing of it is still under way; which failure is told makes no difference.
    await writing.catch(() => undefined);
    throw error;
  }
  return { part: await writing, run };
}

export async function columnsOf(connection: DuckDBConnection, select: string): Promise<PartColumn[]> {
  const rows = await rowsOf(connection, `DESCRIBE ${select}`);
  return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
}

/** As DOUBLE, kept where every integer is exact: times beyond the year 2255 count as its end. */
const micros = (expression: string): string =>
  `greatest(least(epoch_us(${expression}), 9007199254740991), -9007199254740991)::DOUBLE`;

function sync(file: string): void {
  const descriptor = openSync(file, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
