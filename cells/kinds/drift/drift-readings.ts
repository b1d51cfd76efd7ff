import type { WrittenBound } from "../../monitoring/bound-text.ts";
import { makeReading } from "../../monitoring/make-reading.ts";
import type { Bound, Reading } from "../../results/reading.ts";
import { chi2 } from "../../statistics/drift/count-tests.ts";
import { ksFromBins, ksUpper } from "../../statistics/drift/kolmogorov-smirnov.ts";
import { DRIFT_METRICS, type DriftMetric } from "../../statistics/drift/metrics.ts";
import { benjaminiHochberg } from "../../statistics/drift/noise.ts";
import {
  type CountedShare,
  newCategoryEffect,
  SHARE_READINGS,
  type ShareEffect,
  type ShareReading,
  shareEffect,
} from "../../statistics/drift/share-readings.ts";
import { type DriftVerdict, judge } from "../../statistics/drift/verdict.ts";
import { askedMetrics, type SubjectProblem } from "./asked-metrics.ts";
import type { Side, SubjectCounts, SubjectGroup } from "./drift-counts.ts";
import { type Distance, distanceOf } from "./drift-distance.ts";
import type { DriftSpec } from "./drift-spec.ts";
import { type SigmaBases, sigmaBases, sigmaBound } from "./sigma-bounds.ts";

export interface DriftMeasurement {
  readonly spec: DriftSpec;
  readonly subjects: readonly SubjectCounts[];
  readonly cell: string;
  readonly asOf: string;
  readonly window: readonly [string, string] | null;
}

/** A reading with what views and other readings need of it. */
export interface JudgedReading {
  readonly reading: Reading;
  readonly subject: SubjectCounts;
  readonly group: SubjectGroup;
}

/** What one subject gives in one group, before it is known how many there are. */
interface Candidate {
  readonly subject: SubjectCounts;
  readonly group: SubjectGroup;
  readonly metric: DriftMetric | ShareReading;
  /** null: there is nothing to measure. */
  readonly distance: Distance | null;
  /** Of the noise test that its verdict needs. */
  readonly p: number | null;
  /** Why it cannot be measured, although it is asked for. */
  readonly problem: string | null;
}

/** Every reading of a drift cell: subjects in their order, each metric, all rows before slices before chunks. */
export function driftReadings(measurement: DriftMeasurement): JudgedReading[] {
  const candidates = measurement.subjects.flatMap((subject) =>
    subject.groups.flatMap((group) => candidatesOf(subject, group, measurement)),
  );
  const adjusted = adjustedNoise(candidates);
  const sigma = basesOf(candidates, measurement.spec);
  return candidates.map((candidate) => ({
    subject: candidate.subject,
    group: candidate.group,
    reading: judged(candidate, adjusted.get(candidate) ?? null, sigma, measurement),
  }));
}

function candidatesOf(subject: SubjectCounts, group: SubjectGroup, { spec, subjects }: DriftMeasurement): Candidate[] {
  const { reference, current, slice, chunk } = group;
  const hasValues = reference.n > 0 && current.n > 0;
  const p = hasValues ? noiseOf(subject, group) : null;
  const isWhole = slice === null && chunk === null;
  const distances = askedMetrics(subject, subjects, spec)
    .filter(({ problem }) => problem === null || isWhole)
    .map(({ metric, problem }): Candidate => {
      const distance = hasValues && problem === null ? distanceOf(metric, subject, group, spec) : null;
      return { subject, group, metric, distance, p, problem };
    });
  return [...distances, ...sharesOf(subject, group)];
}

/** p of the subject's noise test: two-sample KS of numbers, χ² of categories. Both sides have values. */
export function noiseOf(subject: SubjectCounts, { reference, current, exact, noise }: SubjectGroup): number {
  if (subject.kind === "categorical" && noise !== null) return chi2(noise.reference, noise.current).p;
  const d = exact?.d ?? ksFromBins(reference.counts, current.counts).value;
  return ksUpper(d, reference.n, current.n);
}

/** What is missing, no number, or new: each with its own test, made even when no values remain. */
function sharesOf(subject: SubjectCounts, group: SubjectGroup): Candidate[] {
  const { reference, current } = group;
  const candidate = (
    metric: ShareReading,
    { p, ...found }: ShareEffect,
    value: number,
    details: Distance["details"],
  ): Candidate => {
    const { effect } = found;
    const distance = effect === null ? null : { value, effect, exact: true, convention: "driftbook", details };
    return { subject, group, metric, p, distance, problem: null };
  };
  const difference = (metric: "missing_share" | "invalid_share", of: (side: Side) => CountedShare): Candidate => {
    const [before, now] = [of(reference), of(current)];
    const value = now.count / now.rows - before.count / before.rows;
    return candidate(metric, shareEffect(before, now), value, { reference: { ...before }, current: { ...now } });
  };
  const found = [difference("missing_share", ({ missing, rows }) => ({ count: missing, rows }))];
  if (reference.invalid > 0 || current.invalid > 0)
    found.push(difference("invalid_share", ({ invalid, rows }) => ({ count: invalid, rows })));
  if (subject.kind === "categorical" && reference.n > 0) {
    const at = subject.categories.findIndex(({ type }) => type === "new");
    const now = { count: at === -1 ? 0 : current.counts[at]!, rows: current.n };
    // Of the whole reference, as is what counts as new: a slice may have fewer rows than that has singletons.
    const { singletons, doubletons } = subject;
    const known = { rows: subject.groups[0]!.reference.n, singletons, doubletons };
    const effect = newCategoryEffect(known, now);
    const before = { count: singletons, rows: known.rows, doubletons };
    found.push(candidate("new_category_share", effect, effect.effect ?? 0, { reference: before, current: { ...now } }));
  }
  return found;
}

