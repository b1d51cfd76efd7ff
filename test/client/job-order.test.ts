import { expect, test } from "vitest";
import type { Verdict } from "../../cells/results/reading.ts";
import type { Job, Run } from "../../cells/wire/http-jobs.ts";
import { byUrgency, hasWords } from "../../client/pages/job-order.ts";

const job = (name: string, verdict: Verdict | null, more: Partial<Job> = {}): Job => ({
  name,
  spec: { run: "drift.nb.md#scores", schedule: "every hour" },
  written: null,
  notebook: "drift.nb.md",
  cell: "scores",
  zone: "UTC",
  paused: false,
  version: 1,
  hash: "h",
  nextTimes: [],
  ticks: [],
  lastRun: verdict === null ? null : ({ verdict } as Run),
  active: 0,
  problem: null,
  textChanged: false,
  contractsChanged: [],
  removed: null,
  ...more,
});

test("jobs that need somebody come first, then the worst verdicts, then names", () => {
  const jobs = [
    job("b", "ok"),
    job("a", "ok"),
    job("new", null),
    job("warns", "warn"),
    job("fails", "fail"),
    job("silent", "fail", { paused: true }),
    job("lost", "ok", { problem: "its file is gone" }),
    job("empty", "no-data"),
  ];
  expect(byUrgency(jobs).map(({ name }) => name)).toEqual([
    "lost",
    "fails",
    "empty",
    "warns",
    "a",
    "b",
    "new",
    "silent",
  ]);
});

test("a job is found by any words of its name, target, state and verdict, in any order", () => {
  const one = job("daily-drift", "fail", { paused: true });
  for (const words of ["", "DRIFT daily", "scores fail", "paused"]) expect(hasWords(one, words), words).toBe(true);
  expect(hasWords(one, "daily ok")).toBe(false);
});
