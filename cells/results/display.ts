import { z } from "zod";
import { hits } from "../charts/hits.ts";
import { checkDisplay, driftDisplay, kpiDisplay } from "./monitor-display.ts";

/**
 * What a cell shows. Plain data of bounded size: it crosses processes and the wire, and is kept on disk. `cut` says in
 * words what was left out, null when nothing was.
 */
const cut = z.string().nullable();

/** A value opened as far as the limits go. `kind` is for colouring: "number", "string", "function", "null". */
export type Tree =
  | { readonly type: "leaf"; readonly kind: string; readonly text: string }
  | {
      readonly type: "group";
      /** "Array(3)", "Map(2)", or the class name; "" for a plain object. */
      readonly label: string;
      readonly open: "[" | "{";
      readonly entries: readonly (readonly [string, Tree])[];
      /** Entries that are not listed. */
      readonly more: number;
    };
export const tree: z.ZodType<Tree> = z.lazy(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("leaf"), kind: z.string(), text: z.string() }),
    z.object({
      type: z.literal("group"),
      label: z.string(),
      open: z.enum(["[", "{"]),
      entries: z.array(z.tuple([z.string(), tree])),
      more: z.int(),
    }),
  ]),
);

export const textDisplay = z.object({ type: z.literal("text"), text: z.string(), cut });
export const treeDisplay = z.object({ type: z.literal("tree"), tree, cut });
/** For a sandboxed frame only. */
export const htmlDisplay = z.object({ type: z.literal("html"), html: z.string() });
export const markdownDisplay = z.object({ type: z.literal("markdown"), markdown: z.string() });
export const chartDisplay = z.object({
  type: z.literal("chart"),
  /** Text of the SVG element: to be cleaned before it enters a page. */
  svg: z.string(),
  hits,
  width: z.number(),
  height: z.number(),
  title: z.string().nullable(),
  subtitle: z.string().nullable(),
  caption: z.string().nullable(),
  legends: z.array(
    z.discriminatedUnion("type", [
      z.object({
        type: z.literal("swatches"),
        label: z.string().nullable(),
        items: z.array(z.object({ color: z.string(), text: z.string() })),
      }),
      z.object({ type: z.literal("ramp"), svg: z.string() }),
    ]),
  ),
});
export const tableDisplay = z.object({
  type: z.literal("table"),
  columns: z.array(z.object({ name: z.string(), type: z.string(), numeric: z.boolean() })),
  /** The first rows as text; null for a missing value. */
  rows: z.array(z.array(z.string().nullable())),
  rowCount: z.int(),
});
export const imageDisplay = z.object({ type: z.literal("image"), mime: z.string(), base64: z.string() });
/** An error that a cell chose to show; one that ended the cell is the run's own. */
export const errorDisplay = z.object({
  type: z.literal("error"),
  name: z.string(),
  message: z.string(),
  stack: z.string(),
});

export const display = z.discriminatedUnion("type", [
  textDisplay,
  treeDisplay,
  htmlDisplay,
  markdownDisplay,
  chartDisplay,
  tableDisplay,
  imageDisplay,
  errorDisplay,
  driftDisplay,
  kpiDisplay,
  checkDisplay,
]);
export type Display = z.infer<typeof display>;
export type ChartDisplay = z.infer<typeof chartDisplay>;
export type TableDisplay = z.infer<typeof tableDisplay>;
