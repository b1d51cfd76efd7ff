import { describe, expect, test } from "vitest";
import { rareTogether } from "../../../cells/kinds/drift/category-counts.ts";
import { Random } from "../../support/random.ts";
import { categoricalSubject, falseAlarms, power, verdictOf } from "../../support/simulated-drift.ts";

describe("twenty columns without drift", () => {
  test.each([100, 1000, 3000, 100_000])(
    "at most two in a hundred cells are not ok, %i rows a side",
    (n) => {
      expect(falseAlarms(200, n, new Random(n))).toBeLessThanOrEqual(0.02);
    },
    60_000,
  );
});

test.each(["mean", "share"] as const)(
  "a moved %s among twenty columns of 5 000 rows is found",
  (kind) => {
    expect(power(60, 5000, kind, new Random(11))).toBeGreaterThanOrEqual(0.95);
  },
  60_000,
);

test("a column with more categories than are shown does not drift by itself", () => {
  const random = new Random(3);
  const even = new Array<number>(300).fill(1 / 300);
  let alarms = 0;
  for (let cell = 0; cell < 200; cell += 1)
    if (verdictOf([categoricalSubject("c", 3000, even, even, random)]).verdict !== "ok") alarms += 1;
  expect(alarms).toBeLessThanOrEqual(4);
});

test("a category that appears, one that vanishes and one among a long tail are found", () => {
  const random = new Random(5);
  const tail = (first: number): number[] => [first, ...new Array<number>(400).fill((1 - first) / 400)];
  for (const [before, now] of [
    [
      [0.5, 0.5, 0],
      [0.45, 0.45, 0.1],
    ],
    [
      [0.4, 0.4, 0.2],
      [0.5, 0.5, 0],
    ],
    [tail(0), tail(0.25)],
  ] as [number[], number[]][])
    for (let cell = 0; cell < 20; cell += 1)
      expect(["warn", "fail"]).toContain(verdictOf([categoricalSubject("c", 1000, before, now, random)]).verdict);
});

test("rare values are one group, whichever side has them", () => {
  expect(
    rareTogether([
      [50, 40],
      [3, 2],
      [0, 20],
      [4, 0],
    ]),
  ).toEqual({ reference: [7, 50, 0], current: [2, 40, 20] });
  expect(rareTogether([])).toEqual({ reference: [0], current: [0] });
});
