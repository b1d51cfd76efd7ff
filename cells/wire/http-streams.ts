import { z } from "zod";
import { instant } from "../session/operation.ts";
import { rateBucket, streamSummary } from "./http-workspace.ts";

export const logName = z.enum(["decisions", "feedback"]);
export type LogName = z.infer<typeof logName>;

/** Answer to `POST /api/streams/{stream}/decisions|feedback`, given only when the accepted events are durable. */
export const ingestAnswer = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  quarantined: z.array(z.object({ index: z.int(), reason: z.string() })),
});
export type IngestAnswer = z.infer<typeof ingestAnswer>;

export const maturityPoint = z.object({
  /** Age of decisions in days, and the share of them whose feedback had arrived by then, over `n` decisions. */
  ageDays: z.int(),
  share: z.number(),
  n: z.int(),
});

/** `GET /api/streams/{stream}` */
export const streamView = streamSummary.extend({
  contract: z.object({
    path: z.string(),
    text: z.string(),
    hash: z.string(),
    /** The parsed contract as JSON, or null with `problem` set. */
    parsed: z.json(),
    problem: z.string().nullable(),
  }),
  /** Decisions by the day they were decided, feedback by the day it was observed (UTC), the last 90 days. */
  days: z.array(rateBucket),
  quarantine: z.object({
    total: z.int(),
    conflicts: z.int(),
    byReason: z.array(z.object({ reason: z.string(), count: z.int() })),
  }),
  /** Feedback whose decision has not arrived. */
  orphans: z.int(),
  duplicates: z.int(),
  maturity: z.object({ horizonDays: z.number().nullable(), points: z.array(maturityPoint) }),
  /** Rules of the contract that accepted events broke (`min`, `max`, `values`). */
  violations: z.array(z.object({ rule: z.string(), count: z.int() })),
  imports: z.int(),
});
export type StreamView = z.infer<typeof streamView>;

export const quarantineEntry = z.object({
  id: z.string(),
  stream: z.string(),
  log: logName,
  recordedAt: instant,
  reason: z.string(),
  kind: z.enum(["invalid", "conflict"]),
  source: z.string(),
  replayed: z.boolean(),
  /** The first bytes of what arrived, as text. */
  excerpt: z.string(),
});
export type QuarantineEntry = z.infer<typeof quarantineEntry>;
export const quarantineList = z.object({ total: z.int(), entries: z.array(quarantineEntry) });
export const quarantineDetail = quarantineEntry.extend({
  raw: z.string(),
  /** base64 of the raw bytes where they are not UTF-8. */
  rawBase64: z.string().nullable(),
});
export const replayRequest = z.object({ ids: z.array(z.string()).min(1).optional(), reason: z.string().optional() });
export const replayAnswer = z.object({
  replayed: z.int(),
  stillRefused: z.array(z.object({ id: z.string(), reason: z.string() })),
});

export const contractPut = z.object({ text: z.string().max(1_000_000) });
export const contractView = z.object({ path: z.string(), text: z.string(), hash: z.string() });

/** One load of files. */
export const importView = z.object({
  id: z.string(),
  stream: z.string(),
  log: logName,
  state: z.enum(["loading", "loaded", "withdrawn", "failed"]),
  files: z.array(z.string()),
  select: z.string().nullable(),
  history: z.boolean(),
  accepted: z.int(),
  duplicates: z.int(),
  quarantined: z.int(),
  startedAt: instant,
  endedAt: instant.nullable(),
  withdrawnAt: instant.nullable(),
  problem: z.string().nullable(),
});
export type ImportView = z.infer<typeof importView>;
export const importList = z.object({ imports: z.array(importView) });

/** `POST /api/streams/{stream}/imports`: `upload` names an uploaded file; `files` (paths) is for the command line only. */
export const importRequest = z.object({
  log: logName,
  upload: z.string().optional(),
  files: z.array(z.string()).min(1).optional(),
  select: z.string().optional(),
  history: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
export const dryRunView = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  quarantined: z.int(),
  reasons: z.array(z.object({ reason: z.string(), count: z.int(), example: z.string().nullable() })),
  from: instant.nullable(),
  to: instant.nullable(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** The first ten rows, by the rules of JSON tables. */
  rows: z.array(z.record(z.string(), z.json())),
});
export type DryRunView = z.infer<typeof dryRunView>;
export const importAnswer = z.union([z.object({ dryRun: dryRunView }), z.object({ import: importView })]);

/** `POST /api/uploads?name=…` with the bytes as body. */
export const uploadView = z.object({ id: z.string(), name: z.string(), bytes: z.int() });
/** `POST /api/uploads/{id}/inference`: a contract proposed from a sample of the file, for review. */
export const inferenceRequest = z.object({ stream: z.string() });
export const inferenceView = z.object({
  contract: z.string(),
  select: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.record(z.string(), z.json())),
  notes: z.array(z.string()),
});
export type InferenceView = z.infer<typeof inferenceView>;
