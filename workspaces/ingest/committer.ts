import { constants } from "node:fs";
import { type FileHandle, mkdir, open, statfs } from "node:fs/promises";
import path from "node:path";
import { IngestRefused } from "./ingest-errors.ts";
import { HEADER_BYTES, readRecords, recordHeader, segmentName, segmentNumbers } from "./segments.ts";

/**
 * The one writer of a log's segments. It owns the newest segment file, stamps recorded times in commit order, and
 * resolves a batch only after `fdatasync`: all batches that wait are written together and synced once. Its states are
 * idle and writing; a failed write is cut off again, and the batches concerned are refused, so that nothing is half kept.
 */

export interface Batch {
  readonly events: Uint8Array;
  readonly eventCount: number;
  readonly refused: Uint8Array;
  readonly refusedCount: number;
}

export interface Committed {
  readonly firstRecordedMicros: number;
  readonly lastRecordedMicros: number;
}

export interface CommitterOptions {
  readonly folder: string;
  /** Recorded times begin after this, whatever the segments say (they may be retired). */
  readonly afterMicros: number;
  readonly segmentBytes?: number;
  /** Bytes that may wait for the disk before a batch is refused as too busy. */
  readonly pendingBytes?: number;
  /** Free bytes that stay free: below them batches are refused. */
  readonly keepFreeBytes?: number;
  /** After each group: recorded time of its last record, and how many events it held. */
  readonly onCommit?: (lastRecordedMicros: number, events: number) => void;
  readonly onNotice?: (message: string) => void;
  readonly nowMicros?: () => number;
}

interface Waiting {
  readonly batch: Batch;
  readonly bytes: number;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: Error) => void;
}

const MEGABYTE = 1024 * 1024;
const FREE_CHECK_MILLIS = 1000;
const GROUP_BYTES = 8 * MEGABYTE;

export class Committer {
  readonly #options: CommitterOptions;
  readonly #segmentBytes: number;
  readonly #pendingLimit: number;
  #file: FileHandle | null = null;
  #number: number;
  #offset: number;
  #lastMicros: number;
  #waiting: Waiting[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #freeCheckedMillis = 0;
  #closed = false;

  private constructor(options: CommitterOptions, number: number, offset: number, lastMicros: number) {
    this.#options = options;
    this.#segmentBytes = options.segmentBytes ?? 64 * MEGABYTE;
    this.#pendingLimit = options.pendingBytes ?? 64 * MEGABYTE;
    this.#number = number;
    this.#offset = offset;
    this.#lastMicros = lastMicros;
  }

  /** Opens a log for writing; a torn tail of its newest segment is cut off, and told through `onNotice`. */
  static async open(options: CommitterOptions): Promise<Committer> {
    await mkdir(options.folder, { recursive: true });
    const numbers = await segmentNumbers(options.folder);
    const newest = numbers.at(-1);
    let lastMicros = options.afterMicros;
    if (newest === undefined) return new Committer(options, 1, 0, lastMicros);
    let offset = 0;
    for (const number of numbers.slice(-2)) {
      const file = path.join(options.folder, segmentName(number));
      const found = lastRecorded(file);
      lastMicros = Math.max(lastMicros, found.lastMicros);
      if (number !== newest) continue;
      offset = found.offset;
      if (found.torn !== null) {
        const handle = await open(file, constants.O_RDWR);
        const { size } = await handle.stat();
        await handle.truncate(offset);
        await handle.sync();
        await handle.close();
        options.onNotice?.(
          `The last ${size - offset} bytes of ${file} were no whole record (${found.torn}); they were cut off. Nothing that was acknowledged stood there.`,
        );
      }
    }
    return new Committer(options, newest, offset, lastMicros);
  }

  get lastRecordedMicros(): number {
    return this.#lastMicros;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Resolves when the batch is on disk.
   * @throws IngestRefused `too-busy` or `disk-full`; nothing of the batch was kept then.
   */
  commit(batch: Batch): Promise<Committed> {
    if (this.#closed)
      return Promise.reject(
        new IngestRefused("too-busy", "Driftbook is stopping; try again", { retryAfterSeconds: 2 }),
      );
    const bytes = batch.events.byteLength + batch.refused.byteLength + 2 * HEADER_BYTES;
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes > this.#pendingLimit)
      return Promise.reject(
        new IngestRefused(
          "too-busy",
          `${this.#pendingBytes} bytes wait for the disk; the limit is ${this.#pendingLimit}`,
          { retryAfterSeconds: 1 },
        ),
      );
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, bytes, resolve, reject });
      this.#pendingBytes += bytes;
      this.#writing ??= this.#work();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#file?.close();
    this.#file = null;
  }

