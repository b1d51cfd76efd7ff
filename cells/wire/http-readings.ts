import { z } from "zod";
import { measurement } from "../results/measurement.ts";
import { reading, standing } from "../results/reading.ts";

const OF_READING = {
  id: true,
  metric: true,
  subject: true,
  slice: true,
  window: true,
  asOf: true,
  value: true,
  lower: true,
  upper: true,
  n: true,
  verdict: true,
  provisional: true,
} as const;
/** A kept reading without what it was computed from. */
export const readingLine = reading.pick(OF_READING).extend({
  notebook: z.string(),
  cell: z.string(),
  /** When it was measured first. */
  madeAt: z.string(),
  /** Of the measurement: equal for readings of the same cell text and inputs. */
  version: z.string(),
  /** Absent where it is not known whether anything was held against it: then its verdict says how it stands. */
  standing: standing.optional(),
});
export type ReadingLine = z.infer<typeof readingLine>;
export const readingList = z.object({ readings: z.array(readingLine) });
export type ReadingList = z.infer<typeof readingList>;

export const keptReading = z.object({
  reading,
  measurement,
  /** Other answers to the same question: measured by another program, or over a file that changed. */
  otherAnswers: z.array(readingLine),
  /** The same metric of the same cell, subject and slice over other windows and as of other times; by window, then as-of. */
  history: z.array(readingLine),
  /** Of the job that measured, else of the workspace: what times are shown in. */
  zone: z.string(),
});
export type KeptReading = z.infer<typeof keptReading>;

/** Why a value is another one: each cause alone, in this order, from the one reading to the other. */
export const cause = z.enum([
  /** Cell text, what it reads, or inputs. */
  "version",
  /** Cell, subject, slice or window: what is measured. */
  "question",
  "contract",
  "decisions-added",
  "decisions-withdrawn",
  "labels-arrived",
  "labels-changed",
  /** Marks that leave rows out. */
  "exclusions",
  /** What else the as-of moves, or the due time: maturity, feedback that cells read directly, windows beside the measured one. */
  "as-of",
  /** Program versions differ, or the value cannot be derived again. */
  "program",
]);
export type Cause = z.infer<typeof cause>;

export const explainedStep = z.object({
  cause,
  /** "142 labels arrived from chargeback". */
  title: z.string(),
  /** What a reader must know beside; null for nothing. */
  note: z.string().nullable(),
  /** The value before and after this cause; null where the cell gives none. */
  before: z.number().nullable(),
  after: z.number().nullable(),
  change: z.number().nullable(),
  /** Of the rows concerned; null where it is not about rows. */
  rowCount: z.int().nullable(),
  /** The first of them. */
  rows: z.array(z.record(z.string(), z.string().nullable())),
  /** Lines of text that differ: removed begin with "-", added with "+". */
  lines: z.array(z.string()),
});
export type ExplainedStep = z.infer<typeof explainedStep>;

export const explanation = z.object({ from: readingLine, to: readingLine, steps: z.array(explainedStep) });
export type Explanation = z.infer<typeof explanation>;
