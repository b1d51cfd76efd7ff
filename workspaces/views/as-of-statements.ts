import path from "node:path";
import type { CatalogSnapshot, LakeLog } from "../catalog/catalog-snapshot.ts";
import { quoteName } from "../lake/sql-text.ts";
import {
  decisionColumns,
  feedbackColumns,
  LOADED_COLUMNS,
  QUARANTINE_COLUMNS,
  type ShapeColumn,
  type StreamShape,
} from "../lake/stream-shape.ts";
import { lifetimesOfParts } from "./lifetimes.ts";
import { outcomesKnown } from "./outcomes-known.ts";
import { outcomesView } from "./outcomes-view.ts";
import { partRelation } from "./part-relation.ts";

/**
 * Statements that give an engine the relations of every stream as they are at `asOfMicros`: for each stream a schema
 * with `decisions`, `feedback`, `outcomes` and `quarantine`, with the same columns and types whatever the lake holds, and
 * the macro `outcomes_known` for outcomes as they were.
 * Pure: the same snapshot, shapes and as-of give the same text. `folder` is the workspace's.
 */
export function asOfStatements(
  snapshot: CatalogSnapshot,
  shapes: readonly StreamShape[],
  asOfMicros: number,
  folder: string,
): string[] {
  const imports = new Map(snapshot.imports.map((row) => [row.number, row]));
  return shapes.flatMap((shape) => {
    const schema = quoteName(shape.stream);
    const rule = { asOfMicros, firstLiveMicros: snapshot.firstLiveMicros.get(shape.stream) ?? null, imports };
    const request = (log: LakeLog, columns: readonly ShapeColumn[]) => ({
      parts: snapshot.parts.filter((part) => part.stream === shape.stream && part.log === log && part.problem === null),
      lakeFolder: path.join(folder, ".driftbook", "lake"),
      columns,
      rule,
    });
    const decisions = request("decisions", [...decisionColumns(shape), ...LOADED_COLUMNS]);
    const feedback = request("feedback", [...feedbackColumns(shape), ...LOADED_COLUMNS]);
    return [
      `CREATE SCHEMA IF NOT EXISTS ${schema}`,
      `CREATE OR REPLACE VIEW ${schema}.decisions AS SELECT ${decisionSelection(shape)} FROM (\n${partRelation(decisions)})`,
      `CREATE OR REPLACE VIEW ${schema}.feedback AS SELECT ${FEEDBACK_SELECTION} FROM (\n${partRelation(feedback)})`,
      outcomesView(shape, asOfMicros),
      outcomesKnown({
        shape,
        asOfMicros,
        decisions: `SELECT ${decisionSelection(shape)}, db_from, db_until FROM (\n${lifetimesOfParts(decisions)})`,
        feedback: lifetimesOfParts(feedback),
      }),
      `CREATE OR REPLACE VIEW ${schema}.quarantine AS SELECT * EXCLUDE (reconstructed) FROM (\n${partRelation(request("quarantine", QUARANTINE_COLUMNS))})`,
    ];
  });
}

/** `entity_id` and `amount` repeat the features that the contract names; a feature called `amount` is itself the amount. */
function decisionSelection(shape: StreamShape): string {
  const typeOf = (feature: string): string =>
    shape.features.find((column) => column.name === feature)?.type ?? "VARCHAR";
  const entity = shape.entity === null ? "NULL::VARCHAR" : `${quoteName(shape.entity)}::${typeOf(shape.entity)}`;
  const amount = shape.amount === null ? "NULL::DOUBLE" : quoteName(shape.amount);
  // Where no role is named, a feature of that very name was taken for it by `shapeOf`.
  const roles = new Set(["amount", "entity_id"]);
  const features = shape.features.filter((column) => !roles.has(column.name)).map((column) => quoteName(column.name));
  return [
    "decision_id",
    "decided_at",
    "recorded_at",
    "known_at",
    "model",
    "model_version",
    "ruleset_version",
    `${entity} AS entity_id`,
    "score",
    "threshold",
    "decision",
    `${amount} AS amount`,
    ...features,
    "extra",
    "reconstructed",
  ].join(", ");
}

const FEEDBACK_SELECTION = [
  "feedback_id",
  "decision_id",
  "observed_at",
  "recorded_at",
  "known_at",
  "label",
  "value",
  "source",
  "reviewer",
  "inclusion_probability",
  "supersedes",
  "extra",
  "log_position",
  "reconstructed",
].join(", ");
