import { z } from "zod";
import { verdict } from "../results/reading.ts";

/** What an earlier run of the job made of the value that an alert is about. */
export const pastValue = z.object({
  /** ISO 8601 UTC: when the run was due. */
  scheduledFor: z.string(),
  /** Null where it could not be measured. */
  value: z.number().nullable(),
  /** What bounds are held against, the value or another number; null also where a run of before does not say. */
  judged: z.number().nullable().default(null),
  /** Null where the run does not have the value at all: it failed, or its data did not come. */
  verdict: verdict.nullable(),
});
export type PastValue = z.infer<typeof pastValue>;

/** So many runs make the chart of a message. */
export const MOST_PAST_RUNS = 30;
