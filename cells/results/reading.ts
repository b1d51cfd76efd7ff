import { z } from "zod";

/** How a measured value stands, from best to worst; `worstOf` knows the order. */
export const verdict = z.enum(["ok", "warn", "no-data", "fail", "error"]);
export type Verdict = z.infer<typeof verdict>;

const boundNumber = z.number();
/** Where a value becomes bad. */
export const bound = z.discriminatedUnion("type", [
  z.object({ type: z.literal("above"), value: boundNumber }),
  z.object({ type: z.literal("below"), value: boundNumber }),
  z.object({ type: z.literal("outside"), low: boundNumber, high: boundNumber }),
]);
export type Bound = z.infer<typeof bound>;

/**
 * One measured monitoring value, with all that is needed to say where it came from and to derive it again. Numbers have
 * at most 12 significant digits, so that the same input gives the same bytes.
 */
export const reading = z.object({
  /** Of what was measured and over what, never of when it ran: the same question has the same id. */
  id: z.string(),
  metric: z.string(),
  /** The metric with the number of its definition: "psi@1". */
  definition: z.string(),
  /** The column, or null where the whole relation is meant. */
  subject: z.string().nullable(),
  /** "country = DE", or null for all rows. */
  slice: z.string().nullable(),
  /** Half-open, ISO 8601 UTC; null where the relation has no time. */
  window: z.tuple([z.string(), z.string()]).nullable(),
  asOf: z.string(),
  value: z.number().nullable(),
  /** 95 % interval, null where there is none. */
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  n: z.number(),
  nReference: z.number().nullable(),
  exact: z.boolean(),
  convention: z.string(),
  pValue: z.number().nullable(),
  pAdjusted: z.number().nullable(),
  maturity: z.number().nullable(),
  bounds: z.object({ warn: bound.nullable(), fail: bound.nullable() }),
  provisional: z.boolean(),
  verdict,
  /** Why the verdict is not `ok`, or what a reader must know of it; a sentence. */
  reason: z.string().nullable(),
  /** What else the value was computed from: bin edges, counts, sums. */
  details: z.record(z.string(), z.json()),
  /** Stands beside what the cell measures: shown and kept, and no part of a verdict. Absent otherwise. */
  beside: z.literal(true).optional(),
});
export type Reading = z.infer<typeof reading>;

const ORDER: Readonly<Record<Verdict, number>> = { ok: 0, warn: 1, "no-data": 2, fail: 3, error: 4 };

/** The worst of a notebook's cells: error > fail > no-data > warn > ok. `ok` when there is none. */
export function worstOf(verdicts: Iterable<Verdict>): Verdict {
  let worst: Verdict = "ok";
  for (const one of verdicts) if (ORDER[one] > ORDER[worst]) worst = one;
  return worst;
}

/** Those that a cell is judged by. */
export function judgedReadings<T extends Pick<Reading, "beside">>(readings: readonly T[]): T[] {
  return readings.filter(({ beside }) => beside !== true);
}

/** What a reader is told of a reading: its verdict, or why there is none. */
export const standing = z.enum([
  ...verdict.options,
  /** Nothing is asked of it. */
  "no-bound",
  /** It stands beside what is judged. */
  "not-judged",
]);
export type Standing = z.infer<typeof standing>;
type Unjudged = Exclude<Standing, Verdict>;
export const isUnjudged = (one: Standing): one is Unjudged => one === "no-bound" || one === "not-judged";

/** What is held against no bound is not `ok`: there is nothing that it could be past. */
export function standingOf(one: Pick<Reading, "verdict" | "bounds" | "beside">): Standing {
  if (one.verdict !== "ok") return one.verdict;
  if (one.beside === true) return "not-judged";
  return one.bounds.warn === null && one.bounds.fail === null ? "no-bound" : "ok";
}

/** A cell's verdict: `no-data` only when all that is judged is; else the worst of the others. */
export function verdictOfReadings(readings: readonly Pick<Reading, "verdict" | "beside">[]): Verdict {
  const judged = judgedReadings(readings);
  const others = judged.filter((one) => one.verdict !== "no-data");
  if (others.length === 0) return judged.length === 0 ? "ok" : "no-data";
  return worstOf(others.map((one) => one.verdict));
}

/** A bound as people write it. */
export function boundText(value: Bound): string {
  return value.type === "outside" ? `outside [${value.low}, ${value.high}]` : `${value.type} ${value.value}`;
}

export function isPast(value: number, limit: Bound): boolean {
  if (limit.type === "above") return value > limit.value;
  if (limit.type === "below") return value < limit.value;
  return value < limit.low || value > limit.high;
}

/** At most 12 significant digits; negative zero is zero. */
export function rounded(value: number): number;
export function rounded(value: number | null): number | null;
export function rounded(value: number | null): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  return Number(value.toPrecision(12)) + 0;
}
