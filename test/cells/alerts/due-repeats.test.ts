import { expect, test } from "vitest";
import type { Alert } from "../../../cells/alerts/alert.ts";
import { dueRepeats } from "../../../cells/alerts/due-repeats.ts";
import { afterRuns, RULES } from "./a-run.ts";

const HOUR = 3_600_000;
const fired = afterRuns("ff").alerts[0]!;
const at = fired.told!.atMillis;
const daily = { ...RULES, repeatMillis: 24 * HOUR };

test.each<[string, Partial<Alert>, typeof RULES, number, boolean]>([
  ["it has gone on for the interval", {}, daily, 24 * HOUR, true],
  ["the interval is not over", {}, daily, 24 * HOUR - 1, false],
  ["the job has no interval", {}, RULES, 1000 * HOUR, false],
  ["nobody is to be told", {}, { ...daily, to: [] }, 24 * HOUR, false],
  ["it recovers", { state: "recovering" }, daily, 24 * HOUR, false],
  ["it is pending", { state: "pending", told: null }, daily, 24 * HOUR, false],
  ["somebody took it", { acknowledged: { by: "me", atMillis: 0, comment: "" } }, daily, 24 * HOUR, false],
  [
    "somebody closed it",
    { closed: { as: "useful", by: "me", atMillis: 0, comment: "", mark: null } },
    daily,
    24 * HOUR,
    false,
  ],
  ["nobody was told of it, as it was silenced", { told: null }, RULES, 0, true],
  ["another state was told", { state: "error", told: { state: "no-data", atMillis: at } }, RULES, 0, true],
])("is told again or not where %s", (_words, change, rules, later, expected) => {
  const due = dueRepeats([{ ...fired, ...change }], rules, at + later, () => false);
  expect(due.length === 1).toBe(expected);
});

test("what is silenced is not told", () => {
  expect(dueRepeats([{ ...fired, told: null }], daily, at + 24 * HOUR, () => true)).toEqual([]);
});
