import type { Bound } from "../results/reading.ts";

/** A bound as written: fixed, or so many standard deviations around the mean of the reference chunks. */
export type WrittenBound = Bound | { readonly type: "sigma"; readonly count: number };

const NUMBER = String.raw`([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(%?)`;
const BARE = new RegExp(`^${NUMBER}$`, "i");
const SIDED = new RegExp(`^(above|below)\\s+${NUMBER}$`, "i");
const OUTSIDE = new RegExp(`^outside\\s*\\[\\s*${NUMBER}\\s*,\\s*${NUMBER}\\s*\\]$`, "i");
const SIGMA = new RegExp(`^${NUMBER}\\s*sigma$`, "i");

export const BOUND_EXPECTED = "expected a number such as 0.2 or 5%, above x, below x, outside [a, b] or 3 sigma";

/**
 * Reads a bound; a bare number means the metric's bad direction, which is `bad`. Null for text that is none.
 */
export function parseBound(written: number | string, bad: "above" | "below"): WrittenBound | null {
  if (typeof written === "number") return Number.isFinite(written) ? { type: bad, value: written } : null;
  const text = written.trim();
  const bare = BARE.exec(text);
  if (bare !== null) return { type: bad, value: share(bare[1]!, bare[2]!) };
  const sided = SIDED.exec(text);
  if (sided !== null) return { type: sided[1]!.toLowerCase() as "above" | "below", value: share(sided[2]!, sided[3]!) };
  const outside = OUTSIDE.exec(text);
  if (outside !== null) {
    const [low, high] = [share(outside[1]!, outside[2]!), share(outside[3]!, outside[4]!)];
    return low <= high ? { type: "outside", low, high } : null;
  }
  const sigma = SIGMA.exec(text);
  return sigma === null || sigma[2] !== "" || Number(sigma[1]) <= 0 ? null : { type: "sigma", count: Number(sigma[1]) };
}

const share = (digits: string, percent: string): number => Number(digits) / (percent === "%" ? 100 : 1);
