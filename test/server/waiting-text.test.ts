import { expect, test } from "vitest";
import { type Awaited, waitingText } from "../../server/reports/waiting-text.ts";

test("a report without a revision says what it waits for", () => {
  const due = { job: "daily", paused: false, past: 0, scheduled: 0, nextTime: "2026-11-30T06:00:00.000Z", zone: "UTC" };
  for (const [more, text] of [
    [{}, "No revision yet: one is made when daily runs next, at 30 Nov 2026, 06:00."],
    [{ nextTime: null }, "No revision yet: one is made when daily runs next."],
    [{ past: 3 }, "No revision yet: 3 runs of the past are still on their way, and the first that has data makes one."],
    [
      { past: 1, paused: true },
      "No revision yet: 1 run of the past is still on its way, and the first that has data makes one.",
    ],
    [{ scheduled: 1 }, "No revision yet: a run of daily is on its way."],
    [{ paused: true }, "No revision yet: its job daily is paused."],
    [{ paused: null }, "No revision yet, and none will come: its job daily is gone."],
  ] as const)
    expect(waitingText({ ...due, ...more } satisfies Awaited)).toBe(text);
});
