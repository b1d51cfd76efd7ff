import { z } from "zod";
import { mark } from "../monitoring/mark.ts";
import { cellKind } from "../session/operation.ts";
import { verdict } from "./reading.ts";

/**
 * Where a set of readings came from: everything that one run of one cell was given, so that it can be run again. The
 * cell and all that it reads are kept as a notebook of their own.
 */
export const measurement = z.object({
  /** A digest of all below but `madeAt`, and of the readings: the same run twice is one measurement. */
  id: z.string(),
  notebook: z.string(),
  /** The cell's name, or its id where it has none. */
  cell: z.string(),
  kind: cellKind,
  /** When it ran first, ISO 8601 UTC. */
  madeAt: z.string(),
  asOf: z.string(),
  /** What relative windows counted from; absent where that was the as-of, as it always is outside of jobs. */
  dueAt: z.string().optional(),
  /** Of the notebook, or of the run. */
  window: z.tuple([z.string(), z.string()]).nullable(),
  /** The whole that the cell measured: what its own notation meant at the due time. */
  measured: z.tuple([z.string(), z.string()]).nullable(),
  zone: z.string(),
  version: z.object({
    /** Of text and values. */
    hash: z.string(),
    /** The closure as a notebook. */
    text: z.string(),
    /** Values of its inputs, by name. */
    set: z.record(z.string(), z.json()),
  }),
  /** Of the streams that it reads. */
  contracts: z.array(z.object({ stream: z.string(), hash: z.string(), contract: z.json() })),
  /** Of these streams, that counted at the as-of. */
  marks: z.array(mark),
  program: z.object({ driftbook: z.string(), engine: z.string() }),
  /** What was asked of the engine, in order. */
  statements: z.array(z.object({ title: z.string(), sql: z.string() })),
  verdict,
  /** How many readings it gave. */
  readings: z.int(),
});
export type Measurement = z.infer<typeof measurement>;
/** What the run itself knows. */
export type MeasurementDraft = Omit<Measurement, "id" | "madeAt" | "program" | "verdict" | "readings">;
