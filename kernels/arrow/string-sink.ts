/**
 * VARCHAR and BLOB. A DuckDB string is 16 bytes: uint32 length, then either up to 12 bytes of the string itself, or
 * 4 bytes of prefix and an 8-byte pointer. Following each pointer by itself costs about 1 µs; but pointers of one
 * vector mostly lie side by side, so neighbouring ones are fetched in one piece.
 */
import { dataAtPointer, type RawVector, vectorData } from "../duckdb/duckdb.ts";
import type { ArrowField } from "./arrow-field.ts";
import { ColumnSink, type Rows, sourceRow } from "./column-sink.ts";
import { GrowingBytes } from "./growing-bytes.ts";

const STRING_BYTES = 16;
const INLINE_BYTES = 12;
const TWO_TO_32 = 2 ** 32;
/** Two strings less than a memory page apart lie on pages that both exist, so that the gap may be read as well. */
const NEAR_BYTES = 4096;
/** Below this a loop beats a call. */
const LOOP_BYTES = 32;

export class StringSink extends ColumnSink {
  private readonly offsets = new GrowingBytes(2049 * 4);
  private readonly text = new GrowingBytes(2048 * 16);
  /** Out-of-line strings of the present run: pairs of (pointer, place in `text`), with their lengths. */
  private readonly pointers: number[] = [];
  private readonly places: number[] = [];
  private readonly lengths: number[] = [];

  constructor(field: ArrowField) {
    super(field, []);
    this.clearValues();
  }

  protected appendValues(vector: RawVector, rows: Rows, capacity: number, present: Uint8Array | null): void {
    const source = vectorData(vector, capacity * STRING_BYTES);
    const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    const ends = new Int32Array(rows.count);
    let total = 0;
    for (let i = 0; i < rows.count; i += 1) {
      const row = sourceRow(rows, i, present);
      if (row >= 0) total += view.getUint32(row * STRING_BYTES, true);
      ends[i] = total;
    }
    const start = this.text.extend(total);
    this.copyStrings(source, view, rows, present, start, ends);
    for (let i = 0; i < ends.length; i += 1) ends[i]! += start;
    this.offsets.append(new Uint8Array(ends.buffer));
  }

  private copyStrings(
    source: Uint8Array,
    view: DataView,
    rows: Rows,
    present: Uint8Array | null,
    start: number,
    ends: Int32Array,
  ): void {
    const target = this.text.bytes;
    // The run: strings whose memory [low, high) is fetched at once; `lowAt` is where the pointer `low` can be read.
    let low = 0;
    let high = 0;
    let lowAt = 0;
    for (let i = 0; i < rows.count; i += 1) {
      const row = sourceRow(rows, i, present);
      if (row < 0) continue;
      const at = row * STRING_BYTES;
      const length = view.getUint32(at, true);
      const place = start + (i === 0 ? 0 : ends[i - 1]!);
      if (length <= INLINE_BYTES) {
        for (let k = 0; k < length; k += 1) target[place + k] = source[at + 4 + k]!;
        continue;
      }
      const pointer = view.getUint32(at + 8, true) + view.getUint32(at + 12, true) * TWO_TO_32;
      const near = pointer < high + NEAR_BYTES && pointer + length > low - NEAR_BYTES;
      if (this.pointers.length === 0 || !near) {
        this.fetchRun(source, low, high, lowAt);
        low = pointer;
        high = pointer + length;
        lowAt = at + 8;
      } else {
        if (pointer < low) {
          low = pointer;
          lowAt = at + 8;
        }
        if (pointer + length > high) high = pointer + length;
      }
      this.pointers.push(pointer);
      this.places.push(place);
      this.lengths.push(length);
    }
    this.fetchRun(source, low, high, lowAt);
  }

  private fetchRun(source: Uint8Array, low: number, high: number, lowAt: number): void {
    const { pointers, places, lengths } = this;
    if (pointers.length === 0) return;
    const target = this.text.bytes;
    const run = dataAtPointer(source.buffer as ArrayBuffer, source.byteOffset + lowAt, high - low);
    const into = new DataView(target.buffer, target.byteOffset, target.byteLength);
    const out = new DataView(run.buffer, run.byteOffset, run.byteLength);
    for (let i = 0; i < pointers.length; i += 1) {
      const from = pointers[i]! - low;
      const length = lengths[i]!;
      const place = places[i]!;
      if (length <= LOOP_BYTES) {
        // Four bytes at a time; the last four may overlap those before, since all out-of-line strings are longer.
        for (let k = 0; k < length - 4; k += 4) into.setUint32(place + k, out.getUint32(from + k, true), true);
        into.setUint32(place + length - 4, out.getUint32(from + length - 4, true), true);
      } else target.set(run.subarray(from, from + length), place);
    }
    pointers.length = 0;
    places.length = 0;
    lengths.length = 0;
  }

  protected valueBuffers(): Uint8Array[] {
    return [this.offsets.view, this.text.view];
  }

  protected clearValues(): void {
    this.offsets.clear();
    this.text.clear();
    this.offsets.append(new Uint8Array(4));
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const UUID_CHARACTERS = 36;

/** UUID: 16 bytes, little-endian, the highest bit flipped; written as 36 characters. */
export class UuidSink extends ColumnSink {
  private readonly offsets = new GrowingBytes();
  private readonly text = new GrowingBytes();

  constructor(field: ArrowField) {
    super(field, []);
    this.clearValues();
  }

  protected appendValues(vector: RawVector, rows: Rows, capacity: number, present: Uint8Array | null): void {
    const source = vectorData(vector, capacity * 16);
    const ends = new Int32Array(rows.count);
    for (let i = 0; i < rows.count; i += 1) {
      const row = sourceRow(rows, i, present);
      if (row >= 0) this.write(source, row * 16);
      ends[i] = this.text.length;
    }
    this.offsets.append(new Uint8Array(ends.buffer));
  }

  private write(source: Uint8Array, at: number): void {
    let text = "";
    for (let k = 15; k >= 0; k -= 1) {
      text += HEX[k === 15 ? source[at + k]! ^ 0x80 : source[at + k]!];
      if (k === 12 || k === 10 || k === 8 || k === 6) text += "-";
    }
    const place = this.text.extend(UUID_CHARACTERS);
    for (let k = 0; k < UUID_CHARACTERS; k += 1) this.text.bytes[place + k] = text.charCodeAt(k);
  }

  protected valueBuffers(): Uint8Array[] {
    return [this.offsets.view, this.text.view];
  }

  protected clearValues(): void {
    this.offsets.clear();
    this.text.clear();
    this.offsets.append(new Uint8Array(4));
  }
}
