/** Bytes that grow by doubling; `view` is what has been written. Contents survive until `clear`. */
export class GrowingBytes {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
  }

  get view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes room for `more` bytes at the end and returns where they begin; they count as written, their content is not set. */
  extend(more: number): number {
    const at = this.length;
    this.length += more;
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
    }
    return at;
  }

  append(source: Uint8Array): void {
    const at = this.extend(source.length);
    this.bytes.set(source, at);
  }

  clear(): void {
    this.length = 0;
  }
}

/** Bits in Arrow's order (least significant first); counts how many are 0. */
export class GrowingBits {
  private readonly bytes = new GrowingBytes(256);
  private bits = 0;
  zeros = 0;

  get view(): Uint8Array {
    return this.bytes.view;
  }

  clear(): void {
    this.bytes.clear();
    this.bits = 0;
    this.zeros = 0;
  }

  push(bit: boolean): void {
    if (this.bits % 8 === 0) this.bytes.bytes[this.bytes.extend(1)] = 0;
    if (bit) this.bytes.bytes[this.bits >> 3]! |= 1 << (this.bits & 7);
    else this.zeros += 1;
    this.bits += 1;
  }

  pushOnes(count: number): void {
    let left = count;
    for (; left > 0 && this.bits % 8 !== 0; left -= 1) this.push(true);
    const whole = left >> 3;
    const at = this.bytes.extend(whole);
    this.bytes.bytes.fill(0xff, at, at + whole);
    this.bits += whole * 8;
    for (left -= whole * 8; left > 0; left -= 1) this.push(true);
  }

  /** Appends bits [start, start + count) of `source`. */
  pushBits(source: Uint8Array, start: number, count: number): void {
    let at = start;
    const end = start + count;
    if (this.bits % 8 === 0 && start % 8 === 0) {
      const whole = count >> 3;
      const from = start >> 3;
      for (let i = from; i < from + whole; i += 1) this.zeros += 8 - POPULATION[source[i]!]!;
      this.bytes.append(source.subarray(from, from + whole));
      this.bits += whole * 8;
      at += whole * 8;
    }
    for (; at < end; at += 1) this.push(((source[at >> 3]! >> (at & 7)) & 1) === 1);
  }
}

const POPULATION = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);
