import { describe, expect, test } from "vitest";
import { z } from "zod";
import { HttpError } from "../../server/http-error.ts";
import { parsePart } from "../../server/parse-part.ts";

const body = z.object({
  window: z.string().optional(),
  runs: z.int().min(1).max(10).default(1),
  share: z.number().gt(0).lt(1).optional(),
  as: z.enum(["known-then", "known-now"]).optional(),
  name: z
    .string()
    .min(2)
    .regex(/^[a-z]+$/, "a name has small letters")
    .optional(),
  spec: z.record(z.string(), z.json()).optional(),
});
const refusal = (value: unknown, schema: z.ZodType = body, where: "body" | "query" = "body"): string => {
  try {
    parsePart(schema, value, where);
  } catch (error) {
    if (error instanceof HttpError && error.status === 400) return error.message;
    throw error;
  }
  return "taken";
};

describe("a body", () => {
  test.each([
    [{ windo: "yesterday" }, 'body.windo: there is no such key. Did you mean "window"?'],
    [{ colour: 1 }, "body.colour: there is no such key. What is read: window, runs, share, as, name, spec."],
    [{ window: 7 }, "body.window: expected text"],
    [{ runs: 0 }, "body.runs: expected at least 1, not 0"],
    [{ runs: 11 }, "body.runs: expected at most 10, not 11"],
    [{ share: 0 }, "body.share: expected more than 0, not 0"],
    [{ share: 1 }, "body.share: expected less than 1, not 1"],
    [{ runs: 1.5 }, "body.runs: expected a whole number"],
    [{ as: "whenever" }, 'body.as: "whenever" is none of known-then, known-now'],
    [{ name: "a" }, "body.name: expected at least 2 characters"],
    [{ name: "A B" }, "body.name: a name has small letters"],
    [[], "body: expected an object"],
    [{ spec: { anything: 1 } }, "taken"],
    [{}, "taken"],
  ])("%j", (value, words) => {
    expect(refusal(value)).toBe(words);
  });

  test("of a route that reads nothing may be empty alone", () => {
    expect(refusal({ force: true }, z.object({}))).toBe("body.force: there is no such key. Nothing is read here.");
    expect(refusal({}, z.object({}))).toBe("taken");
  });

  test("says what is missing", () => {
    expect(refusal({}, z.object({ run: z.string() }))).toBe("body.run: is missing; expected text");
  });
});

test("numbers of a query are read from their text; keys that nobody reads are left to proxies and the like", () => {
  const query = z.object({ limit: z.coerce.number().int().min(1).default(100) });
  expect(refusal({ limit: "many" }, query, "query")).toBe("query.limit: expected a number");
  expect(refusal({ limit: "0" }, query, "query")).toBe("query.limit: expected at least 1, not 0");
  expect(refusal({ limit: "5", utm: "x" }, query, "query")).toBe("taken");
});
