import type { DriftDisplay, ShownMark } from "../../results/monitor-display.ts";
import { type Reading, rounded, verdictOfReadings } from "../../results/reading.ts";
import { DRIFT_METRICS } from "../../statistics/drift/metrics.ts";
import type { SubjectCounts, SubjectGroup } from "./drift-counts.ts";
import { binsOf } from "./drift-distance.ts";
import type { JudgedReading } from "./drift-readings.ts";
import type { DriftSpec } from "./drift-spec.ts";

type ShownSubject = DriftDisplay["subjects"][number];

export interface ShownDrift {
  readonly spec: DriftSpec;
  readonly judged: readonly JudgedReading[];
  /** Of columns that could not be compared. */
  readonly broken: readonly Reading[];
  readonly counts: {
    readonly nReference: number;
    readonly nCurrent: number;
    readonly notCompared: readonly DriftDisplay["notCompared"][number][];
    readonly subjects: readonly SubjectCounts[];
  };
  readonly asOf: string;
  readonly window: [string, string] | null;
  readonly reference: { readonly from: string; readonly window: [string, string] | null };
  readonly statements: DriftDisplay["statements"];
  readonly marks: ShownMark[];
  /** What a reader must know beside. */
  readonly notes: readonly string[];
}

const SERIOUSNESS = { error: 4, fail: 3, warn: 2, "no-data": 1, ok: 0 } as const;

/** What the drift view is drawn from: columns ranked by verdict, then by how far they are past their bounds. */
export function driftDisplay(shown: ShownDrift): DriftDisplay {
  const { spec, judged, broken, counts, asOf, window, reference, statements, marks } = shown;
  const bySubject = Map.groupBy(judged, ({ subject }) => subject);
  const brokenBy = Map.groupBy(broken, ({ subject }) => subject!);
  const names = new Set(counts.subjects.map(({ subject }) => subject));
  const ranked = counts.subjects
    .map((subject) => shownSubject(subject, bySubject.get(subject) ?? [], brokenBy.get(subject.subject) ?? []))
    .toSorted((a, b) => SERIOUSNESS[b.shown.verdict] - SERIOUSNESS[a.shown.verdict] || b.size - a.size);
  const sampled = counts.subjects.some((subject) => subject.kind === "numeric" && subject.sampled);
  const own = spec.convention !== "driftbook";
  return {
    type: "drift",
    from: spec.from,
    window,
    asOf,
    n: counts.nCurrent,
    verdict: verdictOfReadings([...broken, ...judged.map(({ reading }) => reading)]),
    statements: [...statements],
    notes: [
      ...shown.notes,
      ...(sampled
        ? ["Bin edges come from a hash sample of 100 000 reference rows; distances are exact for these edges."]
        : []),
      ...(own ? [`Metrics that ${spec.convention} does not have stay Driftbook's own.`] : []),
    ],
    ...(marks.length === 0 ? {} : { marks }),
    reference: { ...reference, n: counts.nReference },
    convention: spec.convention,
    subjects: [
      ...[...brokenBy].filter(([name]) => !names.has(name)).map(([name, readings]) => brokenSubject(name, readings)),
      ...ranked.map(({ shown }) => shown),
    ],
    notCompared: [...counts.notCompared],
  };
}

const isWhole = ({ slice, chunk }: SubjectGroup): boolean => slice === null && chunk === null;

function shownSubject(
  subject: SubjectCounts,
  judged: readonly JudgedReading[],
  broken: readonly Reading[],
): { readonly shown: ShownSubject; readonly size: number } {
  const whole = [...judged.filter(({ group }) => isWhole(group)).map(({ reading }) => reading), ...broken];
  const verdict = verdictOfReadings(whole);
  const deciding = whole.find((reading) => reading.verdict === verdict && reading.metric in DRIFT_METRICS) ?? whole[0];
  const metric = deciding?.metric ?? "";
  const group = subject.groups.find(isWhole)!;
  const of = (concerns: (group: SubjectGroup) => boolean) =>
    judged.filter(({ group: one, reading }) => concerns(one) && reading.metric === metric);
  const newShare = whole.find((reading) => reading.metric === "new_category_share")?.value ?? null;
  const share = (part: number, rows: number): number => (rows === 0 ? 0 : rounded(part / rows));
  const shown: ShownSubject = {
    subject: subject.subject,
    kind: subject.kind,
    verdict,
    effect: { metric, value: deciding === undefined ? null : effectOf(deciding) },
    pAdjusted: deciding?.pAdjusted ?? null,
    n: group.current.n,
    nReference: group.reference.n,
    missing: {
      reference: share(group.reference.missing, group.reference.rows),
      current: share(group.current.missing, group.current.rows),
    },
    newShare,
    metrics: whole.map(shownMetric),
    bins: shownBins(subject, group),
    series: of(({ chunk }) => chunk !== null).map(({ reading, group: one }) => ({
      window: reading.window!,
      value: effectOf(reading),
      n: reading.n,
      verdict: reading.verdict,
      isReference: one.isReference,
      low: null,
      high: null,
    })),
    slices: of(({ slice }) => slice !== null).map(({ reading }) => ({
      slice: reading.slice!,
      value: effectOf(reading),
      n: reading.n,
      verdict: reading.verdict,
    })),
  };
  const bound = deciding?.bounds.warn?.type === "above" ? deciding.bounds.warn.value : 1;
  return { shown, size: Math.abs(shown.effect.value ?? 0) / (bound || 1) };
}

function shownMetric(reading: Reading): ShownSubject["metrics"][number] {
  const { metric, value, bounds, verdict, reason, exact, id } = reading;
  const judged = effectOf(reading);
  const shown = { metric, value, bounds, verdict, reason, exact, reading: id };
  return judged === null || judged === value ? shown : { ...shown, judged };
}

/** A column of which nothing was counted: what is shown is why. */
function brokenSubject(name: string, readings: readonly Reading[]): ShownSubject {
  const [first] = readings;
  return {
    subject: name,
    kind: "categorical",
    verdict: "error",
    effect: { metric: first!.metric, value: null },
    pAdjusted: null,
    n: 0,
    nReference: 0,
    missing: { reference: 0, current: 0 },
    newShare: null,
    metrics: readings.map(shownMetric),
    bins: { edges: null, min: null, max: null, labels: [], reference: [], current: [] },
    series: [],
    slices: [],
    problem: first!.reason ?? "",
  };
}

/** What bounds are held against: the normed distance, Cramér's V, else the value. */
function effectOf({ value, details }: Reading): number | null {
  const effect = details.normed ?? details.cramers_v;
  return typeof effect === "number" ? effect : value;
}

function shownBins(subject: SubjectCounts, group: SubjectGroup): ShownSubject["bins"] {
  const { reference, current, details } = binsOf(subject, group);
  const shares = (counts: readonly number[], n: number): number[] =>
    counts.map((count) => (n === 0 ? 0 : rounded(count / n)));
  const { min, max } = extremes(group);
  return {
    edges: subject.kind === "numeric" ? [...subject.deciles] : null,
    min,
    max,
    labels: subject.kind === "categorical" ? (details.categories as string[]) : null,
    reference: shares(reference, group.reference.n),
    current: shares(current, group.current.n),
  };
}

function extremes({ reference, current }: SubjectGroup): { min: number | null; max: number | null } {
  const known = [reference.min, reference.max, current.min, current.max].filter((value) => value !== null);
  return known.length === 0 ? { min: null, max: null } : { min: Math.min(...known), max: Math.max(...known) };
}
