import { z } from "zod";
import { type Bound, isPast, type Reading } from "../results/reading.ts";
import type { ResolvedWindow } from "../session/operation.ts";
import { parseBound } from "./bound-text.ts";
import { makeReading, type ReadingHead } from "./make-reading.ts";

const bound = z.union([z.number(), z.string()]);
const written = z.object({
  metric: z.string().min(1),
  value: z.number().nullable(),
  n: z.number().min(0).optional(),
  subject: z.string().nullable().optional(),
  slice: z.string().nullable().optional(),
  lower: z.number().nullable().optional(),
  upper: z.number().nullable().optional(),
  warn: bound.optional(),
  fail: bound.optional(),
});

/**
 * What `reading({metric, value, n, warn, fail})` in a TypeScript cell makes. A bare bound is an upper one; the value alone
 * decides, since nothing is known of its noise.
 */
export function ownReading(given: unknown, head: ReadingHead, window: ResolvedWindow | null): Reading {
  const read = written.safeParse(given);
  const pair = window === null ? null : ([window.start, window.end] as const);
  if (!read.success) {
    const [issue] = read.error.issues;
    const reason = `reading: ${issue!.path.map(String).join(".")}: ${issue!.message}`;
    return makeReading(head, {
      metric: "reading",
      subject: null,
      slice: null,
      window: pair,
      value: null,
      n: 0,
      warn: null,
      fail: null,
      verdict: "error",
      reason,
    });
  }
  const { metric, value, n = 0, subject = null, slice = null, lower = null, upper = null } = read.data;
  const [warn, fail] = [boundOf(read.data.warn), boundOf(read.data.fail)];
  const verdict =
    value === null
      ? "no-data"
      : fail !== null && isPast(value, fail)
        ? "fail"
        : warn !== null && isPast(value, warn)
          ? "warn"
          : "ok";
  const reason = verdict === "no-data" ? "There is no value." : null;
  return makeReading(head, {
    metric,
    definition: `${metric}@own`,
    subject,
    slice,
    window: pair,
    value,
    lower,
    upper,
    n,
    warn,
    fail,
    verdict,
    reason,
  });
}

function boundOf(given: number | string | undefined): Bound | null {
  const parsed = given === undefined ? null : parseBound(given, "above");
  return parsed === null || parsed.type === "sigma" ? null : parsed;
}
