import { closeSync, existsSync, fdatasyncSync, openSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { readRecords, type SegmentRecord, segmentName, segmentNumbers } from "../ingest/segments.ts";

const STEP_BYTES = 16 * 1024 * 1024;
/** Loaded segments that stay: a catalog restored from a recent backup finds what it misses there. */
const KEPT_SEGMENTS = 2;

export interface Position {
  /** Null before the first segment. */
  readonly segment: string | null;
  readonly offset: number;
}

export interface TailStep {
  readonly records: readonly SegmentRecord[];
  readonly position: { readonly segment: string; readonly offset: number };
  readonly torn: string | null;
}

/**
 * The next records behind `position`, null when there is nothing more. `durableMicros` is the last recorded time that
 * the committer made durable in this run of the server: later records may still be cut off again, so they wait.
 * Moves to the next segment only when it exists: a torn end of an older one was left by a crash and never acknowledged.
 */
export async function nextStep(folder: string, position: Position, durableMicros: number): Promise<TailStep | null> {
  const numbers = await segmentNumbers(folder);
  const current = position.segment === null ? null : Number.parseInt(position.segment, 10);
  for (const number of numbers) {
    if (current !== null && number < current) continue;
    const segment = segmentName(number);
    const file = path.join(folder, segment);
    const offset = number === current ? position.offset : 0;
    if (statSync(file).size < offset)
      throw new Error(
        `The segment ${file} was loaded up to byte ${offset} but has become shorter; restore it from a backup.`,
      );
    const read = readRecords(file, offset, STEP_BYTES);
    const records = read.records.filter((record) => record.recordedAtMicros + record.count - 1 <= durableMicros);
    const last = records.at(-1);
    if (last !== undefined) {
      syncData(file);
      return { records, position: { segment, offset: last.end }, torn: null };
    }
    const isWaiting = read.records.length > 0;
    const isNewest = number === numbers.at(-1);
    if (isWaiting || isNewest)
      return read.torn === null ? null : { records: [], position: { segment, offset }, torn: read.torn };
  }
  return null;
}

/** What the catalog is about to count as loaded must not vanish with the power. */
function syncData(file: string): void {
  const descriptor = openSync(file, "r+");
  try {
    fdatasyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Bytes of segments behind `position`. */
export async function bytesBehind(folder: string, position: Position): Promise<number> {
  let bytes = 0;
  for (const number of await segmentNumbers(folder)) {
    const current = position.segment === null ? 0 : Number.parseInt(position.segment, 10);
    if (number < current) continue;
    const file = path.join(folder, segmentName(number));
    if (existsSync(file)) bytes += statSync(file).size - (number === current ? position.offset : 0);
  }
  return Math.max(0, bytes);
}

export async function removeLoadedSegments(folder: string, position: Position): Promise<void> {
  if (position.segment === null) return;
  const current = Number.parseInt(position.segment, 10);
  for (const number of await segmentNumbers(folder))
    if (number < current - KEPT_SEGMENTS) rmSync(path.join(folder, segmentName(number)), { force: true });
}
