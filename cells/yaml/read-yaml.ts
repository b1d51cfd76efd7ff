import { isMap, isNode, isScalar, LineCounter, type ParsedNode, parseDocument } from "yaml";
import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { schemaKeys } from "./schema-keys.ts";

/** `line` and `column` count from 1 in the YAML text. */
export interface YamlProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

export type YamlRead<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly YamlProblem[] };

type Path = readonly PropertyKey[];

/**
 * Reads YAML 1.2 (core schema: `NO` and dates are text) and checks it against a schema. Never throws: each problem names
 * the key, what stands there, what would be right, and the nearest valid key or value. An empty text is `{}`.
 */
export function parseYaml<Schema extends z.ZodType>(text: string, schema: Schema): YamlRead<z.output<Schema>> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { version: "1.2", schema: "core", lineCounter, prettyErrors: false });
  const problemAt = (message: string, offset: number): YamlProblem => {
    const { line, col } = lineCounter.linePos(Math.min(offset, text.length));
    return { message, line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0) {
    return { ok: false, problems: document.errors.map((error) => problemAt(error.message, error.pos[0])) };
  }
  let value: unknown;
  try {
    // Few aliases on purpose: a bomb of them is refused, not expanded.
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    return { ok: false, problems: [problemAt(error instanceof Error ? error.message : String(error), 0)] };
  }
  const checked = schema.safeParse(value);
  if (checked.success) return { ok: true, value: checked.data };
  // A misspelt key comes first: that another one is missing mostly follows from it.
  const issues = checked.error.issues.toSorted(
    (a, b) => Number(b.code === "unrecognized_keys") - Number(a.code === "unrecognized_keys"),
  );
  const problems = issues.flatMap((issue) =>
    issueMessages(issue, [], value, schema).map(({ message, path, atKey }) =>
      problemAt(message, offsetOf(document.contents, path, atKey)),
    ),
  );
  return { ok: false, problems };
}

interface Told {
  readonly message: string;
  readonly path: Path;
  /** Point at the key rather than at its value. */
  readonly atKey: boolean;
}

function issueMessages(issue: z.core.$ZodIssue, base: Path, root: unknown, schema: z.ZodType): Told[] {
  const path = [...base, ...issue.path];
  const where = path.length === 0 ? "" : `${path.map(String).join(".")}: `;
  const found = at(root, path);
  const tell = (message: string, atKey = false): Told[] => [{ message: where + message, path, atKey }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        message: unknownKey([...path, key].map(String).join("."), key, schemaKeys(schema, path, found)),
        path: [...path, key],
        atKey: true,
      }));
    case "invalid_type":
      if (found === undefined) return tell(`missing; expected ${article(issue.expected)}`, true);
      return tell(`expected ${article(issue.expected)}, got ${quote(found)}`);
    case "invalid_value": {
      const values = issue.values.map(String);
      if (found === undefined) return tell(`missing; expected ${oneOf(values)}`, true);
      return tell(`expected ${oneOf(values)}, got ${quote(found)}${meant(String(found), values)}`);
    }
    case "too_small":
      return tell(
        `expected ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unit(issue.origin)}, got ${quote(found)}`,
      );
    case "too_big":
      return tell(
        `expected ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unit(issue.origin)}, got ${quote(found)}`,
      );
    case "invalid_union": {
      if (issue.errors.length === 0) {
        const options = "options" in issue ? issue.options?.map(String) : undefined;
        if (options === undefined) return tell(issue.message);
        const key = issue.path.at(-1);
        if (found === undefined || (typeof found === "object" && key !== issue.discriminator)) {
          return tell(`missing; expected ${oneOf(options)}`, true);
        }
        return tell(`expected ${oneOf(options)}, got ${quote(found)}${meant(String(found), options)}`);
      }
      // Of several shapes the one that the value got furthest into is the one that was meant.
      const branch = issue.errors.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0]!;
      const told = branch.flatMap((inner) => issueMessages(inner, path, root, schema));
      if (depth(branch) > 0) return told;
      return tell(
        `${issue.errors
          .flatMap((errors) => errors.map(expectation))
          .filter(uniqueText)
          .join(", or ")}, got ${quote(found)}`,
      );
    }
    case "invalid_key":
      return issue.issues.flatMap((inner) => [{ message: where + inner.message, path, atKey: true }]);
    case "invalid_format":
    case "not_multiple_of":
    case "invalid_element":
    case "custom": {
      const isSaid = found === undefined || typeof found === "object" || issue.message.includes(quote(found));
      return tell(isSaid ? issue.message : `${issue.message}, got ${quote(found)}`);
    }
  }
}

/** "expected …" of one alternative. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `expected ${article(issue.expected)}`;
  if (issue.code === "invalid_value") return `expected ${oneOf(issue.values.map(String))}`;
  return issue.message;
}

function uniqueText(text: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(text) === index;
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === "unrecognized_keys" ? 1 : 0)));
}

function unknownKey(full: string, key: string, known: readonly string[]): string {
  const guess = nearest(key, known);
  if (guess !== null) return `${full}: unknown key; did you mean ${guess}?`;
  return known.length === 0 ? `${full}: unknown key` : `${full}: unknown key; known here: ${known.join(", ")}`;
}

function meant(found: string, values: readonly string[]): string {
  const guess = nearest(found, values);
  return guess === null ? "" : `; did you mean ${guess}?`;
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `one of ${values.join(", ")}`;
}

function article(type: string): string {
  if (type === "string") return "text";
  if (type === "record" || type === "object") return "keys with values";
  if (type === "array") return "a list";
  if (type === "boolean") return "true or false";
  if (type === "int") return "a whole number";
  return `a ${type}`;
}

function unit(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" || origin === "set" ? " entries" : "";
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

/** Where the path's value (or its key) stands; the nearest enclosing thing when it is not there. */
function offsetOf(contents: ParsedNode | null, path: Path, atKey: boolean): number {
  let node: unknown = contents;
  let offset = contents?.range[0] ?? 0;
  for (const [depthIndex, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) return offset;
      const keyOffset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
      const valueOffset = isNode(node) ? (node.range?.[0] ?? keyOffset) : keyOffset;
      offset = atKey && depthIndex === path.length - 1 ? keyOffset : valueOffset;
    } else {
      node =
        isNode(node) && "get" in node
          ? (node as { get(key: unknown, keep: true): unknown }).get(step, true)
          : undefined;
      if (!isNode(node)) return offset;
      offset = node.range?.[0] ?? offset;
    }
  }
  return offset;
}
