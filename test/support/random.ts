import process from "node:process";

/** Numbers of a seed, for random tests whose failures can be repeated (mulberry32). */
export class Random {
  #state: number;
  readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not with, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `from` to `to`, both possible. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)]!;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }
}

/** The seed of `SEED`, or a new one; printed, so that a failure can be repeated with `SEED=…`. */
export function seededRandom(what: string): Random {
  const seed = process.env.SEED === undefined ? Date.now() % 1_000_000_007 : Number(process.env.SEED);
  console.log(`${what}: SEED=${seed}`);
  return new Random(seed);
}
