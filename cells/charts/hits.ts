import { z } from "zod";

/**
 * Where a chart's marks lie, so that a page can answer the pointer for a chart that was drawn elsewhere. Positions are
 * in the units of the SVG's viewBox.
 */
export const hitMark = z.object({
  /** What Plot calls the mark: "line", "dot", "bar". */
  mark: z.string(),
  /** What a tip lists, in order; `label` as the axis says it. */
  channels: z.array(z.object({ name: z.string(), label: z.string() })),
  /** Centre of each point; a line or area is found by `x` alone, a bar that lies by `y` alone. */
  x: z.array(z.number()),
  y: z.array(z.number()),
  /** Along which axis the pointer looks for the nearest point. */
  by: z.enum(["x", "y", "both"]),
  /** Texts of the channels, one array per point. */
  values: z.array(z.array(z.string())),
  /** Colour of each point as drawn, null where the mark has none. */
  colors: z.array(z.string().nullable()),
});
export const hits = z.object({
  marks: z.array(hitMark),
  /** More points were drawn than the table may hold; the rest answers no pointer. */
  cut: z.boolean(),
});
export type HitMark = z.infer<typeof hitMark>;
export type Hits = z.infer<typeof hits>;

export interface Hit {
  readonly mark: string;
  readonly x: number;
  readonly y: number;
  readonly color: string | null;
  readonly entries: readonly { readonly label: string; readonly text: string }[];
}

/** A point farther from the pointer than this, in viewBox units, is not meant. */
const REACH = 40;
/** What lies off the mark's own axis counts this little: it only decides between lines. */
const OFF_AXIS_WEIGHT = 0.01;

/** The point that a pointer at (x, y) means, or null when none is near. */
export function nearestHit(table: Hits, x: number, y: number): Hit | null {
  let best: { mark: HitMark; at: number; distance: number } | null = null;
  for (const mark of table.marks)
    for (let at = 0; at < mark.x.length; at++) {
      const dx = mark.x[at]! - x;
      const dy = mark.y[at]! - y;
      const along = mark.by === "x" ? Math.abs(dx) : mark.by === "y" ? Math.abs(dy) : Math.hypot(dx, dy);
      if (along > REACH) continue;
      const across = mark.by === "x" ? Math.abs(dy) : mark.by === "y" ? Math.abs(dx) : 0;
      const distance = along + across * OFF_AXIS_WEIGHT;
      if (best === null || distance < best.distance) best = { mark, at, distance };
    }
  if (best === null) return null;
  const { mark, at } = best;
  const texts = mark.values[at] ?? [];
  return {
    mark: mark.mark,
    x: mark.x[at]!,
    y: mark.y[at]!,
    color: mark.colors[at] ?? null,
    entries: mark.channels.map(({ label }, i) => ({ label, text: texts[i] ?? "" })),
  };
}
