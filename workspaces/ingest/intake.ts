import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Contract } from "../contracts/contract.ts";
import { BodyWorkers } from "./body-workers.ts";
import { Committer, type CommitterOptions } from "./committer.ts";
import { IngestRefused } from "./ingest-errors.ts";
import type { BodyRead } from "./read-body.ts";
import { RecentEvents } from "./recent-events.ts";
import { segmentFolder } from "./segments.ts";

type LogName = "decisions" | "feedback";

export interface IntakeOptions {
  readonly folder: string;
  /** The contract of a stream as it is now; null when there is no such stream. */
  readonly contract: (stream: string) => Contract | null;
  /** Recorded time of the last event known to the catalog, microseconds; 0 when there is none. */
  readonly lastRecordedMicros: (stream: string, log: LogName) => number;
  /** After each commit: everything of this log up to here is durable. */
  readonly onCommit: (stream: string, log: LogName, lastRecordedMicros: number, events: number) => void;
  /** Retries that were recognised here and reach no segment. */
  readonly onDuplicates: (stream: string, log: LogName, count: number) => void;
  readonly onNotice: (message: string) => void;
  readonly keepFreeBytes: number;
  readonly maxBodyBytes?: number;
  readonly committer?: Pick<CommitterOptions, "segmentBytes" | "pendingBytes" | "nowMicros">;
}

export interface IntakeRequest {
  readonly stream: string;
  readonly log: LogName;
  readonly contentType: string;
  readonly contentEncoding: string | null;
  readonly idempotencyKey: string | null;
  readonly body: Buffer;
}

export interface IntakeAnswer {
  readonly accepted: number;
  /** Known at acceptance; those noticed while loading are counted on the stream. */
  readonly duplicates: number;
  readonly quarantined: readonly { readonly index: number; readonly reason: string }[];
}

interface Log {
  readonly committer: Promise<Committer>;
  readonly recent: RecentEvents;
}

export const MOST_BODY_BYTES = 64 * 1024 * 1024;

/** The way in for events: body → thread that reads and checks it → committer of its log → answer, once it is durable. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #workers = new BodyWorkers();
  readonly #logs = new Map<string, Log>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** @throws IngestRefused when nothing was kept: the stream is unknown, the body unreadable, too large, or the time is bad. */
  async accept(request: IntakeRequest): Promise<IntakeAnswer> {
    const contract = this.#options.contract(request.stream);
    if (contract === null)
      throw new IngestRefused(
        "unknown-stream",
        `there is no stream ${JSON.stringify(request.stream)}; a contract in streams/ makes one`,
      );
    const log = this.#log(request.stream, request.log);
    const maxBytes = this.#options.maxBodyBytes ?? MOST_BODY_BYTES;
    const read = await this.#workers.read({ ...request, maxBytes }, contract);
    const { fresh, duplicates } = withoutKnown(read, log.recent);
    if (fresh.count > 0 || read.refused.length > 0) {
      const committer = await log.committer;
      const refused = read.refused.map(({ index: _, ...event }) => `${JSON.stringify(event)}\n`).join("");
      await committer.commit({
        events: fresh.rows,
        eventCount: fresh.count,
        refused: Buffer.from(refused, "utf8"),
        refusedCount: read.refused.length,
      });
      log.recent.add(fresh.rows, fresh.idHashes, fresh.ends);
    }
    if (duplicates > 0) this.#options.onDuplicates(request.stream, request.log, duplicates);
    return {
      accepted: fresh.count,
      duplicates,
      quarantined: read.refused.map(({ index, reason }) => ({ index, reason })),
    };
  }

  /** Opens the logs that have segments, so that torn tails are cut off and what waits to be loaded is known. */
  async recover(): Promise<void> {
    const segments = path.join(this.#options.folder, ".driftbook", "segments");
    for (const stream of await folders(segments))
      for (const name of await folders(path.join(segments, stream))) {
        if (name !== "decisions" && name !== "feedback") continue;
        const last = (await this.#log(stream, name).committer).lastRecordedMicros;
        if (last > 0) this.#options.onCommit(stream, name, last, 0);
      }
  }

  /** Bytes accepted by threads and committers that are not on disk yet, for metrics. */
  async pendingBytes(): Promise<number> {
    let bytes = 0;
    for (const { committer } of this.#logs.values()) bytes += (await committer).pendingBytes;
    return bytes;
  }

  async close(): Promise<void> {
    await this.#workers.close();
    await Promise.all([...this.#logs.values()].map(async ({ committer }) => (await committer).close()));
    this.#logs.clear();
  }

  #log(stream: string, name: LogName): Log {
    const key = `${stream}/${name}`;
    const found = this.#logs.get(key);
    if (found !== undefined) return found;
    const { folder, keepFreeBytes, lastRecordedMicros, onCommit, onNotice, committer } = this.#options;
    const log: Log = {
      committer: Committer.open({
        folder: segmentFolder(folder, stream, name),
        afterMicros: lastRecordedMicros(stream, name),
        keepFreeBytes,
        onNotice,
        onCommit: (last, events) => onCommit(stream, name, last, events),
        ...committer,
      }),
      recent: new RecentEvents(),
    };
    this.#logs.set(key, log);
    // An open that failed is tried again by the next request; this one is told why.
    log.committer.catch(() => {
      if (this.#logs.get(key) === log) this.#logs.delete(key);
    });
    return log;
  }
}

type Rows = Pick<BodyRead, "rows" | "count" | "idHashes" | "ends">;

function withoutKnown(read: BodyRead, recent: RecentEvents): { fresh: Rows; duplicates: number } {
  const kept: number[] = [];
  for (let i = 0; i < read.count; i++) {
    const hash = read.idHashes[i]!;
    if (hash === 0 || !recent.has(hash, rowOf(read, i))) kept.push(i);
  }
  const duplicates = read.count - kept.length;
  if (duplicates === 0) return { fresh: read, duplicates };
  const pieces = kept.map((i) => rowOf(read, i));
  let end = 0;
  const fresh = {
    rows: Buffer.concat(pieces),
    count: kept.length,
    idHashes: Float64Array.from(kept, (i) => read.idHashes[i]!),
    ends: Uint32Array.from(pieces, (piece) => {
      end += piece.byteLength;
      return end;
    }),
  };
  return { fresh, duplicates };
}

const rowOf = ({ rows, ends }: BodyRead, i: number): Buffer => rows.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]!);

async function folders(parent: string): Promise<string[]> {
  try {
    const entries = await readdir(parent, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
