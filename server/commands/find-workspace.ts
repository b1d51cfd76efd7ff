import { existsSync } from "node:fs";
import path from "node:path";
import { UsageError } from "./command.ts";

/** The folder at or above `from` that holds driftbook.yaml. @throws UsageError when none does. */
export function findWorkspace(from: string): string {
  let folder = path.resolve(from);
  for (;;) {
    if (existsSync(path.join(folder, "driftbook.yaml"))) return folder;
    const above = path.dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  throw new UsageError(
    `Neither ${path.resolve(from)} nor a folder above it holds driftbook.yaml. Make a workspace with: driftbook init DIR`,
  );
}
