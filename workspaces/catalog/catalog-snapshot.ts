import type { LogName } from "../../cells/wire/http-streams.ts";

/** The two logs of a stream, and what was refused on the way into them. */
export type LakeLog = LogName | "quarantine";

export interface LogState {
  readonly stream: string;
  readonly log: LakeLog;
  /** Every record with a recorded time up to here is loaded. 0 before the first. */
  readonly watermarkMicros: number;
  readonly lastRecordedMicros: number | null;
  /** Latest event time loaded. */
  readonly eventMaxMicros: number | null;
}

/** A column as it stands in the file of a part: name and DuckDB type. */
export interface PartColumn {
  readonly name: string;
  readonly type: string;
}

/** One Parquet file of the lake. `path` is relative to `.driftbook/lake`, with `/`. Event times may be null in quarantine. */
export interface Part {
  readonly id: number;
  readonly stream: string;
  readonly log: LakeLog;
  readonly path: string;
  /** Event day (UTC, ISO) of a compacted part; null for one under `recent/`. */
  readonly day: string | null;
  readonly rows: number;
  readonly bytes: number;
  /** Of the whole file; null when it was written before checksums were kept. */
  readonly crc32: number | null;
  readonly eventMinMicros: number | null;
  readonly eventMaxMicros: number | null;
  readonly recordedMinMicros: number | null;
  readonly recordedMaxMicros: number | null;
  /** All rows of a part come from one import, or none from any (null). */
  readonly importNumber: number | null;
  readonly columns: readonly PartColumn[];
  /** Set when the file was found missing or damaged; views leave it out. */
  readonly problem: string | null;
}

export interface ImportRow {
  readonly number: number;
  readonly id: string;
  readonly stream: string;
  readonly log: LogName;
  readonly state: "loading" | "loaded" | "withdrawn" | "failed";
  readonly files: readonly string[];
  readonly select: string | null;
  readonly history: boolean;
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly startedMicros: number;
  readonly endedMicros: number | null;
  readonly recordedMicros: number | null;
  readonly withdrawnMicros: number | null;
  readonly problem: string | null;
}

/** What the lake consists of at one moment. Its files stay on disk while a lease taken before a replacement lasts. */
export interface CatalogSnapshot {
  readonly logs: readonly LogState[];
  readonly parts: readonly Part[];
  readonly imports: readonly ImportRow[];
  /** Recorded time of the first row of a stream that is not history; absent before it. */
  readonly firstLiveMicros: ReadonlyMap<string, number>;
  readonly takenAtMillis: number;
}
