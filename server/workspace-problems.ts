import { statfs } from "node:fs/promises";
import type { WorkspaceProblem } from "../cells/wire/http-workspace.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./workspace-settings.ts";

/** What somebody should look at, worst first. */
export async function workspaceProblems(services: Services): Promise<WorkspaceProblem[]> {
  const problems: WorkspaceProblem[] = [];
  const tell = (message: string, where: string, hint: string | null = null) => problems.push({ message, where, hint });
  const health = services.workspace.health();
  if (health.loaderProblem !== null)
    tell(health.loaderProblem, "loader", "Events are still accepted and kept; they appear once the loader runs again.");
  for (const lake of health.problems)
    tell(
      `${lake.stream}.${lake.log}: ${lake.message}`,
      lake.file,
      "The rest of the stream is readable. Restore the file from a backup.",
    );
  for (const { path, problem } of services.workspace.contracts.list())
    if (problem !== null) tell(problem, path, "The stream accepts nothing until the contract is right.");
  const settings = await readSettings(services.folder);
  if (!settings.ok) tell(settings.problem, "driftbook.yaml", "What was in force at the start still is.");
  const disk = await statfs(services.folder);
  const freeBytes = disk.bavail * disk.bsize;
  const { keepFreeBytes } = services.settings.limits;
  if (freeBytes < 2 * keepFreeBytes) {
    const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
    tell(
      `${gigabytes(freeBytes)} are free on the disk; below ${gigabytes(keepFreeBytes)} ingest stops.`,
      "disk",
      "Free space, or lower limits.keep_free in driftbook.yaml.",
    );
  }
  return problems;
}
