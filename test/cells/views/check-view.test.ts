import { expect, test } from "vitest";
import { checkSentence, checkView } from "../../../cells/kinds/check/check-view.ts";
import type { CheckDisplay } from "../../../cells/results/monitor-display.ts";
import { page, said } from "./read-markup.ts";
import { check } from "./sample-displays.ts";

const view = (display: CheckDisplay) => checkView(display, { zone: "UTC" });

test.each([
  [[], "Nothing was checked"],
  [["ok"], "The check holds"],
  [["ok", "ok"], "All 2 checks hold"],
  [["fail", "ok"], "1 of 2 checks fails"],
  [["fail", "fail", "warn", "no-data"], "2 of 4 checks fail, 1 warns, 1 has no data"],
  [["error", "error", "fail"], "2 of 3 checks could not run, 1 fails"],
] as const)("checks that are %j are summed up as: %s", (verdicts, text) => {
  expect(checkSentence(verdicts.map((verdict) => ({ verdict })))).toBe(text);
});

test("each check says what was expected, what was found and how many rows break it", () => {
  const lines = [...page(view(check)).querySelectorAll("li .m-check-line")].map((line) =>
    line.textContent!.replace(/\s+/g, " "),
  );
  expect(lines[1]).toBe("failrange scoreexpected 0 to 1found 12 of 3,712 values outside, from −0.2 to 1.0712 rows");
});

test("failing rows are open for a failed check, folded for a warning, and say how many are not shown", () => {
  const [failed, warned] = page(view(check)).querySelectorAll("details.m-item");
  expect(failed!.hasAttribute("open")).toBe(true);
  expect(warned!.hasAttribute("open")).toBe(false);
  expect(failed!.textContent).toContain("The first 10 of 12 rows");
  expect(failed!.querySelectorAll("tbody tr")).toHaveLength(10);
  expect([...failed!.querySelectorAll("thead th")].map((cell) => cell.className)).toEqual(["", "", "right", ""]);
});

test("values, columns and titles of rows are text", () => {
  const evil = `"><script>alert('x')</script>`;
  const checks = [{ ...check.checks[1]!, title: evil, found: evil, rows: [{ [evil]: evil, b: null }] }];
  const shown = page(view({ ...check, checks }));
  expect(shown.querySelectorAll("script")).toHaveLength(0);
  expect(shown.querySelector("tbody th")!.textContent).toBe(evil);
  expect(shown.querySelector("tbody td")!.textContent).toBe("null");
});

test("without checks there is a sentence", () => {
  expect(said(view({ ...check, verdict: "no-data", checks: [] }))).toContain("Nothing was checked");
});
