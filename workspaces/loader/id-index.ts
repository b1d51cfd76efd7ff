import { rmSync } from "node:fs";
import path from "node:path";
import { compareIds, type EntryList, IMPORT_LANE, LANES, sameContent } from "./id-entries.ts";
import { DamagedRun, IdRun, IdRunWriter } from "./id-run.ts";

/**
 * What is already loaded in one log: sorted runs on disk, newest first. Owned by the loader, which alone adds runs; the
 * catalog's transaction decides which runs exist, files without a row there are remains of a crash and are removed.
 *
 * An entry whose import was withdrawn does not hold its id: a newer run may hold it again.
 */
export const NEW = 0;
export const DUPLICATE = 1;
export const CONFLICT = 2;

const MERGE_AT = 8;

export interface RunRow {
  readonly file: string;
  readonly entries: number;
}

export class IdIndex {
  readonly folder: string;
  /** Newest first. */
  private runs: IdRun[] = [];
  private readonly isWithdrawn: (importNumber: number) => boolean;

  constructor(folder: string, isWithdrawn: (importNumber: number) => boolean) {
    this.folder = folder;
    this.isWithdrawn = isWithdrawn;
  }

  /** Opens the runs the catalog names, oldest first. Returns those that are damaged; the rest is in use. */
  open(files: readonly string[]): DamagedRun[] {
    const damaged: DamagedRun[] = [];
    for (const file of files) {
      try {
        this.add(file);
      } catch (error) {
        if (!(error instanceof DamagedRun)) throw error;
        damaged.push(error);
      }
    }
    return damaged;
  }

  get memoryBytes(): number {
    return this.runs.reduce((sum, run) => sum + run.memoryBytes, 0);
  }

  get entryCount(): number {
    return this.runs.reduce((sum, run) => sum + run.count, 0);
  }

  /**
   * Judges a batch in ascending order of id, equal ids in the order of arrival. `verdicts[i]` becomes NEW, DUPLICATE
   * or CONFLICT; within the batch the first new entry of an id stands and the later ones are measured against it.
   */
  judge(batch: EntryList, verdicts: Uint8Array): void {
    const { lanes, count } = batch;
    let first = 0;
    for (let i = 0; i < count; i++) {
      const at = i * LANES;
      if (i === 0 || compareIds(lanes, first * LANES, lanes, at) !== 0) {
        first = i;
        verdicts[i] = this.judgeAgainstRuns(lanes, at);
      } else if (verdicts[first] === NEW) {
        verdicts[i] = sameContent(lanes, first * LANES, lanes, at) ? DUPLICATE : CONFLICT;
      } else {
        // The first of equal ids was found in a run: this one is measured against the same entry.
        verdicts[i] = this.judgeAgainstRuns(lanes, at);
      }
    }
  }

  private judgeAgainstRuns(lanes: Uint32Array, at: number): number {
    for (const run of this.runs) {
      const found = run.find(lanes, at);
      if (found === null) continue;
      const importNumber = found.lanes[found.offset + IMPORT_LANE]!;
      if (importNumber !== 0 && this.isWithdrawn(importNumber)) continue;
      return sameContent(lanes, at, found.lanes, found.offset) ? DUPLICATE : CONFLICT;
    }
    return NEW;
  }

  /** Writes the new entries of a batch as a run. It counts only after `add`, once the catalog has committed its name. */
  write(batch: EntryList, verdicts: Uint8Array, file: string): RunRow | null {
    const kept = new Uint32Array(batch.count * LANES);
    let entries = 0;
    for (let i = 0; i < batch.count; i++)
      if (verdicts[i] === NEW) kept.set(batch.lanes.subarray(i * LANES, (i + 1) * LANES), entries++ * LANES);
    if (entries === 0) return null;
    const writer = new IdRunWriter(path.join(this.folder, file));
    writer.write(kept.subarray(0, entries * LANES));
    writer.finish();
    return { file, entries };
  }

