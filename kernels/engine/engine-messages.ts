/** What host and engine process say to each other; each message is the header of a frame, Arrow data is its body. */
import { z } from "zod";

const parameter: z.ZodType<WireParameter> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.object({ type: z.literal("integer"), text: z.string() }),
    z.object({ type: z.literal("special"), text: z.enum(["NaN", "Infinity", "-Infinity"]) }),
    z.object({ type: z.enum(["timestamp", "date"]), iso: z.string() }),
    z.object({ type: z.literal("list"), items: z.array(parameter) }),
  ]),
);
/** As `SqlParameter`, with what JSON cannot hold told as text. */
export type WireParameter =
  | null
  | boolean
  | number
  | string
  | { type: "integer"; text: string }
  | { type: "special"; text: "NaN" | "Infinity" | "-Infinity" }
  | { type: "timestamp" | "date"; iso: string }
  | { type: "list"; items: WireParameter[] };

const statement = { sql: z.string(), parameters: z.array(parameter) };
const limit = { timeoutMillis: z.number().positive().nullable() };
const view = {
  sort: z.array(z.object({ column: z.string(), descending: z.boolean() })),
  filters: z.array(
    z.object({
      column: z.string(),
      test: z.enum(["=", "!=", "<", "<=", ">", ">=", "contains", "search", "is-null", "is-not-null"]),
      value: z.json().optional(),
    }),
  ),
};
const id = z.int().min(1);

export const engineConfiguration = z.object({
  workspaceFolder: z.string(),
  allowedDirectories: z.array(z.string()),
  scratchFolder: z.string(),
  memoryLimitBytes: z.number().positive(),
  tempLimitBytes: z.number().positive(),
  threads: z.int().min(1),
  timeZone: z.string(),
  timeoutMillis: z.number().positive(),
  resultLimit: z.object({ rows: z.number().positive(), bytes: z.number().positive() }),
});

/** The statement's rows are cut to so many; null for all. */
const firstRows = z.int().min(0).nullable();

export const engineRequest = z.discriminatedUnion("type", [
  z.object({ type: z.literal("open"), id, configuration: engineConfiguration }),
  z.object({ type: z.literal("set-relations"), id, statements: z.array(z.string()), asOf: z.string().nullable() }),
  z.object({ type: z.literal("inspect"), id, sql: z.string() }),
  z.object({ type: z.literal("describe"), id, ...statement }),
  z.object({ type: z.literal("materialise"), id, name: z.string(), runId: z.string(), ...statement, ...limit }),
  z.object({
    type: z.literal("query"),
    id,
    firstRows,
    maxRows: z.number().nullable(),
    maxBytes: z.number().nullable(),
    ...statement,
    ...limit,
  }),
  /** The host has taken one piece of a query's answer, and has read the file it was in, if any. */
  z.object({ type: z.literal("taken"), id, file: z.string().nullable() }),
  z.object({
    type: z.literal("page"),
    id,
    name: z.string(),
    offset: z.int().min(0),
    limit: z.int().min(0),
    columns: z.array(z.string()).nullable(),
    ...view,
    ...limit,
  }),
  z.object({ type: z.literal("summarise"), id, name: z.string(), ...limit }),
  z.object({ type: z.literal("register"), id, name: z.string() }),
  z.object({ type: z.literal("rename"), id, from: z.string(), to: z.string() }),
  z.object({ type: z.literal("drop"), id, name: z.string() }),
  z.object({
    type: z.literal("export"),
    id,
    name: z.string().nullable(),
    format: z.enum(["csv", "json", "parquet", "arrow"]),
    file: z.string(),
    firstRows,
    ...statement,
    ...view,
    ...limit,
  }),
  /** Interrupts request `id`. */
  z.object({ type: z.literal("cancel"), id }),
]);
export type EngineRequest = z.infer<typeof engineRequest>;
export type RequestOf<T extends EngineRequest["type"]> = Extract<EngineRequest, { type: T }>;

const problem = z.object({
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  hint: z.string().optional(),
});

export const engineReply = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), id, fraction: z.number().nullable() }),
  /** What is known before the first piece. */
  z.object({ type: z.literal("begun"), id, value: z.json() }),
  /** A piece of a query's answer, in the body or at the beginning of a file of the engine's scratch folder. */
  z.object({
    type: z.literal("piece"),
    id,
    file: z.object({ name: z.string(), bytes: z.int().min(0) }).nullable(),
  }),
  z.object({ type: z.literal("done"), id, value: z.json() }),
  z.object({
    type: z.literal("failed"),
    id,
    kind: z.enum([
      "syntax",
      "refused",
      "failed",
      "unreadable",
      "interrupted",
      "time-limit",
      "out-of-memory",
      "too-large",
      "ended",
    ]),
    problem,
  }),
]);
export type EngineReply = z.infer<typeof engineReply>;
