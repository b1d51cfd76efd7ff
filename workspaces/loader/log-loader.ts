import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Contract } from "../contracts/contract.ts";
import { segmentFolder } from "../ingest/segments.ts";
import { IdIndex } from "./id-index.ts";
import { type LoadContext, loadEvents } from "./load-events.ts";
import { rebuildIndex } from "./rebuild-index.ts";
import { nextStep, type Position, removeLoadedSegments } from "./segment-tail.ts";

/**
 * Loads one log: owns its identity index and its place in the segments. Used by one task at a time. When a step fails
 * the place stays, so the next try repeats it.
 */
export class LogLoader {
  readonly stream: string;
  readonly log: "decisions" | "feedback";
  readonly index: IdIndex;
  /** Runs that could not be read: before anything is loaded the index is made anew from the lake. */
  damagedRuns: readonly string[];
  private readonly context: LoadContext;
  private readonly folder: string;
  private readonly workspaceFolder: string;
  private position: Position;
  private runNumber = 0;

  constructor(context: LoadContext, workspaceFolder: string, stream: string, log: "decisions" | "feedback") {
    this.context = context;
    this.stream = stream;
    this.log = log;
    this.workspaceFolder = workspaceFolder;
    this.folder = segmentFolder(workspaceFolder, stream, log);
    const idFolder = path.join(workspaceFolder, ".driftbook", "ids");
    mkdirSync(idFolder, { recursive: true });
    const { database } = context;
    const withdrawn = database.prepare(
      "SELECT 1 FROM lake_imports WHERE number = ? AND state <> 'loaded' AND state <> 'loading'",
    );
    const cache = new Map<number, boolean>();
    this.forgetWithdrawals = () => cache.clear();
    this.index = new IdIndex(idFolder, (number) => {
      let is = cache.get(number);
      if (is === undefined) {
        is = withdrawn.get(number) !== undefined;
        cache.set(number, is);
      }
      return is;
    });
    const runs = database
      .prepare("SELECT file FROM lake_id_runs WHERE stream = ? AND log = ? ORDER BY position")
      .all(stream, log);
    this.damagedRuns = this.index.open(runs.map((row) => String(row.file))).map((damage) => damage.message);
    const row = database
      .prepare("SELECT segment, segment_offset FROM lake_logs WHERE stream = ? AND log = ?")
      .get(stream, log);
    this.position = {
      segment: row?.segment === undefined || row.segment === null ? null : String(row.segment),
      offset: Number(row?.segment_offset ?? 0),
    };
  }

  /** After an import changed its state. */
  readonly forgetWithdrawals: () => void;

  newRunFile = (): string =>
    `${this.stream}-${this.log}-${Date.now().toString(36)}-${process.pid}-${(this.runNumber++).toString(36)}.run`;

  /** Loads the next records; how many lines that was. @throws Error when the step failed; nothing changed then. */
  async step(contract: Contract, durableMicros: number): Promise<number> {
    if (this.damagedRuns.length > 0) await this.rebuild();
    const next = await nextStep(this.folder, this.position, durableMicros);
    const last = next?.records.at(-1);
    if (next === null || last === undefined) return 0;
    await loadEvents(this.context, {
      contract,
      log: this.log,
      records: next.records,
      index: this.index,
      position: { ...next.position, watermarkMicros: last.recordedAtMicros + last.count - 1 },
      newRunFile: this.newRunFile,
    });
    const isNewSegment = this.position.segment !== next.position.segment;
    this.position = next.position;
    if (isNewSegment) await removeLoadedSegments(this.folder, this.position);
    return next.records.reduce((sum, record) => sum + record.count, 0);
  }

  private async rebuild(): Promise<void> {
    const { context, workspaceFolder, stream, log, index } = this;
    const files = await rebuildIndex(context, workspaceFolder, stream, log, index, this.newRunFile);
    this.damagedRuns = index.open(files).map((damage) => damage.message);
    if (this.damagedRuns.length > 0) throw new Error(this.damagedRuns.join(" "));
  }

  close(): void {
    this.index.close();
  }
}
