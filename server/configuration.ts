import { readFileSync } from "node:fs";
import process from "node:process";
import { UsageError } from "./commands/command.ts";

/** All that the program takes from its environment, read in this one place. */
export interface Configuration {
  /** Fixes the start-up token: for containers. Otherwise the workspace keeps one. */
  readonly token: string | null;
  /** A terminal's colours, off with NO_COLOR. */
  readonly colour: boolean;
  readonly version: string;
  /** "DuckDB 1.5.6-r.1", as this program was made for it. */
  readonly engine: string;
  /** Version of Deno that belongs to this program. */
  readonly deno: string;
  /** A variable that driftbook.yaml names: granted to cells, or for a destination; undefined when it is not set. */
  readonly granted: (name: string) => string | undefined;
  /** `PATH` and the few others that the desktop's opener needs. */
  readonly childEnvironment: Readonly<Record<string, string>>;
}

const PASSED_ON = ["PATH", "HOME", "TMPDIR", "LANG", "SystemRoot", "DISPLAY", "WAYLAND_DISPLAY"] as const;
const SHORTEST_TOKEN = 24;

/** @throws UsageError when DRIFTBOOK_TOKEN is too short to be a secret. */
export function readConfiguration(environment: NodeJS.ProcessEnv = process.env): Configuration {
  const token = environment.DRIFTBOOK_TOKEN ?? null;
  if (token !== null && !/^[A-Za-z0-9_-]+$/.test(token))
    throw new UsageError("DRIFTBOOK_TOKEN may hold letters, digits, _ and - only.");
  if (token !== null && token.length < SHORTEST_TOKEN)
    throw new UsageError(`DRIFTBOOK_TOKEN has ${token.length} characters; it needs at least ${SHORTEST_TOKEN}.`);
  const childEnvironment: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = environment[name];
    if (value !== undefined) childEnvironment[name] = value;
  }
  return {
    token,
    colour: environment.NO_COLOR === undefined,
    ...versions(),
    granted: (name) => environment[name],
    childEnvironment,
  };
}

/** From package.json, which lies one folder up in a checkout and two in the compiled package. */
function versions(): Pick<Configuration, "version" | "engine" | "deno"> {
  for (const place of ["../package.json", "../../package.json"]) {
    try {
      const found = JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8")) as Record<string, unknown>;
      if (found.name === "driftbook" && typeof found.version === "string") {
        const { "@duckdb/node-api": engine, deno = "" } = found.dependencies as Record<string, string>;
        return { version: found.version, engine: `DuckDB ${engine}`, deno };
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error("package.json of Driftbook was not found above the server; the installation is incomplete.");
}
