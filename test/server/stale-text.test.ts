import { expect, test } from "vitest";
import type { Tick } from "../../cells/wire/http-jobs.ts";
import { type Followed, staleText } from "../../server/reports/stale-text.ts";

/** "23 failed The disk is full." is a tick at six of that day of November. */
function tick(line: string): Tick {
  const [, day, state, reason] = /^(\d+) (\S+) ?(.*)$/.exec(line)!;
  const isEmpty = state === "empty";
  return {
    job: "daily",
    scheduledFor: `2026-11-${day}T06:00:00.000Z`,
    state: isEmpty ? "done" : (state as Tick["state"]),
    reason: reason === "" ? null : reason!,
    run: null,
    verdict: isEmpty ? "no-data" : state === "done" ? "ok" : null,
  };
}
const stale = (lines: string[], more: Partial<Followed> = {}, reasons = true) =>
  staleText(
    {
      job: "daily",
      paused: false,
      ticks: lines.map(tick),
      since: "2026-11-20T06:00:00.000Z",
      coming: new Set(),
      problems: new Map(),
      zone: "UTC",
      ...more,
    },
    { reasons },
  );

test("a report is not stale while its due times have revisions, or these are on their way", () => {
  expect(stale(["20 done", "19 failed"])).toBeNull();
  expect(stale(["22 waiting It waits.", "21 due"])).toBeNull();
  expect(stale(["21 done"], { coming: new Set(["2026-11-21T06:00:00.000Z"]) })).toBeNull();
});

test("it says since which due time, and why as far as that is known", () => {
  for (const [line, why] of [
    ["23 failed The disk is full.", "failed: The disk is full."],
    ["23 failed", "failed."],
    ["23 empty recall: no labels yet", "had no data: recall: no labels yet."],
    ["23 skipped It came due while nothing could run.", "was skipped: It came due while nothing could run."],
    ["23 done", "gave no revision."],
  ])
    expect(stale([line!])).toBe(`since 23 Nov 2026, 06:00. The run that was due then ${why}`);
  const problems = new Map([["2026-11-23T06:00:00.000Z", "Drawing took too long."]]);
  expect(stale(["23 done"], { problems })).toMatch(/gave no revision: Drawing took too long\.$/);
  expect(stale([], { paused: true })).toBe("its job daily is paused.");
  expect(stale([], { paused: null })).toBe("its job daily is gone: no newer revision will come.");
});

test("of several due times the first is said, how many there are, and the last where it is for another reason", () => {
  const first = "since 22 Nov 2026, 06:00. The run that was due then had no data.";
  expect(stale(["23 empty", "22 empty"])).toBe(`${first} 2 due times have no revision by now.`);
  expect(stale(["24 failed Full.", "23 empty", "22 empty"])).toBe(
    `${first} 3 due times have no revision by now; the run due at 24 Nov 2026, 06:00 failed: Full.`,
  );
});

test("reasons that a run gave are kept back where they are not wanted", () => {
  const text = stale(["24 empty of acct-1", "23 failed at acct-2", "22 skipped The job was paused."], {}, false);
  expect(text).not.toContain("acct");
  expect(text).toContain("was skipped: The job was paused.");
});

test("readers are not told who cancelled a run; people who work there are", () => {
  const line = "23 skipped Cancelled by alice@example.com.";
  expect(stale([line])).toContain("was skipped: Cancelled by alice@example.com.");
  expect(stale([line], {}, false)).toBe("since 23 Nov 2026, 06:00. The run that was due then was cancelled.");
});
