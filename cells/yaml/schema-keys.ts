import type { z } from "zod";

type Definition = z.core.$ZodTypes["_zod"]["def"];

/**
 * The keys that a schema knows in the object at `path`; of a union those of every option, or of the one that the
 * value's discriminator names. Empty where any key may stand.
 */
export function schemaKeys(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  const [step, ...rest] = path;
  const keys = alternatives(schema).flatMap((definition): string[] => {
    if (step === undefined) {
      return definition.type === "object" && fits(definition, value) ? Object.keys(definition.shape) : [];
    }
    const inner = member(definition, step);
    return inner === null ? [] : schemaKeys(inner, rest, value);
  });
  return [...new Set(keys)];
}

/** The schema without what wraps it, each option of a union by itself. */
function alternatives(schema: z.ZodType): Definition[] {
  const definition = schema._zod.def as Definition;
  switch (definition.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "readonly":
    case "catch":
    case "nonoptional":
      return alternatives(definition.innerType as z.ZodType);
    case "pipe":
      return alternatives(definition.in as z.ZodType);
    case "lazy":
      return alternatives(definition.getter() as z.ZodType);
    case "union":
      return definition.options.flatMap((option) => alternatives(option as z.ZodType));
    default:
      return [definition];
  }
}

function member(definition: Definition, step: PropertyKey): z.ZodType | null {
  if (definition.type === "object") return (definition.shape[String(step)] as z.ZodType | undefined) ?? null;
  if (definition.type === "record") return definition.valueType as z.ZodType;
  if (definition.type === "array") return definition.element as z.ZodType;
  return null;
}

/** False when one of the shape's literals says that another option was meant. */
function fits(definition: Extract<Definition, { type: "object" }>, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(definition.shape).every(([key, inner]) => {
    const literal = inner._zod.def as Definition;
    if (literal.type !== "literal" || !Object.hasOwn(value, key)) return true;
    return (literal.values as readonly unknown[]).includes((value as Record<string, unknown>)[key]);
  });
}
