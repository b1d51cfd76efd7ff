import { expect, test } from "vitest";
import { measuredText } from "../../../cells/page/measured-text.ts";
import type { Display } from "../../../cells/results/display.ts";
import { measuredWindows } from "../../../cells/results/measured-windows.ts";
import type { Reading } from "../../../cells/results/reading.ts";

type Window = [string, string];
const JOB: Window = ["2026-11-16T00:00:00.000Z", "2026-11-23T00:00:00.000Z"];
const MATURE: Window = ["2026-09-07T00:00:00.000Z", "2026-10-05T00:00:00.000Z"];
const WEEK: Window = ["2026-09-28T00:00:00.000000Z", "2026-10-05T00:00:00.000000Z"];
const readingsOf = (...windows: (Window | null)[]) => windows.map((window) => ({ window, verdict: "ok" }) as Reading);
const cell = (name: string, ...windows: (Window | null)[]) => ({
  id: `id-${name}`,
  name,
  readings: readingsOf(...windows),
});
const showing = (...windows: (Window | null)[]) => ({
  displays: windows.map((window) => ({ type: "kpi", window }) as Display),
});
const text = (...measured: Parameters<typeof measuredWindows>) =>
  measuredText({ window: JOB, measured: measuredWindows(...measured) }, "UTC");

test("the window is what was measured, not what the run was asked for", () => {
  expect(text([cell("value", MATURE, WEEK)], {})).toBe("7 Sept – 4 Oct 2026");
});

test("cells that share a window are one window, however it is written", () => {
  const again = MATURE.map((time) => time.replace(".000Z", "Z")) as Window;
  expect(text([cell("a", MATURE), cell("b", again)], {})).toBe("7 Sept – 4 Oct 2026");
});

test("windows that differ stand with their cells, also two of one cell, and where there is no time", () => {
  expect(text([cell("a", MATURE), cell("b", JOB), cell("c", null)], {})).toBe(
    "each cell its own: a 7 Sept – 4 Oct 2026; b 16–22 Nov 2026; c all rows",
  );
  expect(text([cell("a", WEEK)], { "id-a": showing(MATURE, JOB, MATURE) })).toBe(
    "each cell its own: a 7 Sept – 4 Oct 2026; a 16–22 Nov 2026",
  );
});

test("what stands beside measures nothing, and where nothing measures the run's own window is said", () => {
  const beside = { ...cell("a"), readings: [{ ...readingsOf(MATURE)[0]!, beside: true as const }] };
  expect(text([beside], {})).toBe("16–22 Nov 2026");
  expect(measuredText({ window: null, measured: [] }, "UTC")).toBe("as each part says");
});
