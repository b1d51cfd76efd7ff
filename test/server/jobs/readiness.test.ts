import { expect, test } from "vitest";
import { readinessOf } from "../../../server/jobs/run-window.ts";

const window = ["2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z"] as const;
const reasonWith = (latenessMillis: number): string | null => {
  const stream = { lastDecidedAt: "2026-03-01T23:00:00.000Z", latenessMillis, quietAllowed: false };
  const readiness = readinessOf(window, new Map([["pay", stream]]));
  return readiness.ready ? null : readiness.reason;
};

test.each([
  [0, ""],
  [20_000, ", and events may come 20 seconds late"],
  [60_000, ", and events may come 1 minute late"],
  [3_600_000, ", and events may come 60 minutes late"],
])("what is waited for says by how much events are late: %i ms", (lateness, words) => {
  expect(reasonWith(lateness)).toBe(
    `pay ends at 2026-03-01T23:00:00.000Z${words}; the window ends at 2026-03-02T00:00:00.000Z.`,
  );
});
