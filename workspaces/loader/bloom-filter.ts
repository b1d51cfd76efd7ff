/**
 * Says of an id hash "certainly absent" or "perhaps present" (about 1 in 120 of the absent ones at 10 bits an id).
 * The hash is uniform already, so its own lanes serve as the two base hashes of double hashing.
 */
const BITS_PER_ID = 10;
const PROBES = 7;

export class BloomFilter {
  private readonly words: Uint32Array;
  private readonly mask: number;

  constructor(ids: number) {
    // A power of two of bits lets a mask take the place of a division.
    let bits = 1024;
    while (bits < ids * BITS_PER_ID && bits < 2 ** 31) bits *= 2;
    this.words = new Uint32Array(bits / 32);
    this.mask = bits - 1;
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  add(lanes: Uint32Array, at: number): void {
    let hash = lanes[at + 3]!;
    const step = lanes[at + 2]! | 1;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = hash & this.mask;
      this.words[bit >>> 5]! |= 1 << (bit & 31);
      hash = (hash + step) | 0;
    }
  }

  mayHold(lanes: Uint32Array, at: number): boolean {
    let hash = lanes[at + 3]!;
    const step = lanes[at + 2]! | 1;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = hash & this.mask;
      if ((this.words[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
      hash = (hash + step) | 0;
    }
    return true;
  }
}
