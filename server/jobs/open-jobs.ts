import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import process from "node:process";
import type { DatabaseSync } from "node:sqlite";
import { serializeDocument } from "../../cells/document/serialize-document.ts";
import { ChildSqlEngine } from "../../kernels/engine/child-sql-engine.ts";
import type { ReadingKeeper } from "../../kernels/session/ports.ts";
import type { ReadingStore } from "../../workspaces/readings/reading-store.ts";
import type { Workspace } from "../../workspaces/workspace.ts";
import type { Configuration } from "../configuration.ts";
import { engineConfiguration, newScratchFolder } from "../engines.ts";
import { errorFields, type Log } from "../log.ts";
import type { NotebookFiles } from "../notebook-files.ts";
import type { Notebooks } from "../notebooks.ts";
import type { NotebookSessions } from "../sessions.ts";
import type { WorkspaceSettings } from "../workspace-settings.ts";
import { JobEngines } from "./job-engines.ts";
import { Jobs, type JobsParts } from "./jobs.ts";
import { freezePackages, packagesProblem } from "./packages.ts";

export interface OpenJobsParts extends Pick<JobsParts, "onEnded" | "onRemoved" | "onPublished" | "onChange"> {
  readonly folder: string;
  readonly settings: WorkspaceSettings;
  /** Names of driftbook.yaml; null where that cannot be read. */
  readonly destinations: readonly string[] | null;
  readonly configuration: Configuration;
  readonly workspace: Workspace;
  readonly notebookFiles: NotebookFiles;
  readonly notebooks: Notebooks;
  readonly notebookSessions: NotebookSessions;
  readonly readings: ReadingStore;
  readonly monitor: DatabaseSync;
  readonly log: Log;
  /** Called when a query met a file that could not be read. */
  readonly lookForDamage: () => void;
}

/** One more than cores: while one waits for a disk or an answer, the others compute. Interactive work comes first anyway. */
const CONCURRENCY = availableParallelism() + 1;
/** Of each run's engine: those that run at once share the cores, rather than each taking all of them from the other. */
const THREADS = 1;
const RUNS_A_PROCESS = 100;
const IDLE_MILLIS = 60_000;
/** As `os.setPriority` takes it: people who wait, and ingest, come first. */
const LESS_URGENT = 10;

/** The jobs of a workspace over what this process holds of it; nothing is scheduled before `start`. */
export function openJobs(parts: OpenJobsParts): Jobs {
  const { folder, settings, configuration, workspace, notebookFiles, notebooks, notebookSessions, log } = parts;
  const contracts = () => workspace.contracts.present();
  const readings: ReadingKeeper = parts.readings;
  const engines = new JobEngines({
    configure: (folders, zone) => ({
      ...engineConfiguration(folder, { ...settings, zone }, newScratchFolder(folder), folders),
      threads: THREADS,
    }),
    newProcess: (made) => new ChildSqlEngine(made, parts.lookForDamage, LESS_URGENT),
    mostIdle: CONCURRENCY,
    mostRuns: RUNS_A_PROCESS,
    idleMillis: IDLE_MILLIS,
  });
  return new Jobs({
    folder,
    zone: settings.zone,
    destinations: parts.destinations,
    database: parts.monitor,
    concurrency: CONCURRENCY,
    runtime: { node: process.version, deno: configuration.deno },
    program: { driftbook: configuration.version, engine: configuration.engine },
    runFrozen: (wish) => notebookSessions.runFrozen(wish),
    engine: (zone) => (folders) => engines.engine(folders, zone),
    priority: LESS_URGENT,
    onClose: () => engines.close(),
    readings,
    contracts,
    streams: () => new Set(contracts().map(({ stream }) => stream)),
    progressOf: (stream) => ({ lastDecidedAt: workspace.figures(stream)?.lastDecidedAt ?? null }),
    beganAt: (stream) => workspace.figures(stream)?.firstDecidedAt ?? null,
    textOf: async (notebook) => {
      // Removed is removed, whoever still has it open.
      const { text } = await notebookFiles.read(notebook);
      const open = await notebooks.find(notebook);
      // What is on the screen counts, also in the moment before it is saved.
      return open === null ? text : serializeDocument(open.session.state.document);
    },
    analyse: (notebook, text) =>
      notebookSessions.analyse(notebook, text, (folders) => engines.engine(folders, settings.zone)),
    notebooks: async () => (await notebookFiles.list()).map(({ path: one }) => one),
    packages: () => freezePackages(folder),
    importProblem: (modules) => packagesProblem(modules, folder),
    commit: () => commitOf(folder),
    onEnded: parts.onEnded,
    onRemoved: parts.onRemoved,
    onPublished: parts.onPublished,
    onChange: parts.onChange,
    onDifference: (job, reason) =>
      log.write("error", "after the upgrade a job gives other readings for its last run", { job, reason }),
    onUnreadable: (run, error) =>
      log.write(
        "error",
        "the output of a run cannot be read; its readings stay, replay the run to see the rest again",
        {
          run,
          ...errorFields(error),
        },
      ),
    onError: (error) => log.write("error", "the scheduler failed", errorFields(error)),
  });
}

/** The commit that the workspace's repository stands at, read from its files; null where there is none. */
async function commitOf(folder: string): Promise<string | null> {
  const read = (...parts: string[]): Promise<string | null> =>
    readFile(path.join(folder, ".git", ...parts), "utf8").then(
      (text) => text.trim(),
      () => null, // No repository, or a reference that is packed: both are tried in turn.
    );
  const head = await read("HEAD");
  const reference = head === null ? null : (/^ref: (.+)$/.exec(head)?.[1] ?? null);
  if (head === null || reference === null) return head;
  const packed = (await read("packed-refs"))?.split("\n").find((line) => line.endsWith(` ${reference}`));
  return (await read(reference)) ?? packed?.split(" ")[0] ?? null;
}
