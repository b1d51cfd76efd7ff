/** DuckDB types are those of the columns that a feature becomes. JSON is stored as text. */
export type FeatureType =
  | { readonly kind: "number" | "integer" | "text" | "boolean" | "timestamp" | "date" | "json" }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number };

export interface Feature {
  readonly name: string;
  readonly type: FeatureType;
  readonly min: number | null;
  readonly max: number | null;
  readonly values: readonly string[] | null;
  readonly unit: string | null;
  /** Masked for viewers, absent from reports and exports. */
  readonly personal: boolean;
}

export interface LabelContract {
  readonly type: "boolean" | "text" | "number";
  readonly values: readonly string[] | null;
  readonly positive: readonly string[] | null;
}

/** A stream's contract with every default filled in. */
export interface Contract {
  readonly stream: string;
  readonly strict: boolean;
  readonly decision: {
    readonly score: { readonly min: number | null; readonly max: number | null };
    readonly values: readonly string[] | null;
    readonly positive: readonly string[];
    readonly entity: string | null;
    readonly amount: string | null;
  };
  readonly features: readonly Feature[];
  readonly feedback: {
    readonly label: LabelContract;
    /** Highest priority first. */
    readonly sources: readonly string[];
    readonly maturityMillis: number | null;
    readonly silence: {
      readonly means: string;
      readonly afterMillis: number;
      readonly decisions: readonly string[];
    } | null;
  };
  readonly latenessMillis: number;
  readonly quietAllowed: boolean;
  /** Null keeps forever. */
  readonly keepMillis: number | null;
  /** Of all that the contract says, whatever its layout: the version that rows and results name. */
  readonly hash: string;
}

export function duckType(type: FeatureType): string {
  switch (type.kind) {
    case "number":
      return "DOUBLE";
    case "integer":
      return "BIGINT";
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "text":
      return "VARCHAR";
    case "boolean":
      return "BOOLEAN";
    case "timestamp":
      return "TIMESTAMP WITH TIME ZONE";
    case "date":
      return "DATE";
    case "json":
      return "JSON";
  }
}

export const LABEL_TYPES: Readonly<Record<LabelContract["type"], string>> = {
  boolean: "BOOLEAN",
  text: "VARCHAR",
  number: "DOUBLE",
};

/** Columns that Driftbook gives every decision; a feature may not take their names, save `amount` and `entity_id`. */
export const DECISION_FIELDS = [
  "decision_id",
  "decided_at",
  "model",
  "model_version",
  "ruleset_version",
  "entity_id",
  "score",
  "threshold",
  "decision",
  "amount",
] as const;

/** Names that views give to rows; neither events nor contracts may use them. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...DECISION_FIELDS.filter((name) => name !== "amount" && name !== "entity_id"),
  ...["recorded_at", "known_at", "reconstructed", "features", "extra", "label", "label_value", "label_source"],
  ...["observed_at", "label_recorded_at", "inclusion_probability", "feedback_count", "log_position", "feedback_id"],
]);
