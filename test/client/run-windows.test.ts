import { expect, test } from "vitest";
import type { Job, Run } from "../../cells/wire/http-jobs.ts";
import { ownWindows } from "../../client/pages/run-windows.ts";

const MONTH = ["2026-11-01T00:00:00.000Z", "2026-11-29T00:00:00.000Z"] as [string, string];
const WEEK = ["2026-11-22T00:00:00.000Z", "2026-11-29T00:00:00.000Z"] as [string, string];

const measured = (...windows: [string, string][]): Pick<Job, "lastRun" | "version"> => ({
  lastRun: { version: 2, window: MONTH, measured: windows } as unknown as Run,
  version: 2,
});

test("a window that cells state themselves is told from the job's by what the last run measured", () => {
  expect(ownWindows(measured(MONTH), "last 28 days")).toBe("none");
  expect(ownWindows(measured(WEEK), "last 28 days")).toBe("all");
  expect(ownWindows(measured(WEEK), null)).toBe("all");
  expect(ownWindows(measured(MONTH, WEEK), "last 28 days")).toBe("some");
  expect(ownWindows(measured(), "last 28 days")).toBe("none");
});

test("nothing is known before a run of the version in force, nor where units must be mature", () => {
  expect(ownWindows({ lastRun: null, version: 2 }, "last 28 days")).toBe("none");
  expect(ownWindows({ ...measured(WEEK), version: 3 }, "last 28 days")).toBe("none");
  expect(ownWindows(measured(WEEK), "mature 4 weeks")).toBe("none");
});
