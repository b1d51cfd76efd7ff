import path from "node:path";
import type { KernelHooks } from "../kernels/session/ports.ts";
import { DenoTypeScriptKernel } from "../kernels/typescript/deno-typescript-kernel.ts";
import type { TypeScriptKernel } from "../kernels/typescript/typescript-kernel.ts";
import type { Configuration } from "./configuration.ts";
import type { WorkspaceSettings } from "./workspace-settings.ts";

/** Where kernels of a workspace find packages that were loaded once. */
export const packageCache = (folder: string): string => path.join(folder, ".driftbook", "deno");

/** A kernel with what this workspace grants, not started yet. */
export function newKernel(
  folder: string,
  { grants, limits }: WorkspaceSettings,
  configuration: Configuration,
  hooks: KernelHooks,
  run: {
    /** Where deno.json and deno.lock lie; the workspace's if absent. */
    readonly packageFolder?: string;
    readonly priority?: number;
  } = {},
): TypeScriptKernel {
  const env: Record<string, string> = {};
  for (const name of grants.env) {
    const value = configuration.granted(name);
    if (value !== undefined) env[name] = value;
  }
  return new DenoTypeScriptKernel({
    workspaceFolder: run.packageFolder ?? folder,
    ...(run.priority === undefined ? {} : { priority: run.priority }),
    grants: { hosts: grants.hosts, folders: grants.folders, env },
    cacheFolder: packageCache(folder),
    memoryLimitBytes: limits.memoryBytes,
    ...hooks,
  });
}
