import { z } from "zod";
import { reading } from "../results/reading.ts";

/**
 * Everything that can happen to a session, as data. The server orders operations and stamps them with a sequence
 * number; server and client replay them through the same reducer (`reducer.ts`). Times, ids and random numbers are
 * made outside and carried inside, so that a replay on any machine gives the same state.
 */

export const instant = z.string(); // ISO 8601, UTC
export const textChange = z.object({ from: z.int().min(0), to: z.int().min(0), insert: z.string() });
/** Replacements in one text, offsets in UTF-16 units of the text before any of them, in ascending order, not overlapping. */
export type TextChange = z.infer<typeof textChange>;

export const cellKind = z.enum(["prose", "ts", "sql", "input", "drift", "kpi", "check"]);

export const cellContent = z.object({
  id: z.string(),
  kind: cellKind,
  name: z.string().nullable(),
  source: z.string(),
  attributes: z.array(z.tuple([z.string(), z.string().nullable()])),
});
export type CellContent = z.infer<typeof cellContent>;

export const problem = z.object({
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  hint: z.string().optional(),
});
/** What is wrong, where in the cell (1-based), and what to do. */
export type Problem = z.infer<typeof problem>;

/** What a cell defines and reads, found on the host by parsing; the client carries no parser. */
export const analysis = z.object({
  sourceHash: z.string(),
  defines: z.array(z.string()),
  reads: z.array(z.string()),
  /** Names of other cells' variables that the cell assigns to: never allowed, and said at both cells. */
  assigns: z.array(z.string()).optional(),
  /** `stream.relation` names, file names and other relations outside the notebook. */
  relations: z.array(z.string()),
  /** What gives other values each time it runs, such as `random()`: a job's numbers could not be derived again. */
  unseeded: z.array(z.string()).optional(),
  problem: problem.nullable(),
});
export type Analysis = z.infer<typeof analysis>;

export const column = z.object({ name: z.string(), type: z.string() });
export type Column = z.infer<typeof column>;

/** A variable as the variables panel shows it. */
export const variable = z.object({
  name: z.string(),
  type: z.string(),
  size: z.string().nullable(),
  preview: z.string(),
});
export type Variable = z.infer<typeof variable>;

export const cellResult = z.object({
  /** A SQL cell's materialised result; its rows are paged over the socket. */
  table: z.object({ columns: z.array(column), rowCount: z.int() }).nullable(),
  variables: z.array(variable),
  /** What a monitoring cell measured, in the order in which it is shown. */
  readings: z.array(reading),
  /** For prose: the rendered text of each `${…}` in order. */
  texts: z.array(z.string()),
});
export type CellResult = z.infer<typeof cellResult>;

export const processView = z.object({
  phase: z.enum(["absent", "starting", "idle", "busy", "interrupting", "ended"]),
  message: z.string().nullable(),
  hint: z.string().nullable(),
});
export type ProcessView = z.infer<typeof processView>;

const resolvedWindow = z.object({ start: instant, end: instant });
export type ResolvedWindow = z.infer<typeof resolvedWindow>;

const operations = [
  // The document
  z.object({ type: z.literal("cell-inserted"), cell: cellContent, index: z.int().min(0) }),
  z.object({ type: z.literal("cell-deleted"), cell: z.string() }),
  z.object({ type: z.literal("cell-restored"), cell: z.string() }),
  z.object({ type: z.literal("cell-moved"), cell: z.string(), index: z.int().min(0) }),
  /** `revision` is the cell's text revision after the change; `origin` the client that typed it. */
  z.object({
    type: z.literal("cell-edited"),
    cell: z.string(),
    revision: z.int(),
    changes: z.array(textChange),
    origin: z.string(),
  }),
  z.object({ type: z.literal("cell-renamed"), cell: z.string(), name: z.string().nullable() }),
  z.object({ type: z.literal("cell-kind-set"), cell: z.string(), kind: cellKind }),
  z.object({ type: z.literal("cell-attribute-set"), cell: z.string(), key: z.string(), value: z.string().nullable() }),
  z.object({ type: z.literal("title-set"), title: z.string() }),
  z.object({ type: z.literal("mode-set"), mode: z.enum(["automatic", "manual"]) }),
  z.object({ type: z.literal("window-set"), window: z.string().nullable(), resolved: resolvedWindow.nullable() }),
  z.object({ type: z.literal("analysed"), cell: z.string(), analysis }),
  // Time
  z.object({
    type: z.literal("as-of-pinned"),
    asOf: instant,
    /** Changes with anything outside the notebook that results depend on: contracts, package lock, files read. */
    surroundings: z.string(),
    window: resolvedWindow.nullable(),
  }),
  z.object({ type: z.literal("newer-events-counted"), count: z.int() }),
  // Running
  /** A user asked: `cells` with the parents they need; `begins` is true from the first run on. */
  z.object({
    type: z.literal("run-requested"),
    cells: z.array(z.string()),
    /** Run even cells that are fresh; their fresh parents are kept. */
    force: z.boolean(),
    by: z.string(),
    at: instant,
  }),
  z.object({ type: z.literal("run-started"), cell: z.string(), run: z.string(), fingerprint: z.string(), at: instant }),
  z.object({ type: z.literal("displayed"), cell: z.string(), run: z.string(), display: z.json() }),
  z.object({
    type: z.literal("logged"),
    cell: z.string(),
    run: z.string(),
    stream: z.enum(["out", "error"]),
    text: z.string(),
  }),
  z.object({
    type: z.literal("progressed"),
    cell: z.string(),
    run: z.string(),
    fraction: z.number().nullable(),
    message: z.string().nullable(),
  }),
  z.object({
    type: z.literal("run-ended"),
    cell: z.string(),
    run: z.string(),
    status: z.enum(["ok", "error", "interrupted"]),
    durationMillis: z.number(),
    at: instant,
    result: cellResult.nullable(),
    error: problem.nullable(),
  }),
  /** A chart drawn again at another width: replaces display number `index` of the run. */
  z.object({ type: z.literal("redrawn"), cell: z.string(), run: z.string(), index: z.int(), display: z.json() }),
  z.object({ type: z.literal("interrupt-requested"), by: z.string() }),
  z.object({ type: z.literal("input-moved"), cell: z.string(), value: z.json(), by: z.string() }),
  z.object({ type: z.literal("process-changed"), process: z.enum(["kernel", "engine"]), view: processView }),
  /** Values held by a process that ended are gone: the cells concerned must run again before others can read them. */
  z.object({ type: z.literal("values-lost"), cells: z.array(z.string()), because: z.string() }),
  z.object({ type: z.literal("restart-requested"), by: z.string() }),
  z.object({ type: z.literal("outputs-cleared"), cells: z.array(z.string()) }),
  // The file
  z.object({ type: z.literal("saved"), hash: z.string(), at: instant }),
  z.object({ type: z.literal("save-failed"), message: z.string() }),
] as const;

export const operation = z.discriminatedUnion("type", operations);
export type Operation = z.infer<typeof operation>;
export type OperationType = Operation["type"];
