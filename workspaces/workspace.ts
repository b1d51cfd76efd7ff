import { existsSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { DryRunView, ImportView, InferenceView } from "../cells/wire/http-streams.ts";
import { type BackupDone, writeBackup } from "./backup/write-backup.ts";
import { catalogSnapshot, openCatalogDatabase } from "./catalog/catalog.ts";
import { endLeases } from "./catalog/lake-leases.ts";
import { streamFigures } from "./catalog/stream-figures.ts";
import type { Contract } from "./contracts/contract.ts";
import { ContractList } from "./contracts/contract-list.ts";
import { importView } from "./imports/import-view.ts";
import { DuplicateCounts } from "./ingest/duplicate-counts.ts";
import { Intake } from "./ingest/intake.ts";
import { segmentFolder } from "./ingest/segments.ts";
import { PartInspector } from "./lake/part-problems.ts";
import { isoFromMicros, microsFromIso } from "./lake/sql-text.ts";
import { Loader } from "./loader/loader.ts";
import { bytesBehind } from "./loader/segment-tail.ts";
import { MarkStore, newestMarkMicros } from "./marks/mark-store.ts";
import { replayEvents } from "./quarantine/replay.ts";
import { asOfRelations, problemsOf } from "./views/as-of-relations.ts";
import { comparedRelations } from "./views/compared-relations.ts";
import { lockWorkspace } from "./workspace-lock.ts";
import type {
  Imports,
  Marks,
  QuarantineDetail,
  QuarantineStore,
  Relations,
  StreamFigures,
  WorkspaceHealth,
} from "./workspace-port.ts";

export interface WorkspaceOptions {
  /** IANA name; times without offset in files are in it. */
  readonly zone: string;
  readonly keepFreeBytes: number;
  /** What somebody should know and nobody asked for: a torn segment, a loader that ended. */
  readonly onNotice: (message: string) => void;
}

/**
 * A workspace's logs, owned by this process: contracts, the way in, the loader, and the relations at an as-of. One
 * process at a time (`.driftbook/lock`). `close` waits for what was accepted to be on disk, and ends the loader.
 */
export interface Workspace {
  readonly folder: string;
  readonly contracts: ContractList;
  readonly intake: Intake;
  readonly imports: Imports;
  readonly quarantine: QuarantineStore;
  readonly marks: Marks;
  /** Time up to which every accepted event is loaded, ISO 8601; null before the first. */
  watermark(): string | null;
  /** Events accepted over HTTP after this time, of the last ten thousand groups. */
  countNewer(asOf: string): number;
  /**
   * Under the present contracts, or under others. @throws Error with a sentence when the time is in the future, or loading does not
   * get there in `waitMillis`.
   */
  relations(
    asOf: string | null,
    options?: { readonly waitMillis?: number; readonly under?: readonly Contract[] },
  ): Promise<Relations>;
  /** At a time that is loaded, under contracts that need not be the present ones. */
  relationsUnder(asOf: string, contracts: readonly Contract[]): Relations;
  /** See `comparedRelations`. */
  compared(before: string, after: string, contracts: readonly Contract[]): ReturnType<typeof comparedRelations>;
  /** Waits until everything accepted before this call is loaded. */
  caughtUp(waitMillis: number): Promise<void>;
  figures(stream: string): StreamFigures | null;
  health(): WorkspaceHealth;
  /** Compares every file of the lake with its checksum. Those that differ are named in `health` and left out of relations. */
  verify(): Promise<void>;
  /** The whole workspace as one file. @throws Error when the file exists or cannot be written. */
  backup(file: string): Promise<BackupDone>;
  /** Measures the lag that `health` tells. */
  measureLag(): Promise<number>;
  close(): Promise<void>;
}

const POLL_MILLIS = 20;
const MOST_ARRIVALS = 10_000;
const WAIT_MILLIS = 30_000;

/** @throws Error when the folder is no workspace, another process owns it, or a newer Driftbook wrote it. */
export async function openWorkspace(folder: string, options: WorkspaceOptions): Promise<Workspace> {
  if (!existsSync(path.join(folder, "driftbook.yaml")))
    throw new Error(
      `${JSON.stringify(folder)} is no workspace: it has no driftbook.yaml. Make one with driftbook init.`,
    );
  const unlock = lockWorkspace(folder);
  try {
    const database = openCatalogDatabase(folder);
    endLeases(database);
    const contracts = new ContractList(folder);
    const loader = new Loader({ folder, zone: options.zone, onCommitted: () => {}, onNotice: options.onNotice });
    const workspace = new OpenWorkspace({ folder, options, database, contracts, loader, unlock });
    await workspace.intake.recover();
    return workspace;
  } catch (error) {
    unlock();
    throw error;
  }
}

interface Parts {
  readonly folder: string;
  readonly options: WorkspaceOptions;
  readonly database: ReturnType<typeof openCatalogDatabase>;
  readonly contracts: ContractList;
  readonly loader: Loader;
  readonly unlock: () => void;
}

type LogName = "decisions" | "feedback";

class OpenWorkspace implements Workspace {
  readonly folder: string;
  readonly contracts: ContractList;
  readonly intake: Intake;
  readonly imports: Imports;
  readonly quarantine: QuarantineStore;
  readonly marks: Marks;
  readonly #parts: Parts;
  /** Last recorded time committed by this process, by `stream/log`. */
  readonly #duplicates: DuplicateCounts;
  readonly #committed = new Map<string, number>();
  #lagBytes = 0;
  readonly #arrivals: { readonly micros: number; readonly events: number }[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.folder = parts.folder;
    this.contracts = parts.contracts;
    const { loader, contracts, options, database } = parts;
    this.marks = new MarkStore(database, () => this.#watermarkMicros());
    this.#duplicates = new DuplicateCounts(
      (stream, log, count) => loader.request({ what: "count-duplicates", stream, log, count }),
      (error) => options.onNotice(`Duplicates were not counted yet: ${String(error)}`),
    );
    this.intake = new Intake({
      folder: parts.folder,
      contract: (stream) => contracts.get(stream),
      lastRecordedMicros: (stream, log) => this.#lastRecorded(stream, log),
      onCommit: (stream, log, last, events) => {
        this.#committed.set(`${stream}/${log}`, last);
        this.#arrivals.push({ micros: last, events });
        if (this.#arrivals.length > MOST_ARRIVALS) this.#arrivals.splice(0, MOST_ARRIVALS / 2);
        loader.durable(stream, log, last);
      },
      onDuplicates: (stream, log, count) => this.#duplicates.add(stream, log, count),
      onNotice: options.onNotice,
      keepFreeBytes: options.keepFreeBytes,
    });
    const ask = async <T>(request: Parameters<Loader["request"]>[0]): Promise<T> =>
      (await loader.request(request)) as T;
    const rows = () => catalogSnapshot(database).imports.map(importView);
    this.imports = {
      load: (request) => ask<ImportView>({ what: "import", request }),
      dryRun: (request) => ask<DryRunView>({ what: "dry-run", request }),
      list: (stream) => rows().filter((row) => stream === undefined || row.stream === stream),
      show: (id) => rows().find((row) => row.id === id) ?? null,
      withdraw: (importId) => ask<ImportView>({ what: "withdraw", importId }),
      infer: (file, stream) => ask<InferenceView>({ what: "infer", file, stream }),
    };
    const shown = (stream: string, ids: readonly string[] | null, reason: string | null) =>
      ask<QuarantineDetail[]>({ what: "quarantine-show", stream, ids, reason });
    this.quarantine = {
      list: ({ stream, reason, limit, offset }) =>
        ask({ what: "quarantine-list", stream, reason: reason ?? null, limit: limit ?? 100, offset: offset ?? 0 }),
      show: async (stream, id) => (await shown(stream, [id], null))[0] ?? null,
      replay: async (stream, { ids, reason }) => {
        const contract = contracts.get(stream);
        if (contract === null) throw new Error(`There is no stream ${JSON.stringify(stream)} with a valid contract.`);
        const done = await replayEvents(await shown(stream, ids ?? null, reason ?? null), contract, this.intake);
        if (done.accepted.length > 0) await ask({ what: "mark-replayed", stream, ids: done.accepted });
        return { replayed: done.accepted.length, stillRefused: done.stillRefused };
      },
    };
  }

  watermark(): string | null {
    const micros = this.#watermarkMicros();
    return micros === 0 ? null : isoFromMicros(micros);
  }

  countNewer(asOf: string): number {
    const micros = microsFromIso(asOf);
    let count = 0;
    for (const arrival of this.#arrivals) if (arrival.micros > micros) count += arrival.events;
    return count;
  }

  async relations(
    asOf: string | null,
    { waitMillis = WAIT_MILLIS, under }: { readonly waitMillis?: number; readonly under?: readonly Contract[] } = {},
  ): Promise<Relations> {
    const { database, folder, contracts } = this.#parts;
    const nowMicros = Date.now() * 1000;
    const micros = asOf === null ? this.#watermarkMicros() || nowMicros : microsFromIso(asOf);
    if (micros > nowMicros + 1_000_000)
      throw new Error(`The as-of ${asOf} is in the future; ask for a time up to now, ${isoFromMicros(nowMicros)}.`);
    if (asOf !== null) await this.#loadedUpTo(micros, waitMillis);
    return asOfRelations(database, folder, under ?? contracts.present(), micros);
  }

  relationsUnder(asOf: string, contracts: readonly Contract[]): Relations {
    const { database, folder } = this.#parts;
    return asOfRelations(database, folder, contracts, microsFromIso(asOf));
  }

  compared(before: string, after: string, contracts: readonly Contract[]): ReturnType<typeof comparedRelations> {
    const { database, folder } = this.#parts;
    return comparedRelations(database, folder, contracts, microsFromIso(before), microsFromIso(after));
  }

  async caughtUp(waitMillis: number): Promise<void> {
    await this.#loadedUpTo(Number.MAX_SAFE_INTEGER, waitMillis);
  }

  figures(stream: string): StreamFigures | null {
    return streamFigures(this.#parts.database, stream, Date.now());
  }

  health(): WorkspaceHealth {
    const { loader, database, folder } = this.#parts;
    return {
      loader: loader.state,
      loaderRestarts: loader.restarts,
      loaderProblem: loader.problem,
      problems: problemsOf(new PartInspector(folder).inspect(catalogSnapshot(database))),
      lagBytes: this.#lagBytes,
    };
  }

  async verify(): Promise<void> {
    await this.#parts.loader.request({ what: "verify" });
  }

  backup(file: string): Promise<BackupDone> {
    return writeBackup(this.folder, this.#parts.database, file);
  }

  async measureLag(): Promise<number> {
    const positions = this.#parts.database.prepare("SELECT stream, log, segment, segment_offset FROM lake_logs").all();
    let bytes = 0;
    for (const row of positions)
      if (row.log !== "quarantine")
        bytes += await bytesBehind(segmentFolder(this.folder, String(row.stream), String(row.log)), {
          segment: row.segment === null ? null : String(row.segment),
          offset: Number(row.segment_offset),
        });
    this.#lagBytes = bytes;
    return bytes;
  }

  async close(): Promise<void> {
    await this.intake.close();
    await this.#duplicates.close();
    await this.#parts.loader.close();
    this.#parts.database.close();
    this.#parts.unlock();
  }

  /** By `stream/log`: recorded time up to which all is loaded. */
  #loaded(): Map<string, number> {
    return new Map(
      this.#parts.database
        .prepare("SELECT stream, log, watermark_micros FROM lake_logs WHERE log <> 'quarantine'")
        .all()
        .map((row) => [`${row.stream}/${row.log}`, Number(row.watermark_micros)]),
    );
  }

  /** Where a log is behind, what is loaded of it bounds the watermark; else the newest recorded time of all does. */
  #watermarkMicros(): number {
    const loaded = this.#loaded();
    const newest = Number(
      // A withdrawal is news as well, as are marks: what is asked from then on must not see its rows.
      this.#parts.database
        .prepare(
          "SELECT max(coalesce((SELECT max(last_recorded_micros) FROM lake_logs), 0), coalesce((SELECT max(withdrawn_micros) FROM lake_imports), 0)) AS newest",
        )
        .get()?.newest ?? 0,
    );
    const behind: number[] = [];
    for (const [log, last] of this.#committed) {
      const upTo = loaded.get(log) ?? 0;
      if (upTo < last) behind.push(upTo);
    }
    const complete = Math.max(newest, newestMarkMicros(this.#parts.database), ...loaded.values());
    // The rows of an import that is being written will stand at its recorded time: no as-of may pass that before.
    for (const row of this.#parts.database
      .prepare(
        "SELECT recorded_micros AS micros FROM lake_imports WHERE state = 'loading' AND recorded_micros IS NOT NULL",
      )
      .all())
      behind.push(Number(row.micros) - 1);
    return behind.length === 0 ? complete : Math.max(0, Math.min(complete, ...behind));
  }

  async #loadedUpTo(micros: number, waitMillis: number): Promise<void> {
    const wanted = [...this.#committed].map(([log, last]) => [log, Math.min(last, micros)] as const);
    const deadline = performance.now() + waitMillis;
    for (;;) {
      const loaded = this.#loaded();
      const late = wanted.find(([log, upTo]) => (loaded.get(log) ?? 0) < upTo);
      if (late === undefined) return;
      if (performance.now() > deadline)
        throw new Error(
          `The log ${late[0]} is loaded up to ${isoFromMicros(loaded.get(late[0]) ?? 0)} only. ${this.#parts.loader.problem ?? "Try again in a moment."}`,
        );
      this.#parts.loader.poke();
      await delay(POLL_MILLIS);
    }
  }

  #lastRecorded(stream: string, log: LogName): number {
    const row = this.#parts.database
      .prepare("SELECT last_recorded_micros AS last FROM lake_logs WHERE stream = ? AND log = ?")
      .get(stream, log);
    return Number(row?.last ?? 0);
  }
}
