import { andersonDarling } from "../../cells/statistics/drift/anderson-darling.ts";
import { chi2, cramersV, gTest, twoProportions } from "../../cells/statistics/drift/count-tests.ts";
import { cramerVonMises } from "../../cells/statistics/drift/cramer-von-mises.ts";
import { ksTest } from "../../cells/statistics/drift/kolmogorov-smirnov.ts";
import { mannWhitney } from "../../cells/statistics/drift/mann-whitney.ts";
import { benjaminiHochberg } from "../../cells/statistics/drift/noise.ts";
import { shareDistance } from "../../cells/statistics/drift/share-distances.ts";
import { tTest } from "../../cells/statistics/drift/t-test.ts";
import { tallyOfSamples } from "../../cells/statistics/drift/tally.ts";
import { energy, wasserstein } from "../../cells/statistics/drift/wasserstein.ts";
import { preciseSum } from "../../cells/statistics/special/precise-sum.ts";
import { Random } from "../../test/support/random.ts";
import { SHAPES, type Shape, sample } from "./random-samples.ts";

/** Rows of both sides: around the limits of exact p-values, unlike each other, and large. */
const SIZES: readonly (readonly [number, number])[] = [
  [10, 10],
  [12, 5],
  [8, 300],
  [20, 20],
  [21, 15],
  [100, 60],
  [500, 700],
  [3000, 2500],
  [10_000, 9000],
  [10_001, 9000],
  [100_000, 80_000],
];
const SHIFTS = [0, 0.1, 0.5, 1.5];

/** Two samples of every shape and size, with every two-sample statistic of them. */
export function sampleCases(seed: number) {
  const random = new Random(seed);
  return SIZES.flatMap(([n, m]) =>
    (Object.keys(SHAPES) as Shape[]).flatMap((shape) =>
      (n > 1000 ? SHIFTS.slice(1, 2) : SHIFTS).map((shift) => {
        const reference = sample(shape, n, random);
        const current = sample(shape, m, random, shift);
        return { shape, reference, current, ours: ofSamples(reference, current) };
      }),
    ),
  );
}

function ofSamples(reference: readonly number[], current: readonly number[]) {
  const tally = tallyOfSamples(reference, current);
  const [ks, cvm, anderson, ranks] = [ksTest(tally), cramerVonMises(tally), andersonDarling(tally), mannWhitney(tally)];
  // Moments of what values have above one of them: the mean of large values alone has too few digits.
  const above = (values: readonly number[]): number[] => values.map((value) => value - reference[0]!);
  const sides = [moments(above(reference)), moments(above(current))] as const;
  const [welch, student] = [tTest(...sides), tTest(...sides, "student")];
  return {
    "ks D": ks.statistic,
    "ks p": ks.p,
    wasserstein: wasserstein(tally),
    energy: energy(tally),
    "cvm T": cvm.statistic,
    "cvm p": cvm.p,
    "anderson_darling A²": anderson.statistic,
    "anderson_darling p": anderson.p,
    "mann_whitney U": ranks.statistic,
    "mann_whitney p": ranks.p,
    "t_test Welch t": welch.statistic,
    "t_test Welch p": welch.p,
    "t_test Student t": student.statistic,
    "t_test Student p": student.p,
  };
}

function moments(values: readonly number[]) {
  const n = values.length;
  const mean = preciseSum(values) / n;
  return { n, mean, variance: preciseSum(values.map((value) => (value - mean) ** 2)) / (n - 1) };
}

/** Counts of both sides in the same groups, some of them empty. */
export function countCases(seed: number) {
  const random = new Random(seed + 1);
  return Array.from({ length: 600 }, () => {
    const groups = random.integer(2, 40);
    const counts = (rows: number): number[] => {
      const weights = Array.from({ length: groups }, () => (random.chance(0.1) ? 0 : random.next() ** 4));
      const total = preciseSum(weights) || 1;
      const found = weights.map((weight) => Math.round((rows * weight) / total));
      found[0]! += 1;
      return found;
    };
    const reference = counts(random.pick([10, 300, 10_000, 100_000, 1_000_000]));
    const isSame = random.chance(0.2);
    const current = isSame
      ? reference.map((count) => count * 2 + random.integer(0, 2))
      : counts(random.pick([10, 500, 20_000, 900_000]));
    return { reference, current, ours: ofCounts(reference, current) };
  });
}

function ofCounts(reference: readonly number[], current: readonly number[]) {
  const [pearson, likelihood] = [chi2(reference, current), gTest(reference, current)];
  const [n, m] = [preciseSum(reference), preciseSum(current)];
  const share = twoProportions(reference[0]!, n, current[0]!, m);
  return {
    "chi2 statistic": pearson.statistic,
    "chi2 p": pearson.p,
    "g_test statistic": likelihood.statistic,
    "g_test p": likelihood.p,
    cramers_v: cramersV(reference, current),
    "two_proportions z": share.statistic,
    "two_proportions p": share.p,
    "js, natural logarithm": shareDistance("js", reference, current, "evidently"),
    "js, base 2": shareDistance("js", reference, current, "driftbook"),
    tvd: shareDistance("tvd", reference, current, "driftbook"),
    linf: shareDistance("linf", reference, current, "driftbook"),
  };
}

/** Families of p-values. */
export function adjustedCases(seed: number) {
  const random = new Random(seed + 2);
  return Array.from({ length: 100 }, () => {
    const p = Array.from({ length: random.integer(1, 60) }, () => random.next() ** random.integer(1, 9));
    return { p, ours: { "adjusted p": benjaminiHochberg(p) } };
  });
}
