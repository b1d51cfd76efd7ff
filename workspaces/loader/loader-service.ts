import { readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { DuckDBConnection } from "../../kernels/duckdb/duckdb.ts";
import { catalogSnapshot, openCatalogDatabase } from "../catalog/catalog.ts";
import { commitRunMerge, markParts } from "../catalog/catalog-writer.ts";
import { PartInspector } from "../lake/part-problems.ts";
import { verifyParts } from "../lake/verify-parts.ts";
import { writeManifests } from "../lake/write-manifests.ts";
import { type CompactionStep, compact, nextCompaction } from "./compact-parts.ts";
import { openLakeEngine } from "./lake-engine.ts";
import type { LoadContext } from "./load-events.ts";
import { LogLoader } from "./log-loader.ts";
import { ContractFiles } from "./read-contracts.ts";
import { deleteReplaced, removeRemains, retireOld } from "./retire-files.ts";
import { WorkLane } from "./work-lanes.ts";

export interface LoaderOptions {
  readonly folder: string;
  readonly threads: number;
  /** Where times without offset in files are. */
  readonly zone: string;
  readonly onCommitted: () => void;
  readonly onProblem: (stream: string, log: string, message: string | null) => void;
}

const POLL_MILLIS = 300;
const FEW_LINES = 20_000;
const GATHER_MILLIS = 250;
const RETRY_MILLIS = 2000;
const HOUSEKEEPING_MILLIS = 60_000;
const MANIFEST_MILLIS = 2000;

/**
 * The one writer of the lake. Two lanes: what changes identity (loading, imports, withdrawals) runs in `writing`, one
 * task at a time; rewriting parts, merging runs and deleting files runs beside it in `upkeep`, since it changes no row.
 * It dies by `close`, or at any moment: every step counts with its catalog transaction only.
 */
export class LoaderService {
  readonly options: LoaderOptions;
  readonly context: LoadContext;
  readonly contracts: ContractFiles;
  readonly writing: WorkLane = new WorkLane();
  private readonly upkeep = new WorkLane();
  private readonly upkeepConnection: DuckDBConnection;
  private readonly loaders = new Map<string, LogLoader>();
  private readonly durable = new Map<string, number>();
  private readonly problems = new Map<string, string>();
  private readonly life = new AbortController();
  private wake: PromiseWithResolvers<void> = Promise.withResolvers();
  private urgent: PromiseWithResolvers<void> = Promise.withResolvers();
  private manifestsDue = true;
  private verifying: Promise<void> | null = null;
  private closeEngine: () => void;

  private constructor(options: LoaderOptions, context: LoadContext, upkeepConnection: DuckDBConnection) {
    this.options = options;
    this.context = context;
    this.contracts = new ContractFiles(options.folder);
    this.upkeepConnection = upkeepConnection;
    this.closeEngine = () => context.engine.close();
  }

  static async open(options: LoaderOptions): Promise<LoaderService> {
    const state = path.join(options.folder, ".driftbook");
    const database = openCatalogDatabase(options.folder);
    const lakeFolder = path.join(state, "lake");
    removeRemains(database, lakeFolder, path.join(state, "ids"));
    database.exec(
      "UPDATE lake_imports SET state = 'failed', problem = 'The loader ended while it was loading; nothing of it counts.' WHERE state = 'loading'",
    );
    const engine = await openLakeEngine(path.join(state, "scratch", "loader"), options.threads);
    return new LoaderService(options, { engine, database, lakeFolder }, await engine.connect());
  }

  /** Works until `close`. */
  async run(): Promise<void> {
    const housekeeping = this.housekeep();
    while (!this.life.signal.aborted) {
      let lines = 0;
      this.urgent = Promise.withResolvers();
      for (const loader of this.logs()) lines += await this.writing.run(() => this.stepOf(loader));
      if (lines > 0) {
        this.options.onCommitted();
        this.manifestsDue = true;
        if (this.upkeep.isIdle) void this.upkeep.run(() => this.tidy());
        // A trickle is gathered for a moment: a part for each few events costs more than it is worth.
        if (lines < FEW_LINES) await Promise.race([this.urgent.promise, delay(GATHER_MILLIS)]);
        continue;
      }
      this.wake = Promise.withResolvers();
      await Promise.race([this.wake.promise, delay(this.problems.size > 0 ? RETRY_MILLIS : POLL_MILLIS)]);
    }
    await housekeeping;
  }

  /** Somebody waits for what is there. */
  poke(): void {
    this.urgent.resolve();
    this.wake.resolve();
  }

  /** Records of this log up to this recorded time are on disk for good. */
  durableUpTo(stream: string, log: string, micros: number): void {
    this.durable.set(`${stream}/${log}`, micros);
    this.wake.resolve();
  }

  /** Loads everything there is now. @throws Error when a log cannot be loaded. */
  async catchUp(): Promise<void> {
    for (const loader of this.logs()) while ((await this.writing.run(() => this.stepOf(loader))) > 0);
    const [problem] = this.problems.values();
    if (problem !== undefined) throw new Error(problem);
    writeManifests(catalogSnapshot(this.context.database), this.context.lakeFolder);
  }

  loader(stream: string, log: "decisions" | "feedback"): LogLoader {
    const key = `${stream}/${log}`;
    let loader = this.loaders.get(key);
    if (loader === undefined) {
      loader = new LogLoader(this.context, this.options.folder, stream, log);
      this.loaders.set(key, loader);
    }
    return loader;
  }

  /** Finds parts that no longer match their checksum; from then on they are left out, and named. */
  verify(): Promise<void> {
    this.verifying ??= this.verifyNow().finally(() => {
      this.verifying = null;
    });
    return this.verifying;
  }

  private async verifyNow(): Promise<void> {
    const { database, lakeFolder } = this.context;
    const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
    const changed = await verifyParts(catalogSnapshot(database).parts, lakeFolder, breathe);
    if (changed.size === 0) return;
    markParts(database, changed);
    this.committed();
  }

  /** Opens a log's index anew, after its runs were rebuilt. */
  reopen(stream: string, log: "decisions" | "feedback"): void {
    const key = `${stream}/${log}`;
    this.loaders.get(key)?.close();
    this.loaders.delete(key);
  }

  committed(): void {
    for (const loader of this.loaders.values()) loader.forgetWithdrawals();
    writeManifests(catalogSnapshot(this.context.database), this.context.lakeFolder);
    this.options.onCommitted();
    if (this.upkeep.isIdle) void this.upkeep.run(() => this.tidy());
  }

  async close(): Promise<void> {
    this.life.abort();
    this.poke();
    await this.writing.settled();
    await this.upkeep.settled();
    for (const loader of this.loaders.values()) loader.close();
    this.closeEngine();
    this.context.database.close();
  }

  private logs(): LogLoader[] {
    const found: LogLoader[] = [];
    const segments = path.join(this.options.folder, ".driftbook", "segments");
    for (const stream of namesIn(segments))
      for (const log of namesIn(path.join(segments, stream)))
        if (log === "decisions" || log === "feedback") found.push(this.loader(stream, log));
    return found;
  }

  private async stepOf(loader: LogLoader): Promise<number> {
    const key = `${loader.stream}/${loader.log}`;
    if (loader.damagedRuns.length > 0 && !this.problems.has(key)) {
      const message = `${loader.damagedRuns.join(" ")} The identity index of ${loader.stream}.${loader.log} is made anew from the lake.`;
      this.problems.set(key, message);
      this.options.onProblem(loader.stream, loader.log, message);
    }
    try {
      const contract = this.contracts.current().get(loader.stream);
      if (contract === undefined)
        throw new Error(
          `Events of the stream ${JSON.stringify(loader.stream)} wait for its contract: streams/${loader.stream}.yaml is missing or does not parse.`,
        );
      const loaded = await loader.step(contract, this.durable.get(key) ?? Number.MAX_SAFE_INTEGER);
      if (this.problems.delete(key)) this.options.onProblem(loader.stream, loader.log, null);
      return loaded;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.problems.get(key) !== message) this.options.onProblem(loader.stream, loader.log, message);
      this.problems.set(key, message);
      return 0;
    }
  }

  /** Joins parts and runs until nothing is worth it. A failure is told and tried again with the next load. */
  private async tidy(): Promise<void> {
    try {
      for (;;) {
        if (this.life.signal.aborted) return;
        const snapshot = new PartInspector(this.options.folder).inspect(catalogSnapshot(this.context.database));
        const step = nextCompaction(snapshot.parts);
        if (step === null) break;
        await this.compactOrVerify(step);
      }
      for (const loader of this.loaders.values()) await this.mergeRuns(loader);
      if (this.problems.delete("upkeep")) this.options.onProblem("*", "upkeep", null);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.problems.set("upkeep", message);
      this.options.onProblem("*", "upkeep", message);
    }
  }

  /** A part that cannot be read is looked for, so that the others are joined without it. */
  private async compactOrVerify(step: CompactionStep): Promise<void> {
    const { database, lakeFolder } = this.context;
    try {
      await compact(this.upkeepConnection, database, lakeFolder, step);
    } catch (error) {
      const before = catalogSnapshot(database).parts.filter(({ problem }) => problem !== null).length;
      await this.verify();
      const after = catalogSnapshot(database).parts.filter(({ problem }) => problem !== null).length;
      if (after === before) throw error;
    }
  }

  private async mergeRuns(loader: LogLoader): Promise<void> {
    for (let files = loader.index.mergeCandidate(); files !== null; files = loader.index.mergeCandidate()) {
      if (this.life.signal.aborted) return;
      const merged = await loader.index.merge(
        files,
        loader.newRunFile(),
        () => new Promise((resolve) => setImmediate(resolve)),
      );
      commitRunMerge(this.context.database, files, merged);
      loader.index.replace(files, merged.file);
    }
  }

  private async housekeep(): Promise<void> {
    let last = 0;
    while (!this.life.signal.aborted) {
      await delay(MANIFEST_MILLIS, undefined, { signal: this.life.signal }).catch(() => undefined);
      if (this.life.signal.aborted) return;
      const { database, lakeFolder } = this.context;
      if (this.manifestsDue) {
        this.manifestsDue = false;
        writeManifests(catalogSnapshot(database), lakeFolder);
      }
      const now = Date.now();
      if (now - last < HOUSEKEEPING_MILLIS) continue;
      last = now;
      retireOld(database, catalogSnapshot(database), this.contracts.current(), now);
      deleteReplaced(database, lakeFolder, now);
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
