const WAYS = 8;
const BUCKETS = 1 << 15;

/**
 * The last events of a log, so that a retry can be told at once that all of it is known. Rows are compared byte for byte;
 * the loader decides identity, this only saves it the work. Bounded by bytes: the oldest batches are forgotten first.
 *
 * Places are kept in buckets of typed arrays, not in objects: ninety thousand events a second would leave as many for the
 * collector. A full bucket forgets its oldest event.
 */
export class RecentEvents {
  readonly #limit: number;
  /** Batches by their number, oldest first; numbers below `#oldest` are gone. */
  readonly #batches = new Map<number, Buffer>();
  #oldest = 1;
  #newest = 0;
  #bytes = 0;
  readonly #hashes = new Float64Array(BUCKETS * WAYS);
  readonly #batchOf = new Uint32Array(BUCKETS * WAYS);
  readonly #from = new Uint32Array(BUCKETS * WAYS);
  readonly #to = new Uint32Array(BUCKETS * WAYS);

  constructor(limitBytes = 16 * 1024 * 1024) {
    this.#limit = limitBytes;
  }

  has(hash: number, row: Buffer): boolean {
    const start = bucketOf(hash);
    for (let slot = start; slot < start + WAYS; slot++) {
      if (this.#hashes[slot] !== hash) continue;
      const rows = this.#batches.get(this.#batchOf[slot]!);
      const [from, to] = [this.#from[slot]!, this.#to[slot]!];
      if (rows !== undefined && to - from === row.byteLength && rows.compare(row, 0, row.byteLength, from, to) === 0)
        return true;
    }
    return false;
  }

  /** Only after the batch is durable. */
  add(rows: Buffer, idHashes: Float64Array, ends: Uint32Array): void {
    if (rows.byteLength > this.#limit) return;
    // A number that has come round would make old places look new.
    if (this.#newest === 0xffffffff) this.#forgetAll();
    this.#newest += 1;
    this.#batches.set(this.#newest, rows);
    this.#bytes += rows.byteLength;
    while (this.#bytes > this.#limit) {
      this.#bytes -= this.#batches.get(this.#oldest)!.byteLength;
      this.#batches.delete(this.#oldest);
      this.#oldest += 1;
    }
    for (let i = 0; i < ends.length; i++)
      if (idHashes[i] !== 0) this.#put(idHashes[i]!, i === 0 ? 0 : ends[i - 1]!, ends[i]!);
  }

  #put(hash: number, from: number, to: number): void {
    const start = bucketOf(hash);
    let place = start;
    for (let slot = start; slot < start + WAYS; slot++) {
      if (this.#hashes[slot] === hash) {
        place = slot;
        break;
      }
      if (this.#batchOf[slot]! < this.#batchOf[place]!) place = slot;
    }
    this.#hashes[place] = hash;
    this.#batchOf[place] = this.#newest;
    this.#from[place] = from;
    this.#to[place] = to;
  }

  #forgetAll(): void {
    this.#batches.clear();
    this.#batchOf.fill(0);
    [this.#oldest, this.#newest, this.#bytes] = [1, 0, 0];
  }
}

/** The first slot of a hash: a whole number of up to 53 bits. */
const bucketOf = (hash: number): number => (hash % BUCKETS) * WAYS;
