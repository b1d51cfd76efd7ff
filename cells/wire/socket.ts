import { z } from "zod";
import { cellContent, cellKind, operation, textChange } from "../session/operation.ts";

/**
 * The socket of one notebook: `/api/notebooks/{path}/socket`. Text frames are these messages as JSON. Binary frames
 * answer table requests: 4 bytes big-endian length of a JSON header `tableHeader`, the header, then Arrow
 * IPC bytes. A long table comes in several frames, so that other messages find their way between them; the header is
 * padded so that Arrow bytes begin at a multiple of 8.
 * Every operation has a sequence number; a client that comes back names the last one it saw and gets what it missed,
 * or a fresh `snapshot` when the server no longer holds that far back.
 */

const request = z.int().min(1);

export const tableFilter = z.object({
  column: z.string(),
  test: z.enum(["=", "!=", "<", "<=", ">", ">=", "contains", "search", "is-null", "is-not-null"]),
  value: z.json().optional(),
});
export const tableSort = z.object({ column: z.string(), descending: z.boolean() });
export const tableView = z.object({
  cell: z.string(),
  run: z.string(),
  sort: z.array(tableSort),
  filters: z.array(tableFilter),
});
export type TableView = z.infer<typeof tableView>;

export const clientMessage = z.discriminatedUnion("type", [
  /** First message. `epoch` and `sequence` of the last operation seen, or null at the first visit. `client` names this tab. */
  z.object({
    type: z.literal("hello"),
    client: z.string(),
    epoch: z.string().nullable(),
    sequence: z.int().nullable(),
    width: z.int(),
  }),
  z.object({
    type: z.literal("insert"),
    request,
    index: z.int(),
    cell: cellContent.omit({ id: true }).extend({ id: z.string().optional() }),
  }),
  z.object({ type: z.literal("delete"), request, cell: z.string() }),
  z.object({ type: z.literal("restore"), request, cell: z.string() }),
  z.object({ type: z.literal("move"), request, cell: z.string(), index: z.int() }),
  /** Typing. `base` is the cell's revision that the changes were made against; the server rebases them. */
  z.object({ type: z.literal("edit"), request, cell: z.string(), base: z.int(), changes: z.array(textChange) }),
  z.object({ type: z.literal("rename"), request, cell: z.string(), name: z.string().nullable() }),
  z.object({ type: z.literal("set-kind"), request, cell: z.string(), kind: cellKind }),
  z.object({
    type: z.literal("set-attribute"),
    request,
    cell: z.string(),
    key: z.string(),
    value: z.string().nullable(),
  }),
  z.object({ type: z.literal("set-title"), request, title: z.string() }),
  z.object({ type: z.literal("set-mode"), request, mode: z.enum(["automatic", "manual"]) }),
  z.object({ type: z.literal("set-window"), request, window: z.string().nullable() }),
  /** `cells: "all"` or `"stale"`, or ids; their stale parents run first. */
  z.object({ type: z.literal("run"), request, cells: z.union([z.array(z.string()), z.enum(["all", "stale"])]) }),
  z.object({ type: z.literal("interrupt"), request }),
  z.object({ type: z.literal("restart"), request }),
  /** Pins a new as-of (the watermark) and marks what reads data stale, or runs it in automatic mode. */
  z.object({ type: z.literal("refresh"), request, asOf: z.string().nullable() }),
  z.object({ type: z.literal("move-input"), request, cell: z.string(), value: z.json() }),
  z.object({ type: z.literal("keep-as-default"), request, cell: z.string() }),
  z.object({ type: z.literal("clear-outputs"), request, cells: z.array(z.string()) }),
  z.object({ type: z.literal("save"), request }),
  z.object({ type: z.literal("resize"), width: z.int() }),
  /** Rows [offset, offset + limit) of a SQL cell's result, sorted and filtered; answered by one binary frame. */
  z.object({ type: z.literal("rows"), request, view: tableView, offset: z.int(), limit: z.int().max(1_000_000) }),
  /** Missing share, distinct values, range, histogram or top values of each column; answered by `summary`. */
  z.object({ type: z.literal("summarise"), request, cell: z.string(), run: z.string() }),
  z.object({ type: z.literal("pong") }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

export const columnSummary = z.object({
  name: z.string(),
  type: z.string(),
  missing: z.int(),
  distinct: z.int().nullable(),
  min: z.string().nullable(),
  max: z.string().nullable(),
  /** Counts of equal-width bins between min and max, for ordered types. */
  bins: z.array(z.int()).nullable(),
  top: z.array(z.object({ value: z.string(), count: z.int() })).nullable(),
});
export type ColumnSummary = z.infer<typeof columnSummary>;

export const tableHeader = z.object({
  type: z.literal("rows"),
  request,
  offset: z.int(),
  /** Rows of the view after filtering. */
  rowCount: z.int(),
  /** False while more frames of this answer follow; their Arrow bytes are one stream, cut between its messages. */
  last: z.boolean(),
});

export const serverMessage = z.discriminatedUnion("type", [
  /** The whole session (a `SessionState`) as of `sequence`. `epoch` changes when the server's session begins anew. */
  z.object({ type: z.literal("snapshot"), epoch: z.string(), sequence: z.int(), state: z.json() }),
  /** Operations `sequence`, `sequence + 1`, … */
  z.object({ type: z.literal("operations"), sequence: z.int(), operations: z.array(operation) }),
  z.object({ type: z.literal("done"), request, cell: z.string().optional() }),
  z.object({ type: z.literal("refused"), request, message: z.string(), hint: z.string().optional() }),
  z.object({ type: z.literal("summary"), request, columns: z.array(columnSummary) }),
  z.object({ type: z.literal("presence"), clients: z.int() }),
  z.object({ type: z.literal("ping") }),
]);
export type ServerMessage = z.infer<typeof serverMessage>;
