/**
 * One column of a record batch while it is filled from the vectors of data chunks. A sink keeps the column's Arrow
 * buffers; nested types have child sinks. The same sink is used for all batches of a stream (`clear` in between).
 */
import { type RawVector, vectorData, vectorValidity } from "../duckdb/duckdb.ts";
import type { ArrowField } from "./arrow-field.ts";
import { GrowingBits } from "./growing-bytes.ts";

/** Which rows of a vector are meant: `count` rows from `start` on, or the listed ones, −1 meaning null. */
export type Rows =
  | { readonly start: number; readonly count: number; readonly indexes: null }
  | { readonly start: 0; readonly count: number; readonly indexes: Int32Array };

export abstract class ColumnSink {
  readonly field: ArrowField;
  readonly children: readonly ColumnSink[];
  rowCount = 0;
  protected readonly validity = new GrowingBits();

  constructor(field: ArrowField, children: readonly ColumnSink[]) {
    this.field = field;
    this.children = children;
  }

  get nullCount(): number {
    return this.validity.zeros;
  }

  /** Appends the rows; `capacity` is how many items the vector holds. */
  append(vector: RawVector, rows: Rows, capacity: number): void {
    const present = vectorValidity(vector, capacity);
    this.appendValidity(present, rows);
    this.appendValues(vector, rows, capacity, present);
    this.rowCount += rows.count;
  }

  /** The Arrow buffers of this column alone, in Arrow's order. */
  buffers(): Uint8Array[] {
    return [this.validityBuffer(), ...this.valueBuffers()];
  }

  clear(): void {
    this.rowCount = 0;
    this.validity.clear();
    this.clearValues();
    for (const child of this.children) child.clear();
  }

  /** Bytes held at present, children included. */
  get byteLength(): number {
    const own = this.valueBuffers().reduce((sum, buffer) => sum + buffer.length, 0);
    return this.children.reduce((sum, child) => sum + child.byteLength, own);
  }

  protected abstract appendValues(vector: RawVector, rows: Rows, capacity: number, present: Uint8Array | null): void;
  protected abstract valueBuffers(): Uint8Array[];
  protected abstract clearValues(): void;

  /** Arrow lets the bitmap be absent when nothing is null. */
  protected validityBuffer(): Uint8Array {
    return this.validity.zeros === 0 ? NOTHING : this.validity.view;
  }

  private appendValidity(present: Uint8Array | null, rows: Rows): void {
    const { indexes } = rows;
    if (indexes === null) {
      if (present === null) this.validity.pushOnes(rows.count);
      else this.validity.pushBits(present, rows.start, rows.count);
      return;
    }
    for (const index of indexes) this.validity.push(index >= 0 && isPresent(present, index));
  }
}

const NOTHING = new Uint8Array(0);

export function isPresent(validity: Uint8Array | null, row: number): boolean {
  return validity === null || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
}

/** Row `i` of `rows` as a row of the vector, or −1 when it is null. */
export function sourceRow(rows: Rows, i: number, present: Uint8Array | null): number {
  const row = rows.indexes === null ? rows.start + i : rows.indexes[i]!;
  return row >= 0 && isPresent(present, row) ? row : -1;
}

/** The same rows with those that are null here marked as null, for children: what lies under a null means nothing. */
export function rowsOfChildren(rows: Rows, present: Uint8Array | null): Rows {
  if (present === null) return rows;
  const indexes = new Int32Array(rows.count);
  for (let i = 0; i < rows.count; i += 1) indexes[i] = sourceRow(rows, i, present);
  return { start: 0, count: rows.count, indexes };
}

/** A typed view of a vector's data where its address allows, else of a copy. */
export function vectorBytes(vector: RawVector, capacity: number, bytesEach: number): Uint8Array {
  const data = vectorData(vector, capacity * bytesEach);
  return data.byteOffset % 8 === 0 ? data : Uint8Array.from(data);
}
