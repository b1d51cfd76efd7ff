import { type Contract, duckType, type FeatureType } from "./contract.ts";

export interface ContractChange {
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
  /** True when a value stored before may not fit the new type: refused while such rows exist. */
  readonly narrowing: boolean;
}

/** What changed in the columns that two versions of one contract give. */
export function compareContracts(before: Contract, after: Contract): readonly ContractChange[] {
  const old = new Map(before.features.map((feature) => [feature.name, feature.type]));
  const now = new Map(after.features.map((feature) => [feature.name, feature.type]));
  const changes: ContractChange[] = [];
  for (const [name, type] of old) {
    const next = now.get(name);
    // A feature no longer named loses its column but no value: views show it again when the contract does.
    if (next === undefined) changes.push({ name, from: duckType(type), to: null, narrowing: false });
    else if (duckType(next) !== duckType(type))
      changes.push({ name, from: duckType(type), to: duckType(next), narrowing: !widens(type, next) });
  }
  for (const [name, type] of now)
    if (!old.has(name)) changes.push({ name, from: null, to: duckType(type), narrowing: false });
  if (before.feedback.label.type !== after.feedback.label.type)
    changes.push({
      name: "label",
      from: before.feedback.label.type,
      to: after.feedback.label.type,
      narrowing: after.feedback.label.type !== "text",
    });
  return changes;
}

/** True when every value of `from` is a value of `to`, exactly. */
function widens(from: FeatureType, to: FeatureType): boolean {
  if (to.kind === "text" || to.kind === "json") return from.kind !== "json" || to.kind === "json" || to.kind === "text";
  if (from.kind === "decimal" && to.kind === "decimal")
    return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
  if (from.kind === "integer" && to.kind === "decimal") return to.precision - to.scale >= 19;
  return from.kind === "date" && to.kind === "timestamp";
}