/**
 * p adjusted over all tests within one slice and chunk: each subject's noise test once, and beside them those of its
 * missing, invalid and new shares.
 */
function adjustedNoise(candidates: readonly Candidate[]): Map<Candidate, number | null> {
  const found = new Map<Candidate, number | null>();
  const family = ({ group: { slice, chunk, isReference } }: Candidate): string =>
    `${chunk?.[0]} ${chunk?.[1]} ${isReference} ${slice}`;
  const test = ({ subject, metric }: Candidate): string =>
    `${metric in SHARE_READINGS ? metric : "distance"} ${subject.subject}`;
  for (const members of Map.groupBy(candidates, family).values()) {
    const byTest = [...Map.groupBy(members, test).values()];
    const adjusted = benjaminiHochberg(byTest.map(([first]) => first!.p));
    for (const [at, own] of byTest.entries()) for (const candidate of own) found.set(candidate, adjusted[at]!);
  }
  return found;
}

/** Effects over the chunks of the reference, where a bound is taken from them. */
function basesOf(candidates: readonly Candidate[], spec: DriftSpec): SigmaBases {
  const needed = [...Object.values(spec.warn), ...Object.values(spec.fail)].some(({ type }) => type === "sigma");
  if (!needed) return new Map();
  return sigmaBases(
    candidates.flatMap(({ group, distance, subject, metric }) =>
      group.isReference && distance !== null ? [{ subject: subject.subject, metric, effect: effectOf(distance)! }] : [],
    ),
  );
}

/** Null where there is none, a sentence where it cannot be had. */
function boundOf(
  level: "warn" | "fail",
  { subject, metric }: Candidate,
  spec: DriftSpec,
  sigma: SigmaBases,
): Bound | string | null {
  const written: WrittenBound | undefined = spec[level][`${subject.subject}.${metric}`] ?? spec[level][metric];
  if (written?.type === "sigma") return sigmaBound(written, { subject: subject.subject, metric }, sigma);
  if (written !== undefined) return written;
  const usual =
    metric in SHARE_READINGS ? SHARE_READINGS[metric as ShareReading] : DRIFT_METRICS[metric as DriftMetric];
  return usual.bounds?.[level] ?? null;
}

const effectOf = (distance: Distance | null): number | null => distance?.effect ?? distance?.value ?? null;

function judged(
  candidate: Candidate,
  pAdjusted: number | null,
  sigma: SigmaBases,
  measurement: DriftMeasurement,
): Reading {
  const { subject, group, metric, distance, p, problem } = candidate;
  const { spec, cell, asOf, window } = measurement;
  const bounds = [boundOf("warn", candidate, spec, sigma), boundOf("fail", candidate, spec, sigma)] as const;
  const [warn, fail] = bounds.map((bound) => (typeof bound === "string" ? null : bound)) as [
    Bound | null,
    Bound | null,
  ];
  const unbounded = bounds.find((bound) => typeof bound === "string") ?? null;
  const isShare = metric in SHARE_READINGS;
  const [n, nReference] = isShare ? [group.current.rows, group.reference.rows] : [group.current.n, group.reference.n];
  if (problem !== null)
    return problemReading({ subject: subject.subject, metric, problem }, measurement, { n, nReference, warn, fail });
  const judgement = judge({
    effect: effectOf(distance),
    bounds: { warn, fail },
    pAdjusted,
    n,
    nReference,
    minRows: spec.minRows,
  });
  const { verdict, reason } = group.isReference
    ? { verdict: "ok" as const, reason: "A chunk of the reference: drawn, not judged." }
    : withoutBound(judgement, unbounded, warn === null && fail === null);
  return makeReading(
    { cell, asOf },
    {
      metric,
      definition: definitionOf(metric),
      subject: subject.subject,
      slice: group.slice,
      window: group.chunk ?? window,
      // A chunk may be as long as the window, and lie in both samples.
      ...(group.chunk === null ? {} : { part: group.isReference ? "chunk of the reference" : "chunk" }),
      value: distance?.value ?? null,
      n,
      nReference,
      exact: distance?.exact ?? true,
      convention: distance?.convention ?? "driftbook",
      pValue: p,
      pAdjusted,
      warn,
      fail,
      verdict,
      reason,
      details: distance?.details ?? {},
    },
  );
}

/** What there is to say where a bound could not be had: no verdict where it was the only one. */
function withoutBound(judgement: DriftVerdict, unbounded: string | null, isOnly: boolean): DriftVerdict {
  if (unbounded === null || judgement.verdict === "no-data") return judgement;
  if (isOnly) return { verdict: "no-data", reason: unbounded };
  return { ...judgement, reason: [judgement.reason, unbounded].filter((part) => part !== null).join(" ") };
}

const definitionOf = (metric: DriftMetric | ShareReading): string =>
  metric in SHARE_READINGS
    ? SHARE_READINGS[metric as ShareReading].definition
    : DRIFT_METRICS[metric as DriftMetric].definition;

/** The reading of what is asked for and cannot be measured: an error with its sentence, beside those that can. */
export function problemReading(
  { subject, metric, problem }: SubjectProblem,
  { cell, asOf, window }: Pick<DriftMeasurement, "cell" | "asOf" | "window">,
  { n, nReference, warn, fail }: { n: number; nReference: number; warn: Bound | null; fail: Bound | null },
): Reading {
  return makeReading(
    { cell, asOf },
    {
      metric,
      definition: definitionOf(metric),
      subject,
      slice: null,
      window,
      value: null,
      n,
      nReference,
      warn,
      fail,
      verdict: "error",
      reason: problem,
    },
  );
}
