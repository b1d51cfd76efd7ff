import { z } from "zod";
import { measurement } from "../results/measurement.ts";

/** What of a job never changes: the closure of a cell, or a whole notebook, with all that it was given. */
export const frozenVersion = z.object({
  /** Path of the notebook, and the cell within it; null for the whole notebook. */
  notebook: z.string(),
  cell: z.string().nullable(),
  /** The closure as a notebook. */
  text: z.string(),
  /** Values of its inputs, by name. */
  set: z.record(z.string(), z.json()),
  /** As written, resolved anew by each run; null for the schedule's own interval. */
  window: z.string().nullable(),
  /**
   * IANA name: what relative windows of its cells and local times in SQL mean. A version of before has none, and means the
   * workspace's as it is.
   */
  zone: z.string().optional(),
  /** Of the streams that it reads. */
  contracts: measurement.shape.contracts,
  /** Text of the workspace's `deno.lock`; null where there is none, or no cell is TypeScript. */
  lock: z.string().nullable(),
});
export type FrozenVersion = z.infer<typeof frozenVersion>;

/** A promoted version. `hash` is of `frozen` alone: what was frozen twice is one version. */
export const version = z.object({
  job: z.string(),
  /** From 1, in the order of promotion. */
  number: z.int(),
  hash: z.string(),
  madeAt: z.string(),
  madeBy: z.string(),
  note: z.string().nullable(),
  frozen: frozenVersion,
  /** Where it was promoted: of interest, no part of what it is. */
  program: z.object({ driftbook: z.string(), engine: z.string() }),
  /** What it was promoted under: Node, and the runtime of TypeScript cells. */
  runtime: z.object({ node: z.string(), deno: z.string() }),
  /** Of the workspace's git repository; null where there is none. */
  commit: z.string().nullable(),
});
export type Version = z.infer<typeof version>;
