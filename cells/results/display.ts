import { z } from "zod";

/** One point of a chart that the pointer can find. `x` and `y` in the SVG's own units; `lines` are label and value pairs. */
export const chartHit = z.object({
  x: z.number(),
  y: z.number(),
  lines: z.array(z.tuple([z.string(), z.string()])),
});
export type ChartHit = z.infer<typeof chartHit>;

/** What a cell shows. Plain data: it crosses from kernel to session to browser, and is kept on disk. */
export const display = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  /** A value to fold open: JSON within bounds, and the same as text. */
  z.object({ type: z.literal("tree"), value: z.json(), text: z.string() }),
  /** Foreign HTML: shown in a sandboxed frame and nowhere else. */
  z.object({ type: z.literal("html"), html: z.string() }),
  z.object({ type: z.literal("markdown"), markdown: z.string() }),
  z.object({
    type: z.literal("chart"),
    /** Drawn by the kernel; colours are CSS variables and `currentColor`, so that a theme applies. */
    svg: z.string(),
    /** Title, caption and legends around the plot, as SVG or plain elements; empty when there are none. */
    header: z.string(),
    width: z.number(),
    height: z.number(),
    hits: z.array(chartHit),
    /** Points beyond the bound of `hits` answer no pointer; this many. */
    hitsCut: z.int(),
  }),
  z.object({
    type: z.literal("table"),
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(z.string())),
    rowCount: z.int(),
  }),
  z.object({ type: z.literal("image"), mime: z.enum(["image/png", "image/jpeg", "image/gif", "image/webp"]), base64: z.string() }),
  /** Something was left out: what, and how to get it all. */
  z.object({ type: z.literal("cut"), message: z.string() }),
]);
export type Display = z.infer<typeof display>;
