import { arrayChild, listChild, listSize, type RawVector, structChild } from "../duckdb/duckdb.ts";
import type { ArrowField } from "./arrow-field.ts";
import { ColumnSink, type Rows, rowsOfChildren, sourceRow, vectorBytes } from "./column-sink.ts";
import { GrowingBytes } from "./growing-bytes.ts";

/** LIST and MAP: DuckDB has (offset, length) of each list in a child vector, in any order; Arrow wants them in order. */
export class ListSink extends ColumnSink {
  private readonly offsets = new GrowingBytes();
  private items = 0;

  constructor(field: ArrowField, item: ColumnSink) {
    super(field, [item]);
    this.clearValues();
  }

  protected appendValues(vector: RawVector, rows: Rows, capacity: number, present: Uint8Array | null): void {
    const data = vectorBytes(vector, capacity, 16);
    const entries = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const starts = new Int32Array(rows.count);
    const lengths = new Int32Array(rows.count);
    const ends = new Int32Array(rows.count);
    const before = this.items;
    let inOrder = true;
    let next = -1;
    for (let i = 0; i < rows.count; i += 1) {
      const row = sourceRow(rows, i, present);
      const length = row < 0 ? 0 : Number(entries.getBigUint64(row * 16 + 8, true));
      if (length > 0) {
        const start = Number(entries.getBigUint64(row * 16, true));
        starts[i] = start;
        lengths[i] = length;
        if (next >= 0 && start !== next) inOrder = false;
        next = start + length;
        this.items += length;
      }
      ends[i] = this.items;
    }
    this.offsets.append(new Uint8Array(ends.buffer));
    const count = this.items - before;
    if (count === 0) return;
    const itemRows: Rows = inOrder ? { start: next - count, count, indexes: null } : gather(starts, lengths, count);
    this.children[0]!.append(listChild(vector), itemRows, listSize(vector));
  }

  protected valueBuffers(): Uint8Array[] {
    return [this.offsets.view];
  }

  protected clearValues(): void {
    this.items = 0;
    this.offsets.clear();
    this.offsets.append(new Uint8Array(4));
  }
}

function gather(starts: Int32Array, lengths: Int32Array, count: number): Rows {
  const indexes = new Int32Array(count);
  let at = 0;
  starts.forEach((start, i) => {
    for (let k = 0; k < lengths[i]!; k += 1) indexes[at++] = start + k;
  });
  return { start: 0, count, indexes };
}

/** ARRAY: `length` items for each row, also for a null one. */
export class ArraySink extends ColumnSink {
  private readonly length: number;

  constructor(field: ArrowField, length: number, item: ColumnSink) {
    super(field, [item]);
    this.length = length;
  }

  protected appendValues(vector: RawVector, rows: Rows, capacity: number, present: Uint8Array | null): void {
    const { length } = this;
    const count = rows.count * length;
    const item = this.children[0]!;
    if (rows.indexes === null && present === null) {
      item.append(arrayChild(vector), { start: rows.start * length, count, indexes: null }, capacity * length);
      return;
    }
    const indexes = new Int32Array(count);
    for (let i = 0; i < rows.count; i += 1) {
      const row = sourceRow(rows, i, present);
      for (let k = 0; k < length; k += 1) indexes[i * length + k] = row < 0 ? -1 : row * length + k;
    }
    item.append(arrayChild(vector), { start: 0, count, indexes }, capacity * length);
  }

  protected valueBuffers(): Uint8Array[] {
    return [];
  }
  protected clearValues(): void {}
}

export class StructSink extends ColumnSink {
  protected appendValues(vector: RawVector, rows: Rows, capacity: number, present: Uint8Array | null): void {
    const childRows = rowsOfChildren(rows, present);
    for (const [i, child] of this.children.entries()) child.append(structChild(vector, i), childRows, capacity);
  }
  protected valueBuffers(): Uint8Array[] {
    return [];
  }
  protected clearValues(): void {}
}

/**
 * UNION: DuckDB keeps a struct of a tag and all members; Arrow's sparse union is a tag and all members as well.
 * Arrow's unions have no nulls of their own: a null has tag 0 and is null in that member.
 */
export class UnionSink extends ColumnSink {
  private readonly tags = new GrowingBytes();

  protected appendValues(vector: RawVector, rows: Rows, capacity: number, present: Uint8Array | null): void {
    const tagVector = structChild(vector, 0);
    const tags = vectorBytes(tagVector, capacity, 1);
    const at = this.tags.extend(rows.count);
    const childRows: Int32Array[] = this.children.map(() => new Int32Array(rows.count).fill(-1));
    const own = rowsOfChildren(rows, present);
    for (let i = 0; i < rows.count; i += 1) {
      const row = sourceRow(own, i, null);
      const tag = row < 0 ? 0 : tags[row]!;
      this.tags.bytes[at + i] = tag;
      if (row >= 0) childRows[tag]![i] = row;
    }
    for (const [i, child] of this.children.entries())
      child.append(structChild(vector, i + 1), { start: 0, count: rows.count, indexes: childRows[i]! }, capacity);
  }

  override get nullCount(): number {
    return 0;
  }
  override buffers(): Uint8Array[] {
    return [this.tags.view];
  }
  protected valueBuffers(): Uint8Array[] {
    return [this.tags.view];
  }
  protected clearValues(): void {
    this.tags.clear();
  }
}
