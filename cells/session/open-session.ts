import type { Document } from "../document/document.ts";
import type { Applied } from "./applied.ts";
import type { CellRun, SessionState } from "./state.ts";

/** What the results store kept of the session before this one; runs by cell id. */
export interface RestoredSession {
  readonly runs: Readonly<Record<string, CellRun>>;
  readonly inputs: SessionState["inputs"];
  readonly asOf: string | null;
  readonly surroundings: string;
  readonly window: SessionState["window"];
}

/**
 * A session as it opens: stored results are shown, nothing runs. The restored as-of is the one that those results
 * have; the user's first run pins a new one.
 */
export function openSession(path: string, document: Document, restored: RestoredSession | null): Applied {
  const absent = { phase: "absent", message: null, hint: null } as const;
  const text = document.frontMatter.window;
  const runs: Record<string, CellRun> = {};
  for (const cell of document.cells) {
    const run = restored?.runs[cell.id];
    if (run !== undefined && run.status !== "running") runs[cell.id] = { ...run, valuesLost: true };
  }
  const state: SessionState = {
    path,
    document,
    revisions: {},
    analyses: {},
    runs,
    inputs: restored?.inputs ?? {},
    mode: document.frontMatter.run === "manual" ? "manual" : "automatic",
    begun: false,
    asOf: restored?.asOf ?? null,
    surroundings: restored?.surroundings ?? "",
    window: { text, resolved: restored?.window.text === text ? restored.window.resolved : null },
    newerEvents: 0,
    processes: { kernel: absent, engine: absent },
    queue: [],
    running: null,
    interrupting: false,
    trash: [],
    saved: null,
    saveProblem: null,
  };
  return { state, effects: document.cells.map((cell) => ({ type: "analyse", cell: cell.id })) };
}
