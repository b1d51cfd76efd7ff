import { preciseSum } from "../special/precise-sum.ts";
import { type Convention, fillZeroShares, raiseSmallShares, renormalised, type SharePair, sharesOf } from "./shares.ts";

export const SHARE_DISTANCES = ["psi", "kl", "js", "hellinger", "tvd", "linf"] as const;
export type ShareDistance = (typeof SHARE_DISTANCES)[number];

/**
 * The distance of two samples by their counts in the same bins or categories, in any order; counts may be fractional.
 * With p and q the shares of reference and current: `psi` Σ (q − p)·ln(q / p); `kl` Σ p·ln(p / q); `js` the
 * Jensen–Shannon distance √(½KL(p‖m) + ½KL(q‖m)), m = (p + q) / 2; `hellinger` √(1 − Σ √(p·q)); `tvd` ½Σ |p − q|;
 * `linf` max |p − q|. Finite for every convention. RangeError where a side is empty or the sides differ in length.
 */
export function shareDistance(
  metric: ShareDistance,
  reference: readonly number[],
  current: readonly number[],
  convention: Convention,
): number {
  const shares = sharesOf(reference, current);
  switch (metric) {
    case "psi":
      return psi(withoutZeros(shares, convention));
    case "kl": {
      const filled = withoutZeros(shares, convention);
      return kl(convention === "evidently" ? renormalised(filled) : filled);
    }
    case "js":
      return Math.sqrt(jsDivergence(shares) / (convention === "evidently" ? 1 : Math.LN2));
    case "hellinger":
      return hellinger(shares);
    case "tvd":
      return total(shares, (p, q) => Math.abs(p - q) / 2);
    case "linf":
      return shares.reference.reduce((most, p, bin) => Math.max(most, Math.abs(p - shares.current[bin]!)), 0);
  }
}

/** nannyml has neither psi nor kl, so these stay as they are under driftbook. */
function withoutZeros(shares: SharePair, convention: Convention): SharePair {
  return convention === "evidently" ? fillZeroShares(shares) : raiseSmallShares(shares);
}

function psi(shares: SharePair): number {
  return total(shares, (p, q) => Math.abs(q - p) * logRatio(Math.max(p, q), Math.min(p, q)));
}

function kl(shares: SharePair): number {
  const sum = total(shares, (p, q) => p * (p > q ? logRatio(p, q) : -logRatio(q, p)));
  return sum + 0;
}

/** ln(larger / smaller) without the loss near 1. */
function logRatio(larger: number, smaller: number): number {
  return larger > 2 * smaller ? Math.log(larger / smaller) : Math.log1p((larger - smaller) / smaller);
}

/** Squared, in nats: no term is negative. */
function jsDivergence(shares: SharePair): number {
  return total(shares, (p, q) => {
    const sum = p + q;
    return sum === 0 ? 0 : (sum / 4) * mixtureEntropy((p - q) / sum);
  });
}

/** (1 + u)·ln(1 + u) + (1 − u)·ln(1 − u), for |u| ≤ 1. */
function mixtureEntropy(u: number): number {
  const squared = u * u;
  if (squared === 1) return 2 * Math.LN2;
  if (squared > 0.04) return (1 + u) * Math.log1p(u) + (1 - u) * Math.log1p(-u);
  let [sum, power] = [0, squared];
  for (let k = 1; power > sum * 1e-17; k++, power *= squared) sum += power / (k * (2 * k - 1));
  return sum;
}

/** 1 − Σ √(p·q) of shares that sum to 1, as ½Σ (√p − √q)²: 0 for equal shares. */
function hellinger(shares: SharePair): number {
  return Math.sqrt(
    Math.min(
      1,
      total(shares, (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2 / 2),
    ),
  );
}

function total({ reference, current }: SharePair, term: (p: number, q: number) => number): number {
  return preciseSum(reference.map((p, bin) => term(p, current[bin]!)));
}
