/**
 * The last events of a log, so that a retry can be told at once that all of it is known. Rows are compared byte for byte;
 * the loader decides identity, this only saves it the work. Bounded by bytes: the oldest batches are forgotten first.
 */
export class RecentEvents {
  readonly #limit: number;
  readonly #batches: { readonly rows: Buffer; readonly hashes: readonly number[] }[] = [];
  readonly #places = new Map<number, { readonly rows: Buffer; readonly from: number; readonly to: number }>();
  #bytes = 0;

  constructor(limitBytes = 16 * 1024 * 1024) {
    this.#limit = limitBytes;
  }

  has(hash: number, row: Buffer): boolean {
    const place = this.#places.get(hash);
    if (place === undefined || place.to - place.from !== row.byteLength) return false;
    return place.rows.compare(row, 0, row.byteLength, place.from, place.to) === 0;
  }

  /** Only after the batch is durable. */
  add(rows: Buffer, idHashes: Float64Array, ends: Uint32Array): void {
    if (rows.byteLength > this.#limit) return;
    const hashes: number[] = [];
    for (let i = 0; i < ends.length; i++) {
      const hash = idHashes[i]!;
      if (hash === 0) continue;
      hashes.push(hash);
      this.#places.set(hash, { rows, from: i === 0 ? 0 : ends[i - 1]!, to: ends[i]! });
    }
    this.#batches.push({ rows, hashes });
    this.#bytes += rows.byteLength;
    while (this.#bytes > this.#limit) {
      const oldest = this.#batches.shift()!;
      this.#bytes -= oldest.rows.byteLength;
      for (const hash of oldest.hashes) if (this.#places.get(hash)?.rows === oldest.rows) this.#places.delete(hash);
    }
  }
}
