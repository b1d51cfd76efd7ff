import { z } from "zod";
import { instant } from "../session/operation.ts";
import { compareInstants } from "../time/instant.ts";

/** A dated note on a stream's event time: "fraud attack", "outage". Drawn on every chart over time. */
export const mark = z.object({
  id: z.string(),
  stream: z.string(),
  /** Half-open. */
  window: z.object({ start: instant, end: instant }),
  note: z.string(),
  /** Rows of its window do not count in references and KPIs. */
  excludes: z.boolean(),
  madeAt: instant,
  by: z.string(),
  removedAt: instant.nullable(),
});
export type Mark = z.infer<typeof mark>;

/** Whether the mark stood at that time: a later removal does not undo what a run at an earlier as-of saw. */
export function countsAt({ madeAt, removedAt }: Pick<Mark, "madeAt" | "removedAt">, asOf: string): boolean {
  return compareInstants(madeAt, asOf) <= 0 && (removedAt === null || compareInstants(removedAt, asOf) > 0);
}
