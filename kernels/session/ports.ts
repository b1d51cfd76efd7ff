import type { Mark } from "../../cells/monitoring/mark.ts";
import type { StreamRoles } from "../../cells/monitoring/stream-roles.ts";
import type { Measurement, MeasurementDraft } from "../../cells/results/measurement.ts";
import type { Reading } from "../../cells/results/reading.ts";
import type { SqlEngine } from "../engine/sql-engine.ts";
import type { Profiles } from "../monitoring/profiles.ts";
import type { TypeScriptKernel, TypeScriptKernelConfiguration } from "../typescript/typescript-kernel.ts";

/** All that a session needs from the outside; tests give quiet ones that start no process. */
export interface SessionPorts {
  /** A new engine that is not started yet; asked again after one ended. `folders`: what SQL may read, absolute. */
  readonly engine: (folders: readonly string[]) => SqlEngine;
  /** A new kernel that is not started yet; asked again after one ended. The hooks are the session's. */
  readonly kernel: (hooks: KernelHooks) => TypeScriptKernel;
  /** The data at an as-of, or at the newest possible for null. @throws Error with a sentence when that is in the future. */
  readonly relations: (asOf: string | null) => Promise<PinnedRelations>;
  /** What a notebook shows after a restart; absent: none is kept. */
  readonly results?: ResultsStore;
  /** Kept counts of monitoring cells; absent: none are kept. */
  readonly profiles?: ProfileStore;
  /** Readings with all that is needed to derive them again; absent: none are kept. */
  readonly readings?: ReadingKeeper;
  readonly file: NotebookFile;
  /** Milliseconds since 1970, UTC. */
  readonly clock: () => number;
  /** A new random id of letters and digits. */
  readonly randomId: () => string;
  /** IANA name: relative windows are resolved in it. */
  readonly zone: string;
}

export type KernelHooks = Pick<TypeScriptKernelConfiguration, "onQuery" | "onMeasure" | "onRedrawn">;

export interface PinnedRelations {
  /** ISO 8601, UTC: what was asked for, or the watermark. */
  readonly asOf: string;
  /** Views and macros that make this data visible, in order. */
  readonly statements: readonly string[];
  readonly folders: readonly string[];
  /** Changes with the rows of a stream's decisions, or of a file, in the window; null where that cannot be told. */
  readonly contentOf?: Profiles["contentOf"];
  /** What the contracts say that monitoring needs. */
  readonly streams: readonly StreamRoles[];
  /** The contracts themselves, as readings keep them; by stream. */
  readonly contracts?: ReadonlyMap<string, Contract>;
  /** That count at the as-of. */
  readonly marks: readonly Mark[];
  /** Changes with anything else that results depend on: contracts, marks, package lock, data files. */
  readonly surroundings: string;
  /** Called when the session sees another as-of or ends: what the statements name may go from then on. */
  readonly release?: () => void;
}

/** Small named pieces of one notebook, kept until they are replaced. Names are letters, digits and hyphens. */
export interface ResultsStore {
  readonly load: (name: string) => Promise<Uint8Array | null>;
  /** Atomic; null removes the piece. */
  readonly keep: (name: string, bytes: Uint8Array | null) => Promise<void>;
}

type Contract = Measurement["contracts"][number]["contract"];

/** Readings outlive their session: a number in a report must say where it came from next year. */
export interface ReadingKeeper {
  /** The same run again adds nothing. */
  readonly keep: (draft: MeasurementDraft, readings: readonly Reading[]) => Promise<void>;
  /** What this cell measured last, as of another time or over another window than this one. */
  readonly before: (
    draft: Pick<MeasurementDraft, "notebook" | "cell" | "asOf" | "window">,
  ) => Promise<{ readonly measurement: Measurement; readonly readings: readonly Reading[] } | null>;
}

export type ProfileStore = Pick<Profiles, "load" | "keep">;

export interface NotebookFile {
  /** Writes the whole text atomically. @returns its hash, which `saved` operations carry. */
  readonly save: (text: string) => Promise<{ readonly hash: string }>;
}

/** For what the session did not cause and nobody else would hear of. */
export interface SessionLog {
  readonly write: (level: "info" | "error", message: string, fields: Readonly<Record<string, unknown>>) => void;
}