  add(file: string): void {
    this.runs.unshift(IdRun.open(path.join(this.folder, file)));
  }

  /** Takes back runs that were added ahead of a commit that did not happen. */
  drop(files: readonly string[]): void {
    for (const run of this.runs.filter((one) => files.includes(path.basename(one.file)))) run.close();
    this.runs = this.runs.filter((run) => !files.includes(path.basename(run.file)));
  }

  /**
   * Neighbouring runs of like size that are worth one, oldest first; null when there is nothing to merge. Neighbours
   * only: "newest first" must stay true for ids that came again after a withdrawal.
   */
  mergeCandidate(): readonly string[] | null {
    for (let from = 0; from + MERGE_AT <= this.runs.length; from++) {
      const group = this.runs.slice(from, from + MERGE_AT);
      const largest = Math.max(...group.map((run) => run.count));
      const total = group.reduce((sum, run) => sum + run.count, 0);
      if (largest * 3 <= total) return group.map((run) => path.basename(run.file)).reverse();
    }
    return null;
  }

  /**
   * Writes the merge of `files` (oldest first) to `target`, giving way to other work between pieces by `breathe`.
   * Of equal ids only the newest entry that holds its id is kept.
   */
  async merge(files: readonly string[], target: string, breathe: () => Promise<void>): Promise<RunRow> {
    const cursors = files.map((file, age) => {
      const run = this.runs.find((one) => path.basename(one.file) === file);
      if (run === undefined)
        throw new Error(`The identity run ${JSON.stringify(file)} is not open, so it cannot be merged.`);
      return new Cursor(run, age);
    });
    let live = cursors.filter((cursor) => cursor.next());
    const writer = new IdRunWriter(path.join(this.folder, target));
    const buffer = new Uint32Array(8192 * LANES);
    let filled = 0;
    let entries = 0;
    const last = new Uint32Array(4);
    while (live.length > 0) {
      let least = live[0]!;
      for (let i = 1; i < live.length; i++) {
        const cursor = live[i]!;
        const order = compareIds(cursor.lanes, cursor.at, least.lanes, least.at);
        if (order < 0 || (order === 0 && cursor.age > least.age)) least = cursor;
      }
      const repeated = entries > 0 && compareIds(least.lanes, least.at, last, 0) === 0;
      if (!repeated) {
        buffer.set(least.lanes.subarray(least.at, least.at + LANES), filled * LANES);
        last.set(least.lanes.subarray(least.at, least.at + 4));
        filled++;
        entries++;
      }
      if (!least.next()) live = live.filter((cursor) => cursor !== least);
      if (filled === 8192) {
        writer.write(buffer);
        filled = 0;
        await breathe();
      }
    }
    writer.write(buffer.subarray(0, filled * LANES));
    writer.finish();
    return { file: target, entries };
  }

  /** Puts the merged run where its sources stood and removes their files. After the catalog committed. */
  replace(files: readonly string[], target: string): void {
    const merged = IdRun.open(path.join(this.folder, target));
    const at = this.runs.findIndex((run) => path.basename(run.file) === files[files.length - 1]);
    const gone = this.runs.splice(at, files.length, merged);
    for (const run of gone) {
      run.close();
      rmSync(run.file, { force: true });
    }
  }

  close(): void {
    for (const run of this.runs) run.close();
    this.runs = [];
  }
}

class Cursor {
  readonly age: number;
  lanes: Uint32Array = new Uint32Array(0);
  at = 0;
  private readonly pieces: Iterator<Uint32Array>;
  constructor(run: IdRun, age: number) {
    this.age = age;
    this.pieces = run.entries();
  }
  next(): boolean {
    this.at += LANES;
    if (this.at < this.lanes.length) return true;
    const piece = this.pieces.next();
    if (piece.done === true) return false;
    this.lanes = piece.value;
    this.at = 0;
    return this.lanes.length > 0;
  }
}
