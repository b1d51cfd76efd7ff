import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import { BloomFilter } from "./bloom-filter.ts";
import { compareIds, ENTRY_BYTES, LANES } from "./id-entries.ts";

/**
 * One immutable file of sorted entries. Layout: entries, then a trailer of 16 bytes: "DBIR", version, count, crc32 of
 * the entries. In memory stay a Bloom filter and the first id of every page, so that an absent id costs no read and a
 * present one costs one.
 */
const MAGIC = 0x52494244;
const VERSION = 1;
const TRAILER_BYTES = 16;
const PAGE_ENTRIES = 128;
const PAGE_BYTES = PAGE_ENTRIES * ENTRY_BYTES;
const STREAM_PAGES = 256;

export class DamagedRun extends Error {
  readonly file: string;
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`The identity run ${JSON.stringify(path.basename(file))} ${problem}`, options);
    this.name = "DamagedRun";
    this.file = file;
  }
}

export class IdRun {
  readonly file: string;
  readonly count: number;
  private readonly descriptor: number;
  private readonly filter: BloomFilter;
  /** First id of each page, four lanes each. */
  private readonly fences: Uint32Array;
  private readonly page = new Uint32Array(PAGE_ENTRIES * LANES);
  private readonly pageBytes = new Uint8Array(this.page.buffer);
  private pageIndex = -1;
  private pageCount = 0;

  private constructor(file: string, descriptor: number, count: number, filter: BloomFilter, fences: Uint32Array) {
    this.file = file;
    this.descriptor = descriptor;
    this.count = count;
    this.filter = filter;
    this.fences = fences;
  }

  /** Reads the whole file once. @throws DamagedRun when it is missing, torn or does not match its checksum. */
  static open(file: string): IdRun {
    let descriptor: number;
    try {
      descriptor = openSync(file, "r");
    } catch (cause) {
      throw new DamagedRun(file, "is missing", { cause });
    }
    try {
      const count = readTrailer(file, descriptor).count;
      const filter = new BloomFilter(count);
      const fences = new Uint32Array(Math.ceil(count / PAGE_ENTRIES) * 4);
      let at = 0;
      for (const lanes of pagesOf(file, descriptor))
        for (let lane = 0; lane < lanes.length; lane += LANES, at++) {
          filter.add(lanes, lane);
          if (at % PAGE_ENTRIES === 0) fences.set(lanes.subarray(lane, lane + 4), (at / PAGE_ENTRIES) * 4);
        }
      return new IdRun(file, descriptor, count, filter, fences);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  get memoryBytes(): number {
    return this.filter.bytes + this.fences.byteLength;
  }

  mayHold(lanes: Uint32Array, at: number): boolean {
    return this.filter.mayHold(lanes, at);
  }

  /**
   * Where the entry of this id stands: `offset` into `lanes`, valid until the next call. Null when it is absent.
   * Cheapest when ids are asked in ascending order, since the last page is kept.
   */
  find(lanes: Uint32Array, at: number): { readonly lanes: Uint32Array; readonly offset: number } | null {
    if (!this.filter.mayHold(lanes, at)) return null;
    let low = 0;
    let high = this.fences.length / 4;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds(this.fences, middle * 4, lanes, at) <= 0) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return null;
    this.load(low - 1);
    let first = 0;
    let last = this.pageCount;
    while (first < last) {
      const middle = (first + last) >>> 1;
      const order = compareIds(this.page, middle * LANES, lanes, at);
      if (order === 0) return { lanes: this.page, offset: middle * LANES };
      if (order < 0) first = middle + 1;
      else last = middle;
    }
    return null;
  }

  /** All entries in order, in pieces whose memory is used again. */
  *entries(): Generator<Uint32Array> {
    yield* pagesOf(this.file, this.descriptor);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private load(index: number): void {
    if (this.pageIndex === index) return;
    const count = Math.min(PAGE_ENTRIES, this.count - index * PAGE_ENTRIES);
    const read = readSync(this.descriptor, this.pageBytes, 0, count * ENTRY_BYTES, index * PAGE_BYTES);
    if (read < count * ENTRY_BYTES) throw new DamagedRun(this.file, "has become shorter while it was in use");
    this.pageIndex = index;
    this.pageCount = count;
  }
}

/** Writes a run under a temporary name, syncs it, then renames it: a run that has its name is whole. */
export class IdRunWriter {
  private readonly file: string;
  private readonly descriptor: number;
  private crc = 0;
  private count = 0;

  constructor(file: string) {
    this.file = file;
    this.descriptor = openSync(`${file}.tmp`, "w");
  }

  /** `lanes` holds whole entries, ascending within and across calls. */
  write(lanes: Uint32Array): void {
    const bytes = new Uint8Array(lanes.buffer, lanes.byteOffset, lanes.byteLength);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at);
    this.crc = crc32(bytes, this.crc);
    this.count += lanes.length / LANES;
  }

  finish(): void {
    const trailer = new Uint32Array([MAGIC, VERSION, this.count, this.crc]);
    writeSync(this.descriptor, new Uint8Array(trailer.buffer));
    fsyncSync(this.descriptor);
    closeSync(this.descriptor);
    renameSync(`${this.file}.tmp`, this.file);
  }
}

function readTrailer(file: string, descriptor: number): { count: number; crc: number } {
  const { size } = fstatSync(descriptor);
  const trailer = new Uint32Array(4);
  if (size >= TRAILER_BYTES)
    readSync(descriptor, new Uint8Array(trailer.buffer), 0, TRAILER_BYTES, size - TRAILER_BYTES);
  const [magic, version, count = 0, crc = 0] = trailer;
  if (magic !== MAGIC || count * ENTRY_BYTES + TRAILER_BYTES !== size) throw new DamagedRun(file, "is torn");
  if (version !== VERSION) throw new DamagedRun(file, `has version ${version}; this program reads ${VERSION}`);
  return { count, crc };
}

function* pagesOf(file: string, descriptor: number): Generator<Uint32Array> {
  const { count, crc } = readTrailer(file, descriptor);
  const buffer = new Uint32Array(PAGE_ENTRIES * STREAM_PAGES * LANES);
  const total = count * ENTRY_BYTES;
  let checksum = 0;
  for (let at = 0; at < total; ) {
    const bytes = new Uint8Array(buffer.buffer, 0, Math.min(buffer.byteLength, total - at));
    if (readSync(descriptor, bytes, 0, bytes.length, at) !== bytes.length) throw new DamagedRun(file, "is torn");
    checksum = crc32(bytes, checksum);
    at += bytes.length;
    if (at === total && checksum !== crc) throw new DamagedRun(file, "does not match its checksum");
    yield buffer.subarray(0, bytes.length / 4);
  }
}
