export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue };

const DEEPEST = 200;

/**
 * A value of a cell as JSON, by the rules of every table and result: integers beyond 2^53 as text, NaN and infinities
 * as text, times ISO 8601 UTC, bytes hexadecimal, sets and typed arrays as lists, maps with text keys as objects.
 * What JSON has no form for (functions, symbols, a cycle, nesting beyond 200) becomes null. Getters that throw throw.
 */
export function toJson(value: unknown): JsonValue {
  return convert(value, []);
}

function convert(value: unknown, within: readonly object[]): JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
    case "object":
      return value === null || within.length >= DEEPEST || within.includes(value)
        ? null
        : convertObject(value, [...within, value]);
    case "undefined":
    case "function":
    case "symbol":
      return null;
  }
}

function convertObject(value: object, within: readonly object[]): JsonValue {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (value instanceof Map) {
    if ([...value.keys()].every((key) => typeof key === "string")) return record(value.entries(), within);
    return Array.from(value, ([key, inner]) => ({ key: convert(key, within), value: convert(inner, within) }));
  }
  if (Array.isArray(value) || value instanceof Set || (ArrayBuffer.isView(value) && Symbol.iterator in value)) {
    return Array.from(value as Iterable<unknown>, (item) => convert(item, within));
  }
  if ("toJSON" in value && typeof value.toJSON === "function") return convert(value.toJSON(), within);
  return record(Object.entries(value), within);
}

/** Own properties whatever their name: `__proto__` too. */
function record(entries: Iterable<[string, unknown]>, within: readonly object[]): JsonValue {
  return Object.fromEntries(Array.from(entries, ([name, inner]) => [name, convert(inner, within)]));
}
