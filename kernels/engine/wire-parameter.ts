import type { WireParameter } from "./engine-messages.ts";
import type { SqlParameter } from "./sql-engine.ts";

/** Parameters on their way between host and engine process: JSON holds neither bigint nor NaN and infinities. */
export function toWire(parameter: SqlParameter): WireParameter {
  if (typeof parameter === "bigint") return { type: "integer", text: String(parameter) };
  if (typeof parameter === "number" && !Number.isFinite(parameter))
    return { type: "special", text: String(parameter) as "NaN" | "Infinity" | "-Infinity" };
  if (typeof parameter !== "object" || parameter === null) return parameter;
  if (parameter.type === "list") return { type: "list", items: parameter.items.map(toWire) };
  return { type: parameter.type, iso: parameter.iso };
}

export function fromWire(parameter: WireParameter): SqlParameter {
  if (typeof parameter !== "object" || parameter === null) return parameter;
  switch (parameter.type) {
    case "integer":
      return BigInt(parameter.text);
    case "special":
      return Number(parameter.text);
    case "list":
      return { type: "list", items: parameter.items.map(fromWire) };
    case "timestamp":
    case "date":
      return { type: parameter.type, iso: parameter.iso };
    default:
      return parameter satisfies never;
  }
}
