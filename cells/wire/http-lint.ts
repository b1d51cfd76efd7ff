import { z } from "zod";

/** `GET /api/lint`: what is wrong with the workspace's files. Nothing was run to find it. */
export const lintFinding = z.object({
  /** Relative to the workspace. */
  file: z.string(),
  /** In the file, or in the cell when one is named. */
  line: z.int().nullable(),
  cell: z.string().nullable(),
  message: z.string(),
  hint: z.string().nullable(),
});
export type LintFinding = z.infer<typeof lintFinding>;
export const lintView = z.object({ files: z.int(), findings: z.array(lintFinding) });
export type LintView = z.infer<typeof lintView>;
