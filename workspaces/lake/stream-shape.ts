/**
 * What the lake needs to know of a stream: the columns its two logs are stored with and the roles that views give
 * them. Made from the contract by `shapeOf`, so that lake, views and loader do not depend on how contracts are written.
 */
export interface ShapeColumn {
  readonly name: string;
  /** DuckDB type as stored in Parquet and seen in views. JSON is stored as text and seen as JSON. */
  readonly type: string;
}

export interface SilenceRule {
  /** The label, as text that casts to the label's type. */
  readonly means: string;
  readonly afterMicros: number;
  /** Decisions that it holds for. */
  readonly decisions: readonly string[];
}

export interface StreamShape {
  readonly stream: string;
  readonly features: readonly ShapeColumn[];
  /** Features whose values `entity_id` and `amount` repeat. */
  readonly entity: string | null;
  readonly amount: string | null;
  readonly labelType: string;
  /** Highest priority first. */
  readonly sources: readonly string[];
  readonly silence: SilenceRule | null;
}

const text = (name: string): ShapeColumn => ({ name, type: "VARCHAR" });
const instant = (name: string): ShapeColumn => ({ name, type: "TIMESTAMP WITH TIME ZONE" });
const double = (name: string): ShapeColumn => ({ name, type: "DOUBLE" });

/** What the loader adds to each row of a log. `log_position` orders rows of one recorded time. */
export const LOADED_COLUMNS: readonly ShapeColumn[] = [
  instant("recorded_at"),
  instant("known_at"),
  { name: "log_position", type: "BIGINT" },
];

/** Columns of a decision as events bring them. */
export function decisionColumns(shape: StreamShape): readonly ShapeColumn[] {
  return [
    text("decision_id"),
    instant("decided_at"),
    text("model"),
    text("model_version"),
    text("ruleset_version"),
    double("score"),
    double("threshold"),
    text("decision"),
    ...shape.features,
    { name: "extra", type: "JSON" },
  ];
}

/** Columns of feedback as events bring them. */
export function feedbackColumns(shape: StreamShape): readonly ShapeColumn[] {
  return [
    text("feedback_id"),
    text("decision_id"),
    instant("observed_at"),
    { name: "label", type: shape.labelType },
    double("value"),
    text("source"),
    text("reviewer"),
    double("inclusion_probability"),
    text("supersedes"),
    { name: "extra", type: "JSON" },
  ];
}

export const QUARANTINE_COLUMNS: readonly ShapeColumn[] = [
  text("quarantine_id"),
  text("log"),
  instant("recorded_at"),
  text("kind"),
  text("reason"),
  text("source"),
  text("raw"),
  { name: "raw_is_base64", type: "BOOLEAN" },
];

export function eventColumns(shape: StreamShape, log: "decisions" | "feedback"): readonly ShapeColumn[] {
  return log === "decisions" ? decisionColumns(shape) : feedbackColumns(shape);
}

export const EVENT_TIME: Record<"decisions" | "feedback" | "quarantine", string> = {
  decisions: "decided_at",
  feedback: "observed_at",
  quarantine: "recorded_at",
};
export const EVENT_ID: Record<"decisions" | "feedback", string> = {
  decisions: "decision_id",
  feedback: "feedback_id",
};
