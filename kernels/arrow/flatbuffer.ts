/**
 * A writer of FlatBuffers, as much of it as Arrow's messages need. A buffer is filled from its end to its start, so
 * that everything a table points to is written before the table; positions are counted from the end until `finish`.
 *
 *   table    int32 distance back to its vtable, then its fields, each aligned to its size
 *   vtable   uint16 own size, uint16 size of the table, then one uint16 per field: place in the table, 0 = absent
 *   vector   uint32 count, then the elements;   string: a vector of UTF-8 bytes and a zero byte
 */

/** A field of a table: a number of 1, 2, 4 or 8 bytes, a reference to something written before, or null for absent. */
export type FlatField = { readonly bytes: 1 | 2 | 4 | 8; readonly value: number } | { readonly at: number } | null;

export const byte = (value: number): FlatField => ({ bytes: 1, value });
export const bool = (value: boolean): FlatField => ({ bytes: 1, value: value ? 1 : 0 });
export const short = (value: number): FlatField => ({ bytes: 2, value });
export const int = (value: number): FlatField => ({ bytes: 4, value });
export const long = (value: number): FlatField => ({ bytes: 8, value });
export const reference = (at: number): FlatField => ({ at });

export class FlatBufferWriter {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  /** Bytes used, at the end of `bytes`. */
  private used = 0;
  private widestAlignment = 8;

  string(text: string): number {
    const utf8 = new TextEncoder().encode(text);
    this.align(4, utf8.length + 1);
    this.reserve(1);
    this.used += 1;
    this.bytes[this.bytes.length - this.used] = 0;
    this.push(utf8);
    return this.number(4, utf8.length);
  }

  /** A vector of references to things written before. */
  references(ats: readonly number[]): number {
    this.align(4, ats.length * 4);
    for (const at of ats.toReversed()) this.number(4, this.used + 4 - at);
    return this.number(4, ats.length);
  }

  ints(values: readonly number[]): number {
    this.align(4, values.length * 4);
    for (const value of values.toReversed()) this.number(4, value);
    return this.number(4, values.length);
  }

  /** A vector of structs of two 64-bit integers, which is what Arrow's FieldNode and Buffer are. */
  pairs(pairs: readonly (readonly [number, number])[]): number {
    this.align(8, pairs.length * 16);
    for (const [first, second] of pairs.toReversed()) {
      this.number(8, second);
      this.number(8, first);
    }
    return this.number(4, pairs.length);
  }

  /** A table with its fields in the order of the schema. */
  table(fields: readonly FlatField[]): number {
    const ends: number[] = fields.map(() => 0);
    const before = this.used;
    // Widest first, so that alignment costs least; the order in memory is free.
    const order = fields.map((_, i) => i).sort((a, b) => width(fields[b]) - width(fields[a]));
    for (const i of order) {
      const field = fields[i];
      if (field == null) continue;
      if ("at" in field) {
        this.align(4, 4);
        ends[i] = this.number(4, this.used + 4 - field.at);
      } else {
        this.align(field.bytes, field.bytes);
        ends[i] = this.number(field.bytes, field.value);
      }
    }
    this.align(4, 4);
    const table = this.number(4, 0);
    for (const end of ends.toReversed()) this.number(2, end === 0 ? 0 : table - end);
    this.number(2, table - before);
    const vtable = this.number(2, 4 + ends.length * 2);
    this.view.setInt32(this.bytes.length - table, vtable - table, true);
    return table;
  }

  /** The finished buffer with `root` as its root table, its length a multiple of 8. */
  finish(root: number): Uint8Array {
    this.align(this.widestAlignment, 4);
    this.number(4, this.used + 4 - root);
    return this.bytes.slice(this.bytes.length - this.used);
  }

  /** Pads so that after `following` more bytes the position is a multiple of `alignment`. */
  private align(alignment: number, following: number): void {
    const padding = (alignment - ((this.used + following) % alignment)) % alignment;
    this.reserve(padding);
    this.bytes.fill(0, this.bytes.length - this.used - padding, this.bytes.length - this.used);
    this.used += padding;
  }

  /** Writes one little-endian number and returns its position. */
  private number(bytes: 1 | 2 | 4 | 8, value: number): number {
    this.reserve(bytes);
    this.used += bytes;
    const at = this.bytes.length - this.used;
    if (bytes === 1) this.view.setUint8(at, value);
    else if (bytes === 2) this.view.setInt16(at, value, true);
    else if (bytes === 4) this.view.setInt32(at, value, true);
    else this.view.setBigInt64(at, BigInt(value), true);
    return this.used;
  }

  private push(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.used += bytes.length;
    this.bytes.set(bytes, this.bytes.length - this.used);
  }

  private reserve(more: number): void {
    if (this.used + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.used + more));
    grown.set(this.bytes.subarray(this.bytes.length - this.used), grown.length - this.used);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

const width = (field: FlatField | undefined): number => (field == null ? 0 : "at" in field ? 4 : field.bytes);
