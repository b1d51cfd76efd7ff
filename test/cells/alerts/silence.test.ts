import { expect, test } from "vitest";
import {
  isSilenceOf,
  type SilenceTarget,
  silenceState,
  silenceWords,
  WHOLE_JOB,
} from "../../../cells/alerts/silence.ts";

const value = { id: "a1", job: "daily", cell: "moved", metric: "psi", subject: "amount", slice: null };
const cell = { ...value, id: "a2", metric: null, subject: null };
const job = { ...cell, id: "a3", cell: null };
const whole: SilenceTarget = { job: "daily", ...WHOLE_JOB };

test.each<[string, SilenceTarget, readonly string[]]>([
  ["all alerts of daily", whole, ["a1", "a2", "a3"]],
  ["all of moved (daily)", { ...whole, cell: "moved" }, ["a1", "a2"]],
  ["all of other (daily)", { ...whole, cell: "other" }, []],
  ["PSI of amount in moved (daily)", { ...whole, cell: "moved", metric: "psi", subject: "amount" }, ["a1"]],
  [
    "PSI of amount in moved, country = DE (daily)",
    { ...whole, cell: "moved", metric: "psi", subject: "amount", slice: "country = DE" },
    [],
  ],
  ["PSI of moved (daily)", { ...whole, cell: "moved", metric: "psi" }, []],
  ["one alert of daily", { ...whole, alert: "a3" }, ["a3"]],
  ["all alerts of weekly", { ...whole, job: "weekly" }, []],
])("a silence of %s is about what it names", (words, target, expected) => {
  expect(silenceWords(target)).toBe(words);
  expect([value, cell, job].filter((alert) => isSilenceOf(target, alert)).map(({ id }) => id)).toEqual(expected);
});

test("a silence is planned, then in force, and ended from its end on", () => {
  const at = (now: number) => silenceState({ fromMillis: 10, untilMillis: 20 }, now);
  expect([9, 10, 19, 20].map(at)).toEqual(["planned", "in force", "in force", "ended"]);
  expect(silenceState({ fromMillis: 10, untilMillis: 5 }, 6)).toBe("ended"); // Ended before it began.
});
