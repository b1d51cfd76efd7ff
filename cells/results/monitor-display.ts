import { z } from "zod";
import { bound, verdict } from "./reading.ts";

/** What the views of monitoring cells are drawn from: numbers only, no markup. Shared by browser, headless run and report. */

const window = z.tuple([z.string(), z.string()]);
const statements = z.array(z.object({ title: z.string(), sql: z.string() }));
/** A mark on the measured stream that touches the measured windows. */
export const shownMark = z.object({ window, note: z.string(), excludes: z.boolean() });
export type ShownMark = z.infer<typeof shownMark>;
const head = {
  /** Name of the relation measured. */
  from: z.string(),
  window: window.nullable(),
  asOf: z.string(),
  n: z.number(),
  verdict,
  /** Every statement that was asked of the engine, in order. */
  statements,
  /** What a reader must know of the whole, as sentences. */
  notes: z.array(z.string()),
  /** Oldest first; absent where there are none. */
  marks: z.array(shownMark).optional(),
};

/** One metric of one subject over the whole window. */
const metricView = z.object({
  metric: z.string(),
  value: z.number().nullable(),
  /** What bounds are held against, where that is not the value; see `judgedBy`. */
  judged: z.number().optional(),
  bounds: z.object({ warn: bound.nullable(), fail: bound.nullable() }),
  verdict,
  reason: z.string().nullable(),
  exact: z.boolean(),
  reading: z.string(),
});

export const driftDisplay = z.object({
  type: z.literal("drift"),
  ...head,
  reference: z.object({ from: z.string(), window: window.nullable(), n: z.number() }),
  convention: z.string(),
  /** Worst verdict first, then largest effect. */
  subjects: z.array(
    z.object({
      subject: z.string(),
      kind: z.enum(["numeric", "categorical"]),
      verdict,
      /** The metric that decided, or the first. */
      effect: z.object({ metric: z.string(), value: z.number().nullable() }),
      pAdjusted: z.number().nullable(),
      n: z.number(),
      nReference: z.number(),
      missing: z.object({ reference: z.number(), current: z.number() }),
      /** Share of values that the reference does not have; null for numbers. */
      newShare: z.number().nullable(),
      metrics: z.array(metricView),
      /** The stored bins: decile edges of numbers, or labels of categories; shares of both sides, one per bin. */
      bins: z.object({
        edges: z.array(z.number()).nullable(),
        min: z.number().nullable(),
        max: z.number().nullable(),
        labels: z.array(z.string()).nullable(),
        reference: z.array(z.number()),
        current: z.array(z.number()),
      }),
      /** The deciding metric over time; empty without `every`. */
      series: z.array(
        z.object({
          window,
          value: z.number().nullable(),
          n: z.number(),
          verdict,
          isReference: z.boolean(),
          low: z.number().nullable(),
          high: z.number().nullable(),
        }),
      ),
      slices: z.array(z.object({ slice: z.string(), value: z.number().nullable(), n: z.number(), verdict })),
      /** Why nothing could be counted of it; absent where something was. */
      problem: z.string().optional(),
    }),
  ),
  notCompared: z.array(z.object({ subject: z.string(), reason: z.string() })),
});
export type DriftDisplay = z.infer<typeof driftDisplay>;

const kpiValue = z.object({
  metric: z.string(),
  value: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  n: z.number(),
  verdict,
  reason: z.string().nullable(),
  bounds: z.object({ warn: bound.nullable(), fail: bound.nullable() }),
  provisional: z.boolean(),
  /** How numbers of it are written. */
  unit: z.enum(["share", "count", "amount", "number"]),
  reading: z.string(),
  /** What calibrated scores let expect, labels or not, ± 3 standard errors; absent where nothing is estimated. */
  estimated: z.object({ value: z.number(), low: z.number(), high: z.number() }).optional(),
  /** The most that any ranking could reach with as many alerts; absent where that is no question. */
  attainable: z.number().optional(),
  /** Of a piece of time: the same with what was known at an earlier as-of; absent where nobody asked. */
  asKnownThen: z
    .object({
      value: z.number().nullable(),
      lower: z.number().nullable(),
      upper: z.number().nullable(),
      n: z.number(),
      asOf: z.string(),
    })
    .optional(),
});

/** Rows by what is known of their truth. */
const truth = z.object({ stated: z.number(), silent: z.number(), pending: z.number(), unknown: z.number() });

export const kpiDisplay = z.object({
  type: z.literal("kpi"),
  ...head,
  truth,
  maturity: z.number().nullable(),
  /** Of a stream: feedback before its decision or superseded, of the window; orphans and conflicts, of the stream. */
  feedback: z
    .object({ early: z.number(), superseded: z.number(), orphans: z.number(), conflicts: z.number() })
    .optional(),
  /** "4 weeks": how long after its end a piece of time is shown as it was known then. */
  knownAfter: z.string().optional(),
  provisional: z.boolean(),
  threshold: z.number().nullable(),
  /** Name of the input that the threshold comes from, so that dragging it can move the input. */
  thresholdInput: z.string().nullable(),
  values: z.array(kpiValue),
  /** The newest whole units beside a window of mature ones: provisional, and not judged. Absent where none are shown. */
  newest: z
    .object({
      /** "4 weeks", "week" */
      length: z.string(),
      window,
      n: z.number(),
      /** Expected share of labels known; null where no cohort tells. */
      maturity: z.number().nullable(),
      truth,
      values: z.array(kpiValue),
    })
    .optional(),
  series: z.array(z.object({ window, provisional: z.boolean(), values: z.array(kpiValue) })),
  slices: z.array(z.object({ slice: z.string(), values: z.array(kpiValue) })),
  /** Scores from high to low, thinned for drawing: the confusion counts when that score is the threshold. */
  curve: z
    .object({
      score: z.array(z.number()),
      tp: z.array(z.number()),
      fp: z.array(z.number()),
      positives: z.number(),
      negatives: z.number(),
      /** Rows alerted at that threshold, labelled or not. */
      alerts: z.array(z.number()),
      /** Payoff at that threshold; null without one. */
      payoff: z.array(z.number()).nullable(),
      cut: z.boolean(),
    })
    .nullable(),
  reliability: z.array(z.object({ n: z.number(), mean: z.number(), observed: z.number() })).nullable(),
  best: z.object({ threshold: z.number(), payoff: z.number() }).nullable(),
  /** Expected share of labels known by the age of a decision, by label class. */
  curveOfLabels: z
    .array(z.object({ label: z.string(), points: z.array(z.object({ ageDays: z.number(), share: z.number() })) }))
    .nullable(),
});
export type KpiDisplay = z.infer<typeof kpiDisplay>;
export type KpiValue = z.infer<typeof kpiValue>;

export const checkDisplay = z.object({
  type: z.literal("check"),
  ...head,
  /** The earlier time that `before` is of; absent where none is known. */
  since: z.object({ asOf: z.string(), window: window.nullable() }).optional(),
  checks: z.array(
    z.object({
      /** "range score", as a test report names it. */
      title: z.string(),
      /** What was expected, in words. */
      expected: z.string(),
      /** What was found, in words. */
      found: z.string(),
      verdict,
      reading: z.string(),
      /** How it stood the time before; null where it was not there. */
      before: z.object({ verdict, reading: z.string() }).nullable().optional(),
      /** Rows that break it, at most ten; empty where rows cannot show it. */
      rows: z.array(z.record(z.string(), z.string().nullable())),
      /** How many break it. */
      failing: z.number().nullable(),
    }),
  ),
});
export type CheckDisplay = z.infer<typeof checkDisplay>;
