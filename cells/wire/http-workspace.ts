import { z } from "zod";
import { instant } from "../session/operation.ts";

/** Counts of one hour (Home) or day (Stream), by recorded time; `start` is its beginning. */
export const rateBucket = z.object({ start: instant, decisions: z.int(), feedback: z.int() });
export type RateBucket = z.infer<typeof rateBucket>;

export const streamSummary = z.object({
  name: z.string(),
  decisions: z.int(),
  feedback: z.int(),
  /** Events in quarantine that were not replayed. */
  quarantined: z.int(),
  /** Latest event time loaded, and latest time at which Driftbook accepted an event. Null when there is none. */
  lastDecidedAt: instant.nullable(),
  lastRecordedAt: instant.nullable(),
  rate: z.array(rateBucket),
  /** Set when the contract does not parse: the stream accepts nothing until it does. */
  problem: z.string().nullable(),
});
export type StreamSummary = z.infer<typeof streamSummary>;

export const notebookSummary = z.object({
  path: z.string(),
  title: z.string().nullable(),
  cells: z.int(),
  modifiedAt: instant,
  bytes: z.int(),
  /** Sockets watching it now. */
  viewers: z.int(),
  lastRun: z.object({ at: instant, status: z.enum(["running", "ok", "error", "interrupted"]) }).nullable(),
  problem: z.string().nullable(),
});
export type NotebookSummary = z.infer<typeof notebookSummary>;

/** Something that somebody should look at; `where` is a page or file. */
export const workspaceProblem = z.object({ message: z.string(), where: z.string(), hint: z.string().nullable() });
export type WorkspaceProblem = z.infer<typeof workspaceProblem>;

/** `GET /api/workspace`: what Home shows. */
export const workspaceView = z.object({
  name: z.string(),
  version: z.string(),
  zone: z.string(),
  /** Latest time up to which every accepted record is loaded; the default as-of. */
  watermark: instant.nullable(),
  streams: z.array(streamSummary),
  notebooks: z.array(notebookSummary),
  problems: z.array(workspaceProblem),
});
export type WorkspaceView = z.infer<typeof workspaceView>;

export const relationColumn = z.object({
  name: z.string(),
  type: z.string(),
  /** What it holds, where Driftbook itself makes it. */
  about: z.string().nullable(),
  /** Share of NULL from 0 to 1, and equal-width counts between min and max; null where not measured (yet). */
  missing: z.number().nullable(),
  bins: z.array(z.int()).nullable(),
  top: z.array(z.object({ value: z.string(), count: z.int() })).nullable(),
});
export const relationView = z.object({
  /** As written in SQL: `card_fraud.decisions`, `'data/loans.csv'` or `monitor.runs`. */
  name: z.string(),
  kind: z.enum(["stream", "file", "monitor"]),
  about: z.string().nullable(),
  rowCount: z.int().nullable(),
  columns: z.array(relationColumn),
  problem: z.string().nullable(),
});
export type RelationView = z.infer<typeof relationView>;

/** `GET /api/relations`: the data panel. Column measures come from a bounded sample and are cached per watermark. */
export const relationsView = z.object({ asOf: instant.nullable(), relations: z.array(relationView) });
export type RelationsView = z.infer<typeof relationsView>;

/** `GET /api/data`: files under `data/` that SQL cells may read. */
export const dataFiles = z.object({
  files: z.array(z.object({ path: z.string(), bytes: z.int(), modifiedAt: instant })),
});
