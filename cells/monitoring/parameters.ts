import { EXPRESSION } from "./monitoring-keys.ts";

const EMBEDDED = /\$\{([^}]*)\}/g;

/** The expressions in the strings of a spec, in the order in which they stand, each once. */
export function expressionsIn(spec: unknown): string[] {
  const found = new Set<string>();
  walk(spec, (text) => {
    for (const match of text.matchAll(EMBEDDED)) found.add(match[1]!.trim());
    return text;
  });
  return [...found];
}

/**
 * The spec with its expressions filled in: a string that is one expression becomes its value, an expression inside a
 * longer string (a condition, a SQL expression) becomes a SQL literal.
 */
export function fillIn(
  spec: unknown,
  valueFor: (expression: string) => unknown,
  literalOf: (expression: string) => string,
): unknown {
  return walk(spec, (text) => {
    if (EXPRESSION.test(text)) return valueFor(/\$\{([^}]*)\}/.exec(text)![1]!.trim());
    return text.replace(EMBEDDED, (_, expression: string) => literalOf(expression.trim()));
  });
}

function walk(value: unknown, text: (text: string) => unknown): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, text));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, text)]));
}
