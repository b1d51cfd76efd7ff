import type { Reading } from "../../results/reading.ts";
import { rounded } from "../../results/reading.ts";
import { andersonDarling } from "../../statistics/drift/anderson-darling.ts";
import { toDeciles } from "../../statistics/drift/binning.ts";
import { chi2, cramersV, gTest, twoProportions } from "../../statistics/drift/count-tests.ts";
import { cramerVonMises } from "../../statistics/drift/cramer-von-mises.ts";
import { ksFromBins, ksUpper } from "../../statistics/drift/kolmogorov-smirnov.ts";
import { mannWhitney } from "../../statistics/drift/mann-whitney.ts";
import { DRIFT_METRICS, type DriftMetric } from "../../statistics/drift/metrics.ts";
import { type ShareDistance, shareDistance } from "../../statistics/drift/share-distances.ts";
import { tTest } from "../../statistics/drift/t-test.ts";
import type { Tally } from "../../statistics/drift/tally.ts";
import { energy, normedWasserstein } from "../../statistics/drift/wasserstein.ts";
import { wassersteinFromBins } from "../../statistics/drift/wasserstein-bins.ts";
import type { NumericSubject, SubjectCounts, SubjectGroup } from "./drift-counts.ts";
import type { DriftSpec } from "./drift-spec.ts";

export interface Distance {
  readonly value: number;
  /** What bounds are held against, where it is not the value itself. */
  readonly effect: number | null;
  readonly exact: boolean;
  readonly convention: string;
  readonly details: Reading["details"];
}

/** One metric of one subject in one group; null where it cannot be had from what was counted. Both sides have values. */
export function distanceOf(
  metric: DriftMetric,
  subject: SubjectCounts,
  group: SubjectGroup,
  spec: DriftSpec,
): Distance | null {
  const { reference, current, exact } = group;
  const bins = binsOf(subject, group);
  const plain = (value: number, more: Partial<Distance> = {}): Distance => ({
    value,
    effect: null,
    exact: subject.kind === "categorical" || !subject.sampled,
    convention: "driftbook",
    details: bins.details,
    ...more,
  });
  switch (metric) {
    case "psi":
    case "kl":
    case "js":
    case "hellinger":
    case "tvd":
    case "linf":
      return shareDistanceOf(metric, bins, group, spec, plain);
    case "chi2": {
      const test = chi2(bins.reference, bins.current);
      const v = cramersV(bins.reference, bins.current);
      return plain(test.statistic, {
        effect: v,
        details: { ...bins.details, p: rounded(test.p), degrees: test.degrees, cramers_v: rounded(v) },
      });
    }
    case "cramers_v":
      return plain(cramersV(bins.reference, bins.current));
    case "g_test": {
      const test = gTest(bins.reference, bins.current);
      return plain(test.statistic, { details: { ...bins.details, p: rounded(test.p), degrees: test.degrees } });
    }
    case "two_proportions": {
      const share = (counts: readonly number[]): number => counts[0] ?? 0;
      const test = twoProportions(share(reference.counts), reference.n, share(current.counts), current.n);
      return plain(test.statistic, { details: { ...bins.details, p: rounded(test.p) } });
    }
    case "ks": {
      const binned = ksFromBins(reference.counts, current.counts);
      const d = exact?.d ?? binned.value;
      const details = {
        p: rounded(ksUpper(d, reference.n, current.n)),
        ...(exact === null ? { error_bound: rounded(binned.errorBound) } : {}),
      };
      return plain(d, { exact: exact !== null, details });
    }
    case "wasserstein":
      return subject.kind === "numeric" ? wasserstein(subject, group, plain) : null;
    case "t_test": {
      if (reference.variance === null || current.variance === null) return null;
      const unbiased = ({ n, mean, variance }: SubjectGroup["current"]) => ({
        n,
        mean: mean!,
        variance: n > 1 ? (variance! * n) / (n - 1) : 0,
      });
      const test = tTest(unbiased(reference), unbiased(current));
      return plain(test.statistic, { details: { p: rounded(test.p), degrees: rounded(test.degrees) } });
    }
    case "energy":
      return group.tally === null ? null : plain(energy(group.tally), { details: {} });
    case "cvm":
      return ofTest(group.tally, cramerVonMises, plain);
    case "mann_whitney":
      return ofTest(group.tally, mannWhitney, plain);
    case "anderson_darling": {
      if (group.tally === null) return null;
      const { statistic, p, bound } = andersonDarling(group.tally);
      return plain(statistic, { details: { p: rounded(p), p_bound: bound } });
    }
  }
}

type Plain = (value: number, more?: Partial<Distance>) => Distance;

/** Under another library's convention, in its bins where it has the metric; else our own. */
function shareDistanceOf(
  metric: ShareDistance,
  bins: Bins,
  group: SubjectGroup,
  { convention }: DriftSpec,
  plain: Plain,
): Distance {
  const follows = convention !== "driftbook" && DRIFT_METRICS[metric].equals.includes(convention);
  if (!follows) return plain(shareDistance(metric, bins.reference, bins.current, "driftbook"));
  const { other } = group;
  const used = (metric === "hellinger" ? other?.hellinger : null) ?? other ?? bins;
  const details =
    other === null
      ? bins.details
      : {
          edges: other.edges === null ? null : [...other.edges],
          reference: [...used.reference],
          current: [...used.current],
        };
  return plain(shareDistance(metric, used.reference, used.current, convention), { convention, exact: true, details });
}

function ofTest(
  tally: Tally | null,
  test: (tally: Tally) => { readonly statistic: number; readonly p: number },
  plain: Plain,
): Distance | null {
  if (tally === null) return null;
  const { statistic, p } = test(tally);
  return plain(statistic, { details: { p: rounded(p) } });
}

function wasserstein(
  subject: NumericSubject,
  { reference, current, exact }: SubjectGroup,
  plain: (value: number, more: Partial<Distance>) => Distance,
): Distance {
  const extremes = {
    minReference: reference.min!,
    maxReference: reference.max!,
    minCurrent: current.min!,
    maxCurrent: current.max!,
  };
  const binned = exact === null ? wassersteinFromBins(subject.edges, reference.counts, current.counts, extremes) : null;
  const value = exact?.w ?? binned!.value;
  const deviation = Math.sqrt(reference.variance ?? 0);
  const normed = normedWasserstein(value, deviation);
  const details = {
    normed: rounded(normed),
    deviation: rounded(deviation),
    ...(binned === null ? {} : { error_bound: rounded(binned.errorBound) }),
  };
  return plain(value, { effect: normed, exact: exact !== null, details });
}

export interface Bins {
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly details: Reading["details"];
}

/** Counts in the bins that distances use: deciles of numbers, groups of categories. */
export function binsOf(subject: SubjectCounts, { reference, current }: SubjectGroup): Bins {
  if (subject.kind === "categorical") {
    const labels = subject.categories.map((one) =>
      one.type === "value" ? one.text : one.type === "other" ? "(other)" : "(new)",
    );
    return {
      reference: reference.counts,
      current: current.counts,
      details: { categories: labels, reference: [...reference.counts], current: [...current.counts] },
    };
  }
  const { edges, deciles } = subject;
  const [r, c] = [toDeciles(edges, reference.counts, deciles), toDeciles(edges, current.counts, deciles)];
  return { reference: r, current: c, details: { edges: [...deciles], reference: r, current: c } };
}
