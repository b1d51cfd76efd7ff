import { z } from "zod";
import { lengthOfTime, windowText } from "../monitoring/monitoring-keys.ts";
import { isZone, zoneProblem } from "../time/zone.ts";
import { parseSchedule } from "./schedule.ts";

/** "2 runs". */
const runs = z.string().regex(/^[1-9]\d? runs?$/, 'expected a number of runs such as "2 runs"');
/** What becomes of ticks that came due while nothing could run. */
const catchUp = z
  .string()
  .regex(
    /^(latest(, within [1-9]\d{0,3} (minute|hour|day|week)s?)?|skip|all, at most [1-9]\d{0,3})$/,
    "expected latest, skip, latest, within 12 hours, or all, at most 30",
  );

/** A "#" begins the name of a cell: in the path it would be taken for that. */
function targetProblem(text: string): string {
  if (/#.*\.nb\.md(#|$)/.test(text))
    return 'the path of a notebook that a job runs cannot have a "#", which begins the name of a cell; rename the notebook or its folder';
  return "expected a notebook, or a notebook and a cell: drift.nb.md#score_drift";
}

/** The YAML of `jobs/<name>.yaml` as people and promotion write it. */
export const jobSpec = z.strictObject({
  /** `notebook.nb.md#cell`, or a whole notebook. */
  run: z.string().regex(/^[^#]+\.nb\.md(#[^#]+)?$/, { error: ({ input }) => targetProblem(String(input)) }),
  schedule: z.string().superRefine((text, context) => {
    const read = parseSchedule(text);
    if (!read.ok) context.addIssue({ code: "custom", message: read.problem });
  }),
  zone: z
    .string()
    .refine(isZone, { error: ({ input }) => zoneProblem(String(input)) })
    .optional(),
  window: windowText.optional(),
  wait: lengthOfTime("30 minutes or 2 hours").optional(),
  catch_up: catchUp.optional(),
  overlap: z.enum(["skip", "queue", "cancel"]).optional(),
  retries: z.int().min(0).max(10).optional(),
  timeout: lengthOfTime("10 minutes or 1 hour").optional(),
  set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  alert: z
    .strictObject({
      /** Names of driftbook.yaml. Without it nobody is told; alerts fire all the same. */
      to: z.array(z.string().min(1)).min(1).optional(),
      after: runs.optional(),
      repeat: lengthOfTime("12 hours or 1 day").optional(),
    })
    .optional(),
  version: z.string().min(1).optional(),
});
export type JobSpec = z.output<typeof jobSpec>;

/** The key `run` of a job. */
export const runOf = ({ notebook, cell }: { readonly notebook: string; readonly cell: string | null }): string =>
  cell === null ? notebook : `${notebook}#${cell}`;

/** The two parts of `run`; the cell is null for the whole notebook. */
export function targetOf({ run }: Pick<JobSpec, "run">): { readonly notebook: string; readonly cell: string | null } {
  const [notebook, cell] = run.split("#") as [string, string?];
  return { notebook, cell: cell ?? null };
}
