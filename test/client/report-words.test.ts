import fc from "fast-check";
import { expect, test } from "vitest";
import type { Run } from "../../cells/wire/http-jobs.ts";
import { inOrder } from "../../client/pages/report-runs.ts";
import { inputLines, inputsOf } from "../../client/pages/report-words.ts";

test("values of inputs are read as people write them", () => {
  expect(inputsOf('threshold = 0.7\n\n who = acct, 7 \nopen=true\ndays = [1, 2]\ncode = "07"')).toEqual({
    threshold: 0.7,
    who: "acct, 7",
    open: true,
    days: [1, 2],
    code: "07",
  });
  expect(() => inputsOf("threshold 0.7")).toThrow('Inputs: "threshold 0.7" must read NAME = VALUE.');
  expect(() => inputsOf("days = [1")).toThrow("Inputs: the value of days is no JSON");
});

test("what a session's inputs stand at comes back as it was", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("a", "b_2", "ü"), fc.jsonValue({ maxDepth: 2 })), (set) => {
      const plain = JSON.parse(JSON.stringify(set)) as Record<string, unknown>;
      expect(inputsOf(inputLines(plain))).toEqual(plain);
    }),
  );
});

test("the run that is offered first is the one asked for, else the last scheduled one; what is not done is not offered", () => {
  const run = (id: string, purpose: Run["purpose"], day: number, state: Run["state"] = "done") =>
    ({ id, purpose, state, scheduledFor: `2026-11-0${day}T00:00:00.000Z`, asOf: "2026-11-09T00:00:00Z" }) as Run;
  const runs = [
    run("hand", "manual", 5),
    run("failed", "scheduled", 4, "failed"),
    run("late", "scheduled", 3),
    run("old", "scheduled", 2),
  ];
  const ids = (asked?: string) => inOrder(runs, asked).map(({ id }) => id);
  expect(ids()).toEqual(["late", "hand", "old"]);
  expect(ids("old")).toEqual(["old", "hand", "late"]);
});
