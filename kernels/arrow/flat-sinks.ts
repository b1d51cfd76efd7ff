import { DuckDBVector, type RawVector } from "../duckdb/duckdb.ts";
import type { ArrowField } from "./arrow-field.ts";
import { ColumnSink, type Rows, sourceRow, vectorBytes } from "./column-sink.ts";
import { GrowingBits, GrowingBytes } from "./growing-bytes.ts";

/** A column of nulls: no buffers at all, not even validity. */
export class NullSink extends ColumnSink {
  constructor(field: ArrowField) {
    super(field, []);
  }
  override get nullCount(): number {
    return this.rowCount;
  }
  override append(_vector: RawVector, rows: Rows): void {
    this.rowCount += rows.count;
  }
  override buffers(): Uint8Array[] {
    return [];
  }
  protected appendValues(): void {}
  protected valueBuffers(): Uint8Array[] {
    return [];
  }
  protected clearValues(): void {}
}

/** Values of one width that Arrow stores as DuckDB does. */
export class FixedSink extends ColumnSink {
  protected readonly values = new GrowingBytes(2048 * 8);
  private readonly bytesEach: 1 | 2 | 4 | 8 | 16;

  constructor(field: ArrowField, bytesEach: 1 | 2 | 4 | 8 | 16) {
    super(field, []);
    this.bytesEach = bytesEach;
  }

  protected appendValues(vector: RawVector, rows: Rows, capacity: number): void {
    const each = this.bytesEach;
    const source = vectorBytes(vector, capacity, each);
    if (rows.indexes === null) {
      this.values.append(source.subarray(rows.start * each, (rows.start + rows.count) * each));
      return;
    }
    const at = this.values.extend(rows.count * each);
    const target = this.values.bytes;
    rows.indexes.forEach((row, i) => {
      // Under a null anything may stand; zeros keep the output the same from run to run.
      if (row < 0) target.fill(0, at + i * each, at + (i + 1) * each);
      else for (let k = 0; k < each; k += 1) target[at + i * each + k] = source[row * each + k]!;
    });
  }

  protected valueBuffers(): Uint8Array[] {
    return [this.values.view];
  }

  protected clearValues(): void {
    this.values.clear();
  }
}

/** DuckDB has a byte for each boolean, Arrow a bit. */
export class BoolSink extends ColumnSink {
  private readonly values = new GrowingBits();

  constructor(field: ArrowField) {
    super(field, []);
  }

  protected appendValues(vector: RawVector, rows: Rows, capacity: number): void {
    const source = vectorBytes(vector, capacity, 1);
    for (let i = 0; i < rows.count; i += 1) {
      const row = rows.indexes === null ? rows.start + i : rows.indexes[i]!;
      this.values.push(row >= 0 && source[row] === 1);
    }
  }

  protected valueBuffers(): Uint8Array[] {
    return [this.values.view];
  }

  protected clearValues(): void {
    this.values.clear();
  }
}

/** What one value becomes: four 32-bit words of Arrow from a place in DuckDB's data. */
type Rewrite = (source: DataView, at: number, target: DataView, to: number) => void;

/** Values of one width that become another width or another order. */
export class RewritingSink extends ColumnSink {
  private readonly values = new GrowingBytes(2048 * 16);
  private readonly sourceBytes: number;
  private readonly targetBytes: number;
  private readonly rewrite: Rewrite;

  constructor(field: ArrowField, sourceBytes: number, targetBytes: number, rewrite: Rewrite) {
    super(field, []);
    this.sourceBytes = sourceBytes;
    this.targetBytes = targetBytes;
    this.rewrite = rewrite;
  }

  protected appendValues(vector: RawVector, rows: Rows, capacity: number, present: Uint8Array | null): void {
    const data = vectorBytes(vector, capacity, this.sourceBytes);
    const source = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const at = this.values.extend(rows.count * this.targetBytes);
    this.values.bytes.fill(0, at, this.values.length);
    const target = new DataView(this.values.bytes.buffer);
    for (let i = 0; i < rows.count; i += 1) {
      const row = sourceRow(rows, i, present);
      if (row >= 0) this.rewrite(source, row * this.sourceBytes, target, at + i * this.targetBytes);
    }
  }

  protected valueBuffers(): Uint8Array[] {
    return [this.values.view];
  }

  protected clearValues(): void {
    this.values.clear();
  }
}

/** A signed integer of 2, 4 or 8 bytes as one of 16: a DECIMAL of up to 18 digits. */
export const widen: Record<2 | 4 | 8, Rewrite> = {
  2: (source, at, target, to) => writeWide(target, to, source.getInt16(at, true), source.getInt16(at, true) < 0),
  4: (source, at, target, to) => writeWide(target, to, source.getInt32(at, true), source.getInt32(at, true) < 0),
  8: (source, at, target, to) => {
    const high = source.getInt32(at + 4, true);
    writeWide(target, to, source.getInt32(at, true), high < 0);
    target.setInt32(to + 4, high, true);
  },
};

function writeWide(target: DataView, to: number, low: number, negative: boolean): void {
  const sign = negative ? -1 : 0;
  target.setInt32(to, low, true);
  target.setInt32(to + 4, sign, true);
  target.setInt32(to + 8, sign, true);
  target.setInt32(to + 12, sign, true);
}

/** UHUGEINT, 16 bytes without sign, into 32 bytes with one. The upper half stays zero. */
export const widenUnsigned: Rewrite = (source, at, target, to) => {
  for (let k = 0; k < 16; k += 4) target.setInt32(to + k, source.getInt32(at + k, true), true);
};

const MICROS_PER_DAY = 86_400_000_000n;
const MOST_MICROS = 9_223_372_036_854_775n;

/** DuckDB: int32 months, int32 days, int64 microseconds. Arrow: the same with nanoseconds. */
export const rewriteInterval: Rewrite = (source, at, target, to) => {
  let days = source.getInt32(at + 4, true);
  let micros = source.getBigInt64(at + 8, true);
  if (micros > MOST_MICROS || micros < -MOST_MICROS) {
    days += Number(micros / MICROS_PER_DAY);
    micros %= MICROS_PER_DAY;
  }
  target.setInt32(to, source.getInt32(at, true), true);
  target.setInt32(to + 4, days, true);
  target.setBigInt64(to + 8, micros * 1000n, true);
};

const UTF8 = new TextEncoder();

/** Rare types, value by value, as the text that DuckDB prints. */
export class TextSink extends ColumnSink {
  private readonly offsets = new GrowingBytes();
  private readonly text = new GrowingBytes();

  constructor(field: ArrowField) {
    super(field, []);
    this.clearValues();
  }

  protected appendValues(vector: RawVector, rows: Rows, capacity: number, present: Uint8Array | null): void {
    const values = DuckDBVector.create(vector, capacity, this.field.duckdbType);
    for (let i = 0; i < rows.count; i += 1) {
      const row = sourceRow(rows, i, present);
      if (row >= 0) this.text.append(UTF8.encode(String(values.getItem(row))));
      const at = this.offsets.extend(4);
      new DataView(this.offsets.bytes.buffer).setInt32(at, this.text.length, true);
    }
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
