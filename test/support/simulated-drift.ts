import { rareTogether } from "../../cells/kinds/drift/category-counts.ts";
import type { CategoricalSubject, NumericSubject, Side, SubjectCounts } from "../../cells/kinds/drift/drift-counts.ts";
import { driftReadings } from "../../cells/kinds/drift/drift-readings.ts";
import { driftSpec, toDrift } from "../../cells/kinds/drift/drift-spec.ts";
import { type Verdict, verdictOfReadings } from "../../cells/results/reading.ts";
import { distinctEdges } from "../../cells/statistics/drift/binning.ts";
import { ksStatistic } from "../../cells/statistics/drift/kolmogorov-smirnov.ts";
import { tallyOfSamples } from "../../cells/statistics/drift/tally.ts";
import { wasserstein } from "../../cells/statistics/drift/wasserstein.ts";
import type { Random } from "./random.ts";

/** What a drift cell would count of simulated columns, and the verdict that its pure part gives of them. */

const SPEC = toDrift(
  driftSpec.parse({
    from: "simulated",
    reference: "28 days before",
    metrics: {
      numeric: ["psi", "js", "hellinger", "tvd", "linf", "ks", "wasserstein"],
      categorical: ["psi", "js", "hellinger", "tvd", "linf", "chi2", "cramers_v"],
    },
  }),
);
const MOST_CATEGORIES = 100;

export function verdictOf(subjects: readonly SubjectCounts[]): { verdict: Verdict; readings: Verdict[] } {
  const measured = driftReadings({
    spec: SPEC,
    subjects,
    cell: "simulated",
    asOf: "2026-03-01T00:00:00Z",
    window: null,
  });
  const readings = measured.map(({ reading }) => reading);
  return { verdict: verdictOfReadings(readings), readings: readings.map(({ verdict }) => verdict) };
}

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

const many = (n: number, draw: () => number): Float64Array => Float64Array.from({ length: n }, draw);
const GROUP = { slice: null, chunk: null, isReference: false, tally: null, noise: null, other: null };

/** A numeric column of which every row was drawn. */
export function numericSubject(
  subject: string,
  n: number,
  reference: () => number,
  current: () => number,
): NumericSubject {
  const [r, c] = [many(n, reference).sort(), many(n, current).sort()];
  const quantile = (share: number): number => {
    const place = (r.length - 1) * share;
    const low = Math.floor(place);
    return r[low]! + (r[Math.min(low + 1, r.length - 1)]! - r[low]!) * (place - low);
  };
  const centiles = Array.from({ length: 99 }, (_, at) => quantile((at + 1) / 100));
  const edges = distinctEdges(centiles);
  const tally = tallyOfSamples(r, c);
  const side = (values: Float64Array): Side => sideOf(values, edges);
  return {
    kind: "numeric",
    subject,
    edges,
    deciles: distinctEdges(centiles.filter((_, at) => (at + 1) % 10 === 0)),
    min: r[0]!,
    max: r.at(-1)!,
    sampled: false,
    groups: [
      {
        ...GROUP,
        reference: side(r),
        current: side(c),
        exact: { d: ksStatistic(tally), w: wasserstein(tally) },
      },
    ],
  };
}

function sideOf(sorted: Float64Array, edges: readonly number[]): Side {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < edges.length && value >= edges[bin]!) bin += 1;
    counts[bin]! += 1;
  }
  const n = sorted.length;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  const rows = { rows: n, n, missing: 0, invalid: 0, counts };
  return { ...rows, min: sorted[0]!, max: sorted.at(-1)!, mean, variance };
}

/** A numeric column of standard normal values of which the histograms alone were drawn: the reference fills its centiles. */
export function normalHistogram(subject: string, n: number, random: Random): NumericSubject {
  const edges = Array.from({ length: 99 }, (_, at) => normalQuantile((at + 1) / 100));
  // The order statistics at the centiles of a sample of n lie so far from those of the distribution.
  const shares = [...edges.keys()].map((at) => {
    const share = (at + 1) / 100;
    return { share, error: Math.sqrt((share * (1 - share)) / n) };
  });
  // A Brownian bridge: the errors of neighbouring centiles go together.
  let walk = 0;
  const steps = [...shares.map(() => 0), 0].map(() => (walk += normal(random) / 10));
  const drawn = shares.map(({ share }, at) => share + (steps[at]! - share * steps.at(-1)!) / Math.sqrt(n));
  const bins = [...drawn, 1].map((upper, at) => upper - (drawn[at - 1] ?? 0));
  const r = bins.map((_, at) => Math.round(((at + 1) * n) / 100) - Math.round((at * n) / 100));
  const side = (counts: readonly number[]): Side => {
    const rows = { rows: n, n, missing: 0, invalid: 0, counts };
    return { ...rows, min: -4, max: 4, mean: 0, variance: 1 };
  };
  return {
    kind: "numeric",
    subject,
    edges,
    deciles: edges.filter((_, at) => (at + 1) % 10 === 0),
    min: -4,
    max: 4,
    sampled: false,
    groups: [{ ...GROUP, reference: side(r), current: side(multinomial(bins, n, random)), exact: null }],
  };
}

/** Counts of n rows; the binomials by their normal limit where there are many rows. */
export function multinomial(shares: readonly number[], n: number, random: Random): number[] {
  let [left, share] = [n, shares.reduce((sum, one) => sum + one, 0)];
  return shares.map((one) => {
    const p = share > 0 ? Math.min(1, Math.max(0, one / share)) : 0;
    const count = binomial(left, p, random);
    left -= count;
    share -= one;
    return count;
  });
}

