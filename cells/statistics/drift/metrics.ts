import type { Bound } from "../../results/reading.ts";
import type { Convention } from "./shares.ts";

/** The metrics of a drift cell, in the order in which they are listed. */
export type DriftMetric =
  | "psi"
  | "kl"
  | "js"
  | "hellinger"
  | "tvd"
  | "linf"
  | "ks"
  | "wasserstein"
  | "energy"
  | "cvm"
  | "anderson_darling"
  | "chi2"
  | "cramers_v"
  | "g_test"
  | "two_proportions"
  | "t_test"
  | "mann_whitney";

export interface DefaultBounds {
  readonly warn: Bound;
  readonly fail: Bound;
}

export interface DriftMetricDefinition {
  /** The metric with the number of its definition, which is raised when its meaning changes. */
  readonly definition: string;
  readonly fits: "numeric" | "categorical" | "both";
  /** Only for columns of two categories. */
  readonly twoCategories: boolean;
  /** What bounds are about: the reading's value, or what stands in its details under this name. */
  readonly judgedBy: "value" | "normed" | "cramers_v";
  /** Null where there is no rule of thumb: such a metric is judged only by bounds that a cell gives. */
  readonly bounds: DefaultBounds | null;
  /** Conventions under which what it is judged by equals that library; under the others it is `driftbook`'s own. */
  readonly equals: readonly Exclude<Convention, "driftbook">[];
  /** A sentence for people. */
  readonly meaning: string;
}

const above = (warn: number, fail: number): DefaultBounds => ({
  warn: { type: "above", value: warn },
  fail: { type: "above", value: fail },
});

type Written = Pick<DriftMetricDefinition, "fits" | "bounds" | "meaning"> & Partial<DriftMetricDefinition>;

function metric(
  definition: string,
  { twoCategories = false, judgedBy = "value", equals = [], ...written }: Written,
): DriftMetricDefinition {
  return { ...written, definition, twoCategories, judgedBy, equals };
}

export const DRIFT_METRICS: Readonly<Record<DriftMetric, DriftMetricDefinition>> = {
  psi: metric("psi@1", {
    fits: "both",
    bounds: above(0.1, 0.25),
    equals: ["evidently"],
    meaning: "Population stability index: the sum over bins of (q − p)·ln(q / p).",
  }),
  kl: metric("kl@1", {
    fits: "both",
    bounds: null,
    equals: ["evidently"],
    meaning: "Kullback–Leibler divergence of the reference from the current shares, in nats.",
  }),
  js: metric("js@1", {
    fits: "both",
    bounds: above(0.1, 0.2),
    equals: ["evidently", "nannyml"],
    meaning: "Jensen–Shannon distance of the shares: the root of the divergence.",
  }),
  hellinger: metric("hellinger@1", {
    fits: "both",
    bounds: above(0.1, 0.2),
    equals: ["evidently", "nannyml"],
    meaning: "Hellinger distance of the shares, from 0 to 1.",
  }),
  tvd: metric("tvd@1", {
    fits: "both",
    bounds: above(0.1, 0.2),
    meaning: "Total variation distance: half of the sum of the differences of shares.",
  }),
  linf: metric("linf@1", {
    fits: "both",
    bounds: above(0.1, 0.2),
    meaning: "The largest difference of one bin's or category's share.",
  }),
  ks: metric("ks@1", {
    fits: "numeric",
    bounds: above(0.1, 0.2),
    meaning: "Kolmogorov–Smirnov D: the largest difference of the two distribution functions.",
  }),
  wasserstein: metric("wasserstein@1", {
    fits: "numeric",
    bounds: above(0.1, 0.2),
    judgedBy: "normed",
    equals: ["evidently"],
    meaning: "How far values moved on average, in the column's unit; judged in standard deviations of the reference.",
  }),
  energy: metric("energy@1", { fits: "numeric", bounds: null, meaning: "Energy distance of the two distributions." }),
  cvm: metric("cvm@1", { fits: "numeric", bounds: null, meaning: "Cramér–von Mises two-sample statistic T." }),
  anderson_darling: metric("anderson_darling@1", {
    fits: "numeric",
    bounds: null,
    meaning: "Anderson–Darling two-sample statistic, standardised.",
  }),
  chi2: metric("chi2@1", {
    fits: "categorical",
    bounds: above(0.1, 0.2),
    judgedBy: "cramers_v",
    meaning: "Pearson's test of equal shares; judged by Cramér's V, which does not grow with the number of rows.",
  }),
  cramers_v: metric("cramers_v@1", {
    fits: "categorical",
    bounds: above(0.1, 0.2),
    meaning: "Cramér's V of category by sample, corrected for bias, from 0 to 1.",
  }),
  g_test: metric("g_test@1", { fits: "categorical", bounds: null, meaning: "Likelihood-ratio test of equal shares." }),
  two_proportions: metric("two_proportions@1", {
    fits: "categorical",
    twoCategories: true,
    bounds: null,
    meaning: "z test of one share, pooled and two-sided; positive where the reference's is the larger.",
  }),
  t_test: metric("t_test@1", {
    fits: "numeric",
    bounds: null,
    meaning: "Welch's t test of the means; positive where the reference's is the larger.",
  }),
  mann_whitney: metric("mann_whitney@1", {
    fits: "numeric",
    bounds: null,
    meaning: "Mann–Whitney U of the reference: pairs in which its value is the larger.",
  }),
};
