import { z } from "zod";
import { nearest } from "../cells/yaml/nearest.ts";
import { HttpError } from "./http-error.ts";

/**
 * A body, query or parameters as the route wants them. Keys of a body that nobody reads are refused: a misspelt option
 * would otherwise do something else than was asked for. @throws HttpError 400 with what is wrong, where
 */
export function parsePart(schema: z.ZodType, value: unknown, where: "body" | "path" | "query"): unknown {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    const errors = parsed.error.issues.map((issue) => ({
      path: [where, ...issue.path].join("."),
      message: issueWords(issue),
    }));
    const first = errors[0]!;
    throw new HttpError(400, `${first.path}: ${first.message}`, { errors });
  }
  if (where === "body") refuseUnread(schema, value);
  return parsed.data;
}

function refuseUnread(schema: z.ZodType, value: unknown): void {
  if (!(schema instanceof z.ZodObject) || schema.def.catchall !== undefined) return;
  const known = Object.keys(schema.shape);
  const key = Object.keys(value as object).find((one) => !known.includes(one));
  if (key === undefined) return;
  const near = nearest(key, known);
  const path = `body.${key}`;
  const those = known.length === 0 ? "Nothing is read here." : `What is read: ${known.join(", ")}.`;
  const message = `there is no such key. ${near === null ? those : `Did you mean "${near}"?`}`;
  throw new HttpError(400, `${path}: ${message}`, { errors: [{ path, message }] });
}

/** What a schema says itself stays; the library's own words are for programmers. */
const LIBRARY = /^(Invalid (input|option)|Too (small|big)|Unrecognized key)/;

function issueWords(issue: z.core.$ZodIssue): string {
  if (!LIBRARY.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? `is missing; ${expected(issue.expected)}` : expected(issue.expected);
    case "invalid_value":
      return `${shown(issue.input)} is none of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return limit(issue, issue.minimum, issue.inclusive === false ? "more than" : "at least");
    case "too_big":
      return limit(issue, issue.maximum, issue.inclusive === false ? "less than" : "at most");
    case "unrecognized_keys":
      return `there is no ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
    default:
      return issue.message;
  }
}

const NAMES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};
const expected = (type: string): string => `expected ${NAMES[type] ?? type}`;

function limit({ origin, input }: { origin: string; input?: unknown }, than: unknown, words: string) {
  const of = { string: " characters", array: " entries", set: " entries" }[origin] ?? "";
  const got = of === "" && input !== undefined ? `, not ${shown(input)}` : "";
  return `expected ${words} ${String(than)}${of}${got}`;
}

const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60));
