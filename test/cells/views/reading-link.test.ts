import { expect, test } from "vitest";
import { toHtml } from "../../../cells/views/markup.ts";
import { type MonitorDisplay, monitorMarkup } from "../../../cells/views/monitor-markup.ts";
import { check, drift, kpi } from "./sample-displays.ts";

const textOf = (display: MonitorDisplay, readingHref?: (id: string) => string): string =>
  toHtml(monitorMarkup(display, { zone: "UTC", readingHref }), () => "");
const linked = (html: string): Set<string> =>
  new Set([...html.matchAll(/href="\/readings\/([^"]*)"/g)].map((found) => found[1]!));

test.each([drift, kpi, check])(
  "values of a $type cell lead to their readings where a server answers them",
  (display) => {
    const readings =
      display.type === "drift"
        ? display.subjects.flatMap(({ metrics }) => metrics.map(({ reading }) => reading))
        : display.type === "kpi"
          ? display.values.map(({ reading }) => reading)
          : display.checks.map(({ reading }) => reading);
    expect(readings.length).toBeGreaterThan(0);
    const found = linked(textOf(display, (id) => `/readings/${id}`));
    expect(readings.filter((id) => !found.has(id))).toEqual([]);
    // A page in a file has no server behind it.
    expect(textOf(display)).not.toContain("<a ");
  },
);

test("what opens a check's rows holds no link", () => {
  const html = textOf(check, (id) => `/readings/${id}`);
  const summaries = [...html.matchAll(/<summary[\s\S]*?<\/summary>/g)].map(([summary]) => summary);
  expect(summaries.length).toBeGreaterThan(0);
  expect(summaries.filter((summary) => summary.includes("<a "))).toEqual([]);
});
