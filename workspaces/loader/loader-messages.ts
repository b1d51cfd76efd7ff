import type { ImportRequest } from "../workspace-port.ts";

/** Frames between the workspace and its loader process, discriminated on `type`. */
export type LoaderRequest =
  | { readonly what: "import"; readonly request: ImportRequest }
  | { readonly what: "dry-run"; readonly request: ImportRequest }
  | { readonly what: "withdraw"; readonly importId: string }
  /** Compares all files of the lake with their checksums. */
  | { readonly what: "verify" }
  | { readonly what: "infer"; readonly file: string; readonly stream: string }
  | {
      readonly what: "quarantine-list";
      readonly stream: string;
      readonly reason: string | null;
      readonly limit: number;
      readonly offset: number;
    }
  | {
      readonly what: "quarantine-show";
      readonly stream: string;
      readonly ids: readonly string[] | null;
      readonly reason: string | null;
    }
  /** Events that the way in recognised as retries: they reach no segment, but they are counted. */
  | {
      readonly what: "count-duplicates";
      readonly stream: string;
      readonly log: "decisions" | "feedback";
      readonly count: number;
    }
  | { readonly what: "mark-replayed"; readonly stream: string; readonly ids: readonly string[] };

export type ToLoader =
  /** There is more to read. */
  | { readonly type: "poke" }
  /** The committer made everything of this log durable up to this recorded time; what is later may be cut off again. */
  | { readonly type: "durable"; readonly stream: string; readonly log: string; readonly upToMicros: number }
  | { readonly type: "request"; readonly id: number; readonly request: LoaderRequest };

export type FromLoader =
  | { readonly type: "ready" }
  /** Something was committed. */
  | { readonly type: "committed" }
  /** Loading of one log stands still until this is mended; null when it goes again. */
  | { readonly type: "problem"; readonly stream: string; readonly log: string; readonly message: string | null }
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly message: string; readonly refused: boolean };
