import { type Contract, duckType, LABEL_TYPES } from "../contracts/contract.ts";
import { quoteName, quoteText } from "./sql-text.ts";
import type { StreamShape } from "./stream-shape.ts";

export function shapeOf(contract: Contract): StreamShape {
  const silence = contract.feedback.silence;
  const named = (role: string, name: string | null): string | null =>
    name ?? (contract.features.some((feature) => feature.name === role) ? role : null);
  return {
    stream: contract.stream,
    features: contract.features.map((feature) => ({ name: feature.name, type: duckType(feature.type) })),
    entity: named("entity_id", contract.decision.entity),
    amount: named("amount", contract.decision.amount),
    labelType: LABEL_TYPES[contract.feedback.label.type],
    sources: contract.feedback.sources,
    silence:
      silence === null
        ? null
        : { means: silence.means, afterMicros: silence.afterMillis * 1000, decisions: silence.decisions },
  };
}

/** A rule that accepted rows may break and are counted by; with `strict` such rows are refused instead. */
export interface ValueRule {
  /** As counted and shown: `amount.min`. */
  readonly name: string;
  readonly column: string;
  /** SQL that is true for a row that breaks it. */
  readonly broken: string;
}

export function valueRules(contract: Contract, log: "decisions" | "feedback"): readonly ValueRule[] {
  const rules: ValueRule[] = [];
  const bounds = (column: string, min: number | null, max: number | null): void => {
    if (min !== null) rules.push({ name: `${column}.min`, column, broken: `${quoteName(column)} < ${min}` });
    if (max !== null) rules.push({ name: `${column}.max`, column, broken: `${quoteName(column)} > ${max}` });
  };
  const among = (column: string, values: readonly string[] | null): void => {
    if (values !== null)
      rules.push({
        name: `${column}.values`,
        column,
        broken: `${quoteName(column)}::VARCHAR NOT IN (${values.map(quoteText).join(", ")})`,
      });
  };
  if (log === "feedback") {
    among("label", contract.feedback.label.values);
    return rules;
  }
  bounds("score", contract.decision.score.min, contract.decision.score.max);
  among("decision", contract.decision.values);
  for (const feature of contract.features) {
    bounds(feature.name, feature.min, feature.max);
    among(feature.name, feature.values);
  }
  return rules;
}
