import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";

/**
 * Segments: the append-only files that make an acknowledgement true. One folder per log,
 * `.driftbook/segments/<stream>/<log>/`, files numbered from 1, each a sequence of records:
 *
 *   bytes 0–3   length of what follows the first eight bytes, little-endian
 *   bytes 4–7   CRC-32 of what follows
 *   byte  8     kind: 1 events, 2 refused events
 *   bytes 9–11  zero
 *   bytes 12–15 count of lines
 *   bytes 16–23 recorded time of the first line, microseconds since 1970 UTC; line i has that plus i
 *   from 24     `count` lines of JSON, each ending in a line feed
 *
 * Lines of events are normalised rows (`check-event.ts`); lines of refused ones are `RefusedEvent`.
 */
export const HEADER_BYTES = 24;
const CHECKED_FROM = 8;
/** A record is written from one request; bodies are bounded far below this. */
const MOST_RECORD_BYTES = 512 * 1024 * 1024;

export type RecordKind = "events" | "refused";
const KIND_BYTES: Readonly<Record<RecordKind, number>> = { events: 1, refused: 2 };

export interface SegmentRecord {
  readonly kind: RecordKind;
  readonly recordedAtMicros: number;
  readonly count: number;
  readonly payload: Uint8Array;
  /** Where the next record begins. */
  readonly end: number;
}

/** An event that was not accepted, as a line of a `refused` record. */
export interface RefusedEvent {
  readonly reason: string;
  /** `http`, or an import's id. */
  readonly source: string;
  readonly raw: string;
  /** True when `raw` is base64 because the bytes are no UTF-8. */
  readonly raw_is_base64: boolean;
}

export function segmentFolder(workspace: string, stream: string, log: string): string {
  return path.join(workspace, ".driftbook", "segments", stream, log);
}

export const segmentName = (number: number): string => `${String(number).padStart(12, "0")}.seg`;
const SEGMENT_NAME = /^(\d{12})\.seg$/;

/** Numbers of a log's segments, ascending; none when the folder is absent. */
export async function segmentNumbers(folder: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return names
    .flatMap((name) => {
      const found = SEGMENT_NAME.exec(name);
      return found === null ? [] : [Number(found[1])];
    })
    .sort((a, b) => a - b);
}

/** The bytes that go before a payload. */
export function recordHeader(kind: RecordKind, recordedAtMicros: number, count: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(HEADER_BYTES - CHECKED_FROM + payload.byteLength, 0);
  header[8] = KIND_BYTES[kind];
  header.writeUInt32LE(count, 12);
  header.writeBigInt64LE(BigInt(recordedAtMicros), 16);
  header.writeUInt32LE(crc32(payload, crc32(header.subarray(CHECKED_FROM))), 4);
  return header;
}

export interface RecordsRead {
  readonly records: readonly SegmentRecord[];
  /** Where reading goes on. */
  readonly offset: number;
  /** Bytes behind `offset` that are no whole record: a record being written, or damage. Null when there are none. */
  readonly torn: string | null;
}

/** Whole records from `offset` on, until about `mostBytes` were read. Damage ends the reading; it is never an exception. */
export function readRecords(file: string, offset: number, mostBytes: number): RecordsRead {
  const descriptor = openSync(file, "r");
  try {
    const size = fstatSync(descriptor).size;
    const records: SegmentRecord[] = [];
    const header = Buffer.alloc(HEADER_BYTES);
    let at = offset;
    while (at < size && at - offset < mostBytes) {
      const torn = (why: string): RecordsRead => ({ records, offset: at, torn: why });
      if (size - at < HEADER_BYTES) return torn(`${size - at} bytes are left, a record has at least ${HEADER_BYTES}`);
      readSync(descriptor, header, 0, HEADER_BYTES, at);
      const length = header.readUInt32LE(0);
      if (length < HEADER_BYTES - CHECKED_FROM || length > MOST_RECORD_BYTES)
        return torn(`a record of ${length} bytes is none`);
      const end = at + CHECKED_FROM + length;
      if (end > size) return torn(`the record ends at byte ${end}, the file at ${size}`);
      const payload = Buffer.allocUnsafe(length - (HEADER_BYTES - CHECKED_FROM));
      readSync(descriptor, payload, 0, payload.length, at + HEADER_BYTES);
      const kind = header[8] === 1 ? "events" : header[8] === 2 ? "refused" : null;
      if (kind === null || crc32(payload, crc32(header.subarray(CHECKED_FROM))) !== header.readUInt32LE(4))
        return torn("the checksum does not fit");
      records.push({
        kind,
        recordedAtMicros: Number(header.readBigInt64LE(16)),
        count: header.readUInt32LE(12),
        payload,
        end,
      });
      at = end;
    }
    return { records, offset: at, torn: null };
  } finally {
    closeSync(descriptor);
  }
}
