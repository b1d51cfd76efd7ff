import { expect, test } from "vitest";
import { parseDocument } from "../../../cells/document/parse-document.ts";
import { type DrawChart, notebookPage } from "../../../cells/page/notebook-page.ts";
import type { Display } from "../../../cells/results/display.ts";
import { openSession } from "../../../cells/session/open-session.ts";
import type { CellRun } from "../../../cells/session/state.ts";
import { check, drift, kpi } from "./sample-displays.ts";

/** A page of one cell that has shown these. */
function pageOf(displays: readonly Display[], draw?: DrawChart): string {
  const { document } = parseDocument("---\ndriftbook: 1\n---\n```ts name=a\n1\n```\n");
  const { state } = openSession("a.nb.md", document, null);
  const runs = { a: { displays, logs: [], error: null, result: null } as unknown as CellRun };
  return notebookPage({ ...state, runs }, new Map(), {
    zone: "Europe/Berlin",
    ...(draw === undefined ? {} : { draw }),
  });
}

test("a page holds monitoring outputs with charts as images that can load and run nothing", () => {
  const html = pageOf(
    [drift, kpi, check],
    (chart, width) => `<svg width="${width}" height="9"><title>${chart.name}</title></svg>`,
  );
  expect(html).toContain("3 of 7 columns moved");
  expect(html).toContain("1–28 Mar 2026");
  expect(html).toContain("1 of 7 checks could not run");
  expect(html).toMatch(
    /<img alt="Distribution of amount[^"]*" class="chart" width="380" height="9" src="data:image\/svg\+xml,/,
  );
  expect(html).not.toContain('<svg width="380"');
});

test("the head of a page says its times in the zone, and as they are stored", () => {
  const { document } = parseDocument("---\ndriftbook: 1\n---\n");
  const { state } = openSession("a.nb.md", document, null);
  const resolved = { start: "2026-02-28T23:00:00.000Z", end: "2026-03-01T23:00:00.000Z" };
  const shown = { ...state, asOf: "2026-03-02T06:00:00.000Z", window: { text: null, resolved } };
  const html = notebookPage(shown, new Map(), { zone: "Europe/Berlin" });
  expect(html).toMatch(/As of <time datetime="2026-03-02T06:00:00.000Z" title="[^"]*">2 Mar 2026, 07:00<\/time>/);
  expect(html).toMatch(
    /window <span title="2026-02-28T23:00:00.000Z[^"]*">1 Mar 2026<\/span> · times in Europe\/Berlin/,
  );
});

test("the head of a page says what was measured where cells state their own windows", () => {
  const { document } = parseDocument("---\ndriftbook: 1\n---\n");
  const { state } = openSession("a.nb.md", document, null);
  const resolved = { start: "2026-03-01T00:00:00.000Z", end: "2026-03-29T00:00:00.000Z" };
  const shown = { ...state, asOf: "2026-03-29T06:00:00.000Z", window: { text: null, resolved } };
  const measured = [
    ["2026-03-22T00:00:00.000Z", "2026-03-29T00:00:00.000Z"],
    ["2026-03-28T00:00:00.000Z", "2026-03-29T00:00:00.000Z"],
  ] as const;
  const head = (some: typeof measured | readonly []): string =>
    notebookPage(shown, new Map(), { measured: some }).replaceAll(/<[^>]*>/g, "");
  expect(head([])).toContain("window 1–28 Mar 2026 · times");
  expect(head(measured)).toContain("window 22–28 Mar 2026 and 1 more · times");
});

test("without a drawer charts are said in words", () => {
  const html = pageOf([drift]);
  expect(html).not.toContain("<img");
  expect(html).toContain("Distribution of amount, reference against current");
});

test("a page draws so many charts and says the others in words", () => {
  const subjects = Array.from({ length: 60 }, (_, at) => ({ ...drift.subjects[0]!, subject: `column ${at}` }));
  let drawn = 0;
  const html = pageOf([{ ...drift, subjects }], () => `<svg width="1" height="1">${++drawn}</svg>`);
  expect(drawn).toBe(60);
  expect(html).toContain("Distribution of column 59");
});