  async #work(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const group = this.#nextGroup();
        try {
          await this.#write(group);
        } catch (error) {
          const refused = toRefusal(error);
          for (const { reject } of group) reject(refused);
        }
        for (const { bytes } of group) this.#pendingBytes -= bytes;
      }
    } finally {
      this.#writing = null;
    }
  }

  #nextGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || bytes < GROUP_BYTES)) bytes += this.#waiting[count++]!.bytes;
    return this.#waiting.splice(0, count);
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    await this.#checkFree();
    const file = await this.#openFile();
    const now = this.#options.nowMicros?.() ?? Date.now() * 1000;
    let last = this.#lastMicros;
    const pieces: Uint8Array[] = [];
    const told: Committed[] = [];
    const add = (kind: "events" | "refused", payload: Uint8Array, count: number): void => {
      if (count === 0) return;
      const base = Math.max(last + 1, now);
      pieces.push(recordHeader(kind, base, count, payload), payload);
      last = base + count - 1;
    };
    for (const { batch } of group) {
      const before = last;
      add("events", batch.events, batch.eventCount);
      add("refused", batch.refused, batch.refusedCount);
      told.push({ firstRecordedMicros: Math.max(before + 1, now), lastRecordedMicros: last });
    }
    let bytes = 0;
    for (const piece of pieces) bytes += piece.byteLength;
    try {
      await writeAll(file, pieces, this.#offset);
      await file.datasync();
    } catch (error) {
      await this.#cutBack(file);
      throw error;
    }
    this.#offset += bytes;
    this.#lastMicros = last;
    for (const [i, { resolve }] of group.entries()) resolve(told[i]!);
    let events = 0;
    for (const { batch } of group) events += batch.eventCount;
    this.#options.onCommit?.(last, events);
    if (this.#offset >= this.#segmentBytes) await this.#rotate();
  }

  /** What a failed write left behind goes again, so that the next record stands behind the last durable one. */
  async #cutBack(file: FileHandle): Promise<void> {
    try {
      await file.truncate(this.#offset);
      await file.datasync();
    } catch {
      // Even cutting failed: begin a new file. Recovery ignores what is behind the last whole record of this one.
      await this.#rotate();
    }
  }

  async #rotate(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    this.#number += 1;
    this.#offset = 0;
    await file?.close();
  }

  async #openFile(): Promise<FileHandle> {
    if (this.#file !== null) return this.#file;
    const file = await open(
      path.join(this.#options.folder, segmentName(this.#number)),
      constants.O_RDWR | constants.O_CREAT,
      0o600,
    );
    if (this.#offset === 0) await syncFolder(this.#options.folder);
    this.#file = file;
    return file;
  }

  async #checkFree(): Promise<void> {
    const keep = this.#options.keepFreeBytes ?? 0;
    const now = performance.now();
    if (keep === 0 || now - this.#freeCheckedMillis < FREE_CHECK_MILLIS) return;
    const { bavail, bsize } = await statfs(this.#options.folder);
    if (bavail * bsize < keep)
      throw new IngestRefused(
        "disk-full",
        `${Math.floor((bavail * bsize) / 1e6)} MB are free and limits.keep_free keeps ${Math.floor(keep / 1e6)} MB; free some space or lower the limit`,
        { retryAfterSeconds: 10 },
      );
    this.#freeCheckedMillis = now;
  }
}

function toRefusal(error: unknown): Error {
  if (error instanceof IngestRefused) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG")
    return new IngestRefused("disk-full", "the disk is full; nothing of this request was kept", {
      retryAfterSeconds: 10,
      cause: error,
    });
  return error instanceof Error ? error : new Error(String(error));
}

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[], offset: number): Promise<void> {
  const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  let done = 0;
  while (done < whole.byteLength) {
    const { bytesWritten } = await file.write(whole, done, whole.byteLength - done, offset + done);
    done += bytesWritten;
  }
}

/** A new file is durable only when its folder entry is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function lastRecorded(file: string): { lastMicros: number; offset: number; torn: string | null } {
  let lastMicros = 0;
  let offset = 0;
  for (;;) {
    const read = readRecords(file, offset, 16 * MEGABYTE);
    for (const record of read.records) lastMicros = Math.max(lastMicros, record.recordedAtMicros + record.count - 1);
    if (read.torn !== null || read.offset === offset) return { lastMicros, offset: read.offset, torn: read.torn };
    offset = read.offset;
  }
}