function binomial(n: number, p: number, random: Random): number {
  if (p >= 1 - 1e-12) return n;
  if (n * p * (1 - p) > 50)
    return Math.min(n, Math.max(0, Math.round(n * p + normal(random) * Math.sqrt(n * p * (1 - p)))));
  if (p > 0.5) return n - binomial(n, 1 - p, random);
  // From success to success.
  let count = 0;
  for (let at = gap(p, random); at <= n; at += gap(p, random)) count += 1;
  return count;
}

const gap = (p: number, random: Random): number =>
  p <= 0 ? Number.POSITIVE_INFINITY : Math.floor(Math.log(1 - random.next()) / Math.log1p(-p)) + 1;

/** A categorical column with these shares on either side; what the reference lacks is new, its rarest are `other`. */
export function categoricalSubject(
  subject: string,
  n: number,
  ofReference: readonly number[],
  ofCurrent: readonly number[],
  random: Random,
): CategoricalSubject {
  const [r, c] = [multinomial(ofReference, n, random), multinomial(ofCurrent, n, random)];
  const known = [...r.keys()].filter((at) => r[at]! > 0).toSorted((a, b) => r[b]! - r[a]! || a - b);
  const [shown, rest] = [known.slice(0, MOST_CATEGORIES), known.slice(MOST_CATEGORIES)];
  const sum = (counts: readonly number[], of: readonly number[]): number =>
    of.reduce((total, at) => total + counts[at]!, 0);
  const unseen = [...c.keys()].filter((at) => r[at] === 0);
  const counts = (side: readonly number[]): number[] => [
    ...shown.map((at) => side[at]!),
    ...(rest.length > 0 ? [sum(side, rest)] : []),
    ...(sum(c, unseen) > 0 ? [sum(side, unseen)] : []),
  ];
  const side = (all: readonly number[]): Side => {
    const rows = { rows: n, n, missing: 0, invalid: 0, counts: counts(all) };
    return { ...rows, min: null, max: null, mean: null, variance: null };
  };
  return {
    kind: "categorical",
    subject,
    categories: [
      ...shown.map((at) => ({ type: "value", text: String(at) }) as const),
      ...(rest.length > 0 ? [{ type: "other" } as const] : []),
      ...(sum(c, unseen) > 0 ? [{ type: "new" } as const] : []),
    ],
    singletons: r.filter((count) => count === 1).length,
    doubletons: r.filter((count) => count === 2).length,
    groups: [
      {
        ...GROUP,
        reference: side(r),
        current: side(c),
        exact: null,
        noise: rareTogether(r.map((count, at) => [count, c[at]!] as const)),
      },
    ],
  };
}

/** Shares that fall as 1 / rank. */
export function zipf(categories: number): number[] {
  const weights = Array.from({ length: categories }, (_, at) => 1 / (at + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
const even = (categories: number): number[] => new Array<number>(categories).fill(1 / categories);

/** Twenty columns as tables have them, both samples from the same distributions. */
export function quietSubjects(n: number, random: Random): SubjectCounts[] {
  const shares = [[0.999, 0.001], even(2), even(5), zipf(30), even(60), zipf(150), even(300), zipf(3000)];
  const draws: (() => number)[] = [
    () => normal(random),
    () => Math.exp(2 * normal(random)),
    () => random.next(),
    () => Math.floor(random.next() * 12),
    () => Math.round(Math.exp(normal(random)) * 10) / 10,
    () => (random.chance(0.7) ? 0 : Math.exp(normal(random))),
  ];
  const numeric = Array.from({ length: 12 }, (_, at) => {
    const draw = draws[at % draws.length]!;
    return n > 10_000 ? normalHistogram(`n${at}`, n, random) : numericSubject(`n${at}`, n, draw, draw);
  });
  return [...numeric, ...shares.map((one, at) => categoricalSubject(`c${at}`, n, one, one, random))];
}

/** The share of cells that are anything but `ok` without any drift. */
export function falseAlarms(cells: number, n: number, random: Random): number {
  let alarms = 0;
  for (let cell = 0; cell < cells; cell += 1) if (verdictOf(quietSubjects(n, random)).verdict !== "ok") alarms += 1;
  return alarms / cells;
}

/** Of twenty columns one drifts: the share of cells that are at least `warn`. */
export function power(cells: number, n: number, kind: "mean" | "share", random: Random): number {
  let found = 0;
  for (let cell = 0; cell < cells; cell += 1) {
    const drifted =
      kind === "mean"
        ? numericSubject(
            "drifted",
            n,
            () => normal(random),
            () => normal(random) + 0.3,
          )
        : categoricalSubject("drifted", n, [0.3, 0.3, 0.2, 0.2], [0.45, 0.15, 0.2, 0.2], random);
    const { verdict } = verdictOf([...quietSubjects(n, random).slice(1), drifted]);
    if (verdict === "warn" || verdict === "fail") found += 1;
  }
  return found / cells;
}

/** The inverse of the normal distribution, by Newton's method on Abramowitz and Stegun 26.2.17. */
function normalQuantile(share: number): number {
  let [low, high] = [-8, 8];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return z > 0 ? 1 - tail : tail;
}
