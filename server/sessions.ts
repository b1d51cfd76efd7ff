import { createHash, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "../cells/document/parse-document.ts";
import type { FrozenVersion } from "../cells/jobs/version.ts";
import type { SessionState } from "../cells/session/state.ts";
import type { Explanation } from "../cells/wire/http-readings.ts";
import type { TableView } from "../cells/wire/socket.ts";
import type { ExportFormat } from "../kernels/engine/sql-engine.ts";
import type { StreamRows } from "../kernels/session/count-rows.ts";
import type { PinnedRelations, ProfileStore, ReadingKeeper, SessionPorts } from "../kernels/session/ports.ts";
import { type NotebookOutcome, type RunOptions, runNotebook } from "../kernels/session/run-notebook.ts";
import { createSession, type Session } from "../kernels/session/session.ts";
import type { Contract } from "../workspaces/contracts/contract.ts";
import { rolesOf } from "../workspaces/contracts/roles-of-contract.ts";
import { type MonitorRelations, mentionsMonitor, withMonitor } from "../workspaces/monitor/monitor-relations.ts";
import type { ReadingStore } from "../workspaces/readings/reading-store.ts";
import type { Workspace } from "../workspaces/workspace.ts";
import type { Configuration } from "./configuration.ts";
import { newEngine, newScratchFolder } from "./engines.ts";
import { explainReadings, type Kept } from "./explain/explain-readings.ts";
import { HttpError } from "./http-error.ts";
import { thawPackages } from "./jobs/packages.ts";
import { keptProfiles } from "./kept-profiles.ts";
import { newKernel } from "./kernels.ts";
import type { Log } from "./log.ts";
import { type NotebookFiles, textHash } from "./notebook-files.ts";
import { rowObjects } from "./rows/row-text.ts";
import { storedResults } from "./stored-results.ts";
import { surroundingsOf } from "./surroundings.ts";
import type { WorkspaceSettings } from "./workspace-settings.ts";

/** Tells the watcher of a file which text is no news. */
export interface WatchedText {
  hash: string;
}

export interface SessionParts {
  readonly folder: string;
  readonly settings: WorkspaceSettings;
  readonly configuration: Configuration;
  readonly workspace: Workspace;
  readonly notebookFiles: NotebookFiles;
  readonly readings: ReadingStore;
  /** `monitor.readings` and the other tables of jobs. */
  readonly monitor: MonitorRelations;
  readonly log: Log;
  readonly scratchFolder: string;
  /** Called when a query met a file that could not be read. */
  readonly lookForDamage: () => void;
}

export interface FrozenRun {
  readonly frozen: FrozenVersion;
  /** What its readings say that they come from. */
  readonly name: string;
  /** ISO 8601; null for all that was accepted before now. */
  readonly asOf: string | null;
  /** What relative windows count from, ISO 8601; null for the as-of. */
  readonly dueAt: string | null;
  readonly window: readonly [start: string, end: string] | null;
  readonly readings: ReadingKeeper;
  /** Makes one whose local times are of an IANA zone; a new process if absent. */
  readonly engine?: (zone: string) => SessionPorts["engine"];
  /** Of the TypeScript process, as `os.setPriority` takes it. */
  readonly priority: number;
  /** Rows of each table that are handed over. */
  readonly mostRows: number;
  readonly signal: AbortSignal;
}

export interface RanFrozen {
  /** Of the streams of its contracts, at its as-of. */
  readonly rows: readonly StreamRows[];
  readonly outcome: NotebookOutcome;
  readonly state: SessionState;
  /** A digest of what was read: equal for the same files under the same contracts. */
  readonly snapshot: string;
}

/** Those that a version froze. */
export const contractsOf = ({ contracts }: FrozenVersion): Contract[] =>
  contracts.map(({ contract }) => contract as unknown as Contract);

const MOST_COUNTED = 1000;

/** Makes sessions over this workspace: for browsers (kept, saved) and for headless runs (neither). */
export class NotebookSessions {
  readonly #parts: SessionParts;
  /** Where the engine of an open session may write; null before it started. */
  readonly #scratchOf = new WeakMap<object, () => string | null>();
  readonly #profiles: ProfileStore;
  /** Rows of streams by the statements that give them: jobs that are due at one time count the same. Oldest first. */
  readonly #rowCounts = new Map<string, RanFrozen["rows"]>();
  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#profiles = keptProfiles(parts.folder);
  }

  /** `watched.hash` is of the text that this process last read or wrote; whoever does either sets it. */
  async open(name: string, text: string, watched: WatchedText): Promise<Session> {
    const { folder, notebookFiles, log } = this.#parts;
    let scratch: string | null = null;
    const session: Session = await createSession({
      path: name,
      document: parseDocument(text).document,
      log,
      ports: {
        ...this.#ports({
          onScratch: (made) => {
            scratch = made;
          },
        }),
        results: storedResults(folder, name),
        file: {
          save: async (next) => {
            // An edit that landed since the watcher looked is merged first, not written over.
            const present = await notebookFiles.read(name);
            if (present.hash !== watched.hash) {
              watched.hash = present.hash;
              session.fileChanged(present.text);
              throw new Error(
                "The file was changed by another program. The changes were merged; it is saved again in a moment.",
              );
            }
            watched.hash = textHash(next);
            await notebookFiles.write(name, next);
            return { hash: watched.hash };
          },
        },
      },
    });
    session.warm();
    this.#scratchOf.set(session, () => scratch);
    return session;
  }

  /** Writes all rows of a result to a new file, which the caller removes. @throws RequestRefused for an old run. */
  async exportTable(session: object, view: TableView, format: ExportFormat): Promise<string> {
    const scratch = this.#scratchOf.get(session)?.() ?? null;
    if (scratch === null || !this.#isSession(session))
      throw new HttpError(409, "Run the cell first: its rows are not in memory.");
    const file = path.join(scratch, `export-${randomBytes(6).toString("hex")}.${format}`);
    await session.exportTable(view, format, file);
    return file;
  }

  #isSession(session: object): session is Session {
    return this.#scratchOf.has(session);
  }

  /** The session as it is when every cell is analysed; nothing is run, kept or written. `engine`: one that is there already. */
  async analyse(name: string, text: string, engine?: SessionPorts["engine"]): Promise<SessionState> {
    const session = await createSession({
      path: name,
      document: parseDocument(text).document,
      log: this.#parts.log,
      ports: {
        ...this.#ports(),
        ...(engine === undefined ? {} : { engine }),
        file: { save: async () => ({ hash: "" }) },
      },
    });
    try {
      await session.analysed();
      return session.state;
    } finally {
      await session.close();
    }
  }

  /** @throws RunRefused for arguments that do not fit. */
  run(
    name: string,
    text: string,
    wish: Pick<RunOptions, "set" | "window" | "asOf" | "cell" | "signal">,
  ): Promise<{ readonly outcome: NotebookOutcome; readonly state: SessionState }> {
    return runNotebook({
      ...wish,
      path: name,
      document: parseDocument(text).document,
      ports: this.#ports(),
      log: this.#parts.log,
      rowsOf: rowObjects,
    });
  }

  /**
   * Runs a frozen version in processes of its own, over the data as its contracts saw it. Without `asOf` over all that
   * was accepted before now. @throws RunRefused for arguments that do not fit
   */
  async runFrozen(wish: FrozenRun): Promise<RanFrozen> {
    const { frozen, name, asOf, dueAt, window, readings, signal, priority } = wish;
    const { folder, settings, configuration, log } = this.#parts;
    const packageFolder = frozen.lock === null ? folder : await thawPackages(folder, frozen.lock);
    const zone = frozen.zone ?? settings.zone;
    const ports = this.#ports({ zone });
    let snapshot = "";
    const ran = await runNotebook({
      path: name,
      document: parseDocument(frozen.text).document,
      ports: {
        ...ports,
        ...(wish.engine === undefined ? {} : { engine: wish.engine(zone) }),
        kernel: (hooks) => newKernel(folder, settings, configuration, hooks, { packageFolder, priority }),
        relations: async (at) => {
          const known = at ?? new Date().toISOString();
          const relations = await this.#data(known, contractsOf(frozen));
          snapshot = createHash("sha256").update(relations.statements.join("\n")).digest("hex");
          return mentionsMonitor(frozen.text) ? withMonitor(relations, this.#parts.monitor, known) : relations;
        },
        readings,
      },
      log,
      set: frozen.set,
      signal,
      rowsOf: rowObjects,
      mostRows: wish.mostRows,
      counted: () => (this.#rowCounts.has(snapshot) ? [] : frozen.contracts.map(({ stream }) => stream)),
      ...(asOf === null ? {} : { asOf }),
      ...(dueAt === null ? {} : { dueAt }),
      ...(frozen.cell === null ? {} : { cell: frozen.cell }),
      ...(window === null ? {} : { window: window.join("/") }),
    });
    const rows = this.#rowCounts.get(snapshot) ?? ran.rows;
    // What was interrupted counted nothing.
    if (!signal.aborted) this.#rowCounts.set(snapshot, rows);
    if (this.#rowCounts.size > MOST_COUNTED) this.#rowCounts.delete(this.#rowCounts.keys().next().value!);
    return { ...ran, rows, snapshot: snapshot.slice(0, 16) };
  }

  /** Why one kept reading has another value than the other. */
  explain(one: Kept, other: Kept, signal: AbortSignal): Promise<Explanation> {
    const { folder, settings, configuration, workspace, log, lookForDamage } = this.#parts;
    return explainReadings(one, other, {
      ports: this.#ports(),
      log,
      signal,
      folder,
      workspace,
      newEngine: (scratch, folders) => newEngine(folder, settings, scratch, folders, lookForDamage),
      program: { driftbook: configuration.version, engine: configuration.engine },
    });
  }

  /** `onScratch`: told where an engine may write. `zone`: IANA, the workspace's if absent. */
  #ports({
    onScratch = () => {},
    zone = this.#parts.settings.zone,
  }: {
    readonly onScratch?: (folder: string) => void;
    readonly zone?: string;
  } = {}): Omit<SessionPorts, "results" | "file"> {
    const { folder, configuration } = this.#parts;
    const settings = { ...this.#parts.settings, zone };
    return {
      engine: (folders) => {
        const scratch = newScratchFolder(folder);
        onScratch(scratch);
        return newEngine(folder, settings, scratch, folders, this.#parts.lookForDamage);
      },
      kernel: (hooks) => newKernel(folder, settings, configuration, hooks),
      relations: (asOf) => this.#relations(asOf),
      profiles: this.#profiles,
      readings: this.#parts.readings,
      clock: Date.now,
      randomId: () => randomBytes(8).toString("hex"),
      zone,
    };
  }

  async #relations(asOf: string | null): Promise<PinnedRelations> {
    const { workspace, monitor } = this.#parts;
    return withMonitor(await this.#data(asOf, workspace.contracts.present()), monitor, asOf);
  }

  /** Without the tables of jobs, which few versions read. */
  async #data(asOf: string | null, contracts: readonly Contract[]): Promise<PinnedRelations & { release: () => void }> {
    const { workspace, folder } = this.#parts;
    const relations = await workspace.relations(asOf, { under: contracts });
    try {
      const hashes = contracts.map(({ hash }) => hash);
      const marks = workspace.marks.list(relations.asOf);
      return {
        asOf: relations.asOf,
        statements: relations.statements,
        folders: [...relations.folders, path.join(folder, "data"), this.#parts.monitor.folder],
        streams: contracts.map(rolesOf),
        contracts: new Map(contracts.map((contract) => [contract.stream, contract as never])),
        marks,
        contentOf: (source, window) =>
          source.type === "stream" ? relations.contentOf(source.stream, window) : fileState(folder, source.path),
        surroundings: await surroundingsOf(folder, hashes, marks),
        release: () => relations.release(),
      };
    } catch (error) {
      relations.release();
      throw error;
    }
  }
}

/** Size and time of a file below the workspace; null where it is none, or several. */
function fileState(folder: string, file: string): string | null {
  const found = statSync(path.resolve(folder, file), { throwIfNoEntry: false });
  return found?.isFile() === true ? `${found.size} ${found.mtimeMs}` : null;
}
