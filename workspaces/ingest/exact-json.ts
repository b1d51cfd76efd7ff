/** A number whose digits a double cannot hold: kept as written, for integer and decimal columns. */
export class ExactNumber {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.digits);
  }
}

const LONG_DIGITS = /\d{16}/;

/**
 * Parses one event without losing anything that JSON.parse would: integers beyond 2^53 and long decimals stay exact,
 * and a key that stands twice is an error. The slow exact way is taken only when a cheap look says it may matter.
 * @throws Error with a sentence.
 */
export function parseEvent(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (LONG_DIGITS.test(text)) value = JSON.parse(text, exactReviver);
  if (countKeys(value) !== countColons(text)) refuseDuplicateKeys(text);
  return value;
}

function exactReviver(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined || !LONG_DIGITS.test(source)) return value;
  return /^-?\d+(\.\d+)?$/.test(source) && String(value) !== source ? new ExactNumber(source) : value;
}

/** Keys at every level; strings with `":` inside make the counts differ, which costs time and nothing else. */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item);
    return count;
  }
  for (const key in value) {
    count += 1;
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === "object") count += countKeys(inner);
  }
  return count;
}

function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf('":'); at !== -1; at = text.indexOf('":', at + 2)) count += 1;
  return count;
}

/** Reads valid JSON text once more, keeping the keys of each open object. */
function refuseDuplicateKeys(text: string): void {
  const open: (Set<string> | null)[] = [];
  const STRING = /"(?:[^"\\]|\\.)*"/y;
  for (let at = 0; at < text.length; ) {
    const character = text[at];
    if (character === '"') {
      STRING.lastIndex = at;
      const found = STRING.exec(text)?.[0] ?? '"';
      at += found.length;
      const keys = open.at(-1);
      if (
        keys &&
        /^\s*:/.test(
          text
            .slice(at, at + 64)
            .trimStart()
            .slice(0, 1),
        )
      ) {
        const key = JSON.parse(found) as string;
        if (keys.has(key))
          throw new Error(`${key}: the key stands twice in one object; which of the two holds is not known`);
        keys.add(key);
      }
      continue;
    }
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(null);
    else if (character === "}" || character === "]") open.pop();
    at += 1;
  }
}

/** Where the items of a JSON array stand in its text. @throws Error when the text is no whole array. */
export function arrayItems(text: string): string[] {
  const begin = text.search(/\S/);
  if (text[begin] !== "[") throw new Error("not a JSON array");
  const items: string[] = [];
  let depth = 0;
  let inString = false;
  let from = begin + 1;
  for (let at = begin; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 92) at += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 91 || code === 123) depth += 1;
    else if (code === 93 || code === 125) {
      depth -= 1;
      if (depth === 0) {
        const last = text.slice(from, at).trim();
        if (last !== "" || items.length > 0) items.push(last);
        if (text.slice(at + 1).trim() !== "") throw new Error("text follows the end of the JSON array");
        return items;
      }
    } else if (code === 44 && depth === 1) {
      items.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  throw new Error("the JSON array does not end");
}
