import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { ReportDetail } from "../../cells/wire/http-reports.ts";
import { openBrowser, seriousFaults } from "../support/browser.ts";
import { promote, runNow, WATCHED } from "../support/monitored-job.ts";
import { openMonitored } from "../support/monitored-page.ts";
import type { TestServer } from "../support/server.ts";

const NOTEBOOK = WATCHED.replace(
  "driftbook: 1",
  "driftbook: 1\ntitle: Cards, weekly\nwindow: 2026-03-11/2026-03-21\nheadline: [caught.precision, scores.score.psi]",
).replace("metrics: [precision]", "metrics: [precision]\nevery: 5 days");
const MORE = `
\`\`\`sql name=daily
SELECT decided_at::DATE AS day, count(*) AS decisions, avg(score) AS score FROM card_fraud.decisions GROUP BY 1 ORDER BY 1
\`\`\`

\`\`\`ts name=course
Plot.plot({title: "Decisions a day", marks: [Plot.lineY(daily, {x: "day", y: "decisions"})]})
\`\`\`

\`\`\`ts name=ids
[...(await sql\`SELECT account_id AS who FROM card_fraud.decisions LIMIT 3\`)].map(({ who }) => who)
\`\`\`

\`\`\`ts name=attack
display(html\`<script>document.title = "broken"</script><img src="x" onerror="parent.document.title='broken'"><b>foreign</b>\`)
\`\`\`
`;

const ROWS = `---
driftbook: 1
title: Rows
---
\`\`\`yaml input name=threshold
type: number
default: 0.8
\`\`\`

\`\`\`sql name=latest
SELECT decision_id, score FROM card_fraud.decisions WHERE score > \${threshold} ORDER BY 1 LIMIT 2
\`\`\`

\`\`\`sql name=oldest
SELECT decision_id, score FROM card_fraud.decisions ORDER BY decided_at LIMIT 2
\`\`\`

\`\`\`yaml check name=load
from: card_fraud
fail:
  rows: {min: 1}
\`\`\`
`;

let server: TestServer;
let page: Page;
beforeAll(async () => {
  const opened = await openMonitored({ "weekly.nb.md": NOTEBOOK + MORE, "rows.nb.md": ROWS });
  ({ server, page } = opened);
  return () => opened.close();
});

const dialog = () => page.locator("dialog[open]");

test("a notebook is published from its palette, and the page of reports says what changed", async () => {
  await page.goto(`${server.origin}/reports`);
  await page.getByText("Nothing is published yet.").waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await page.goto(`${server.origin}/n/weekly.nb.md`);
  await page.locator("#cell-scores").waitFor();
  for (const note of ["first", "second"]) {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Find an action" }).fill("publish");
    await page.keyboard.press("Enter");
    expect(await dialog().getByRole("textbox", { name: "Address" }).inputValue()).toBe("cards-weekly");
    await dialog().getByLabel("Note: what is new").fill(note);
    if (note === "first") {
      // Before anything ran it is told from the cells' texts; what is chosen counts at once.
      await dialog().getByText("As far as the cells’ texts tell, 1 output will be left out: ids.").waitFor();
      await dialog().getByText("Which and why").click();
      await dialog().getByText("What ids shows is left out: it asks for who.").waitFor();
      await dialog().getByLabel("personal columns").check();
      await dialog().getByText("As far as the cells’ texts tell, nothing will be left out.").waitFor();
      await dialog().getByLabel("personal columns").uncheck();
      await dialog().getByText("1 output will be left out: ids.").waitFor();
      expect(await seriousFaults(page)).toEqual([]);
    }
    await dialog().getByRole("button", { name: "Publish" }).click();
    await page.getByText(`Revision ${note === "first" ? 1 : 2} is published.`).waitFor();
  }
  await page.getByRole("link", { name: "Open its page" }).click();
  await page.getByRole("heading", { name: "Cards, weekly" }).waitFor();
  const newest = page.locator("tbody tr").first();
  await newest.getByText("Precision of caught").waitFor();
  await newest.getByText("unchanged").waitFor();
  expect(await seriousFaults(page)).toEqual([]);
});

test("a link made on the page opens the report in a browser that nobody knows, until it is revoked", async () => {
  await page.getByRole("button", { name: "Make a link…" }).click();
  await dialog().getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByLabel("The link").inputValue();
  const reader = await openBrowser({ width: 390, height: 800 });
  const phone = await reader.page();
  await phone.goto(link);
  expect(phone.url()).toBe(`${server.origin}/r/cards-weekly`);
  await phone.getByRole("heading", { name: "Cards, weekly" }).waitFor();
  await phone.locator(".r-out").filter({ hasText: "What ids shows is not part of this report." }).waitFor();
  // A phone's width is enough, and nothing of the page runs but its own script.
  expect(await phone.evaluate("document.documentElement.scrollWidth")).toBe(390);
  expect(await phone.title()).toBe("Cards, weekly");
  expect(await seriousFaults(phone)).toEqual([]);
  // Letters of charts have the size that they are drawn in, or nearly; what is broader scrolls in its box.
  await phone.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
  const scales = `[...document.querySelectorAll("img.chart")].filter((one) => one.getClientRects().length > 0)
    .map((one) => [one.alt, one.clientWidth / Number(one.getAttribute("width"))])`;
  const shown = await phone.evaluate<[string, number][]>(scales);
  expect(shown.length).toBeGreaterThan(2);
  for (const one of shown) expect(one).toEqual([one[0], expect.toSatisfy((scale: number) => scale > 0.9)]);
  expect(await phone.evaluate("document.documentElement.scrollWidth")).toBe(390);
  const narrow = phone.locator(".r-narrow .tipped:visible").first();
  await narrow.hover({ position: { x: 180, y: 60 } });
  expect(await narrow.locator(".tip").textContent()).toMatch(/\d/);
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByText("revoked", { exact: true }).waitFor();
  expect((await phone.goto(`${server.origin}/r/cards-weekly`))!.status()).toBe(404);
  await phone.getByText("There is no report here that you can read.").waitFor();
  await reader.close();
});

test("charts answer pointer and keys, of cells and of monitoring views, in both schemes", async () => {
  for (const dark of [false, true]) {
    const reader = await openBrowser({ dark });
    const shown = await reader.page();
    await shown.goto(server.link);
    await shown.goto(`${server.origin}/r/cards-weekly`);
    const chart = shown.getByRole("group", { name: /Decisions a day/ });
    await chart.hover({ position: { x: 300, y: 100 } });
    expect(await chart.locator(".tip").textContent()).toMatch(/day .*\n?.*decisions/s);
    await chart.focus();
    await shown.keyboard.press("ArrowRight");
    expect(await chart.locator(".tip").textContent()).toMatch(/decisions/);
    await shown.keyboard.press("Escape");
    expect(await chart.locator(".tip").isVisible()).toBe(false);
    await shown.locator(".monitor summary").filter({ hasText: "score" }).first().click();
    const monitored = shown.locator(".monitor .tipped:visible").first();
    await monitored.focus();
    await shown.keyboard.press("ArrowRight");
    expect(await monitored.locator(".tip").textContent()).toMatch(/\d/);
    expect(await seriousFaults(shown)).toEqual([]);
    // The image in the frame cannot be loaded and says so; nothing else may complain.
    expect(reader.errors.filter((text) => !/Content Security Policy|sandbox/i.test(text))).toEqual([]);
    await reader.close();
  }
});

test("the page as one file works from disk: tables are saved from inside of it, and nothing is asked of any server", async () => {
  const text = await (await server.request("/r/cards-weekly/2/file")).text();
  const file = path.join(server.folder, "report.html");
  await writeFile(file, text);
  const reader = await openBrowser();
  const shown = await reader.page();
  const asked: string[] = [];
  shown.on("request", (request) => void (/^(file|data|about|blob):/.test(request.url()) || asked.push(request.url())));
  await shown.goto(pathToFileURL(file).href);
  const [saved] = await Promise.all([
    shown.waitForEvent("download"),
    shown.locator('a[data-table="daily"][data-as="csv"]').click(),
  ]);
  expect(saved.suggestedFilename()).toBe("daily.csv");
  const stream = await saved.createReadStream();
  let csv = "";
  for await (const piece of stream) csv += String(piece);
  expect(csv).toMatch(/^day,decisions,score\r\n2026-/);
  expect(asked).toEqual([]);
  await reader.close();
});

test("from the page of reports a notebook is published over a window, as of a time, with an input and one table", async () => {
  await page.goto(`${server.origin}/reports`);
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByLabel("What").selectOption("notebook rows.nb.md");
  await dialog().getByRole("button", { name: "Next" }).click();
  await dialog().getByText("will be left out: latest, oldest.").waitFor();
  await dialog().getByText("More", { exact: true }).click();
  await dialog()
    .getByLabel(/^Window/)
    .fill("2026-03-05/2026-03-06");
  await dialog()
    .getByLabel(/^As of/)
    .fill("2026-11-01T00:00:00Z");
  await dialog()
    .getByLabel(/^Inputs/)
    .fill("threshold = 0.5");
  await dialog().getByLabel("latest").check();
  await dialog().getByText("will be left out: oldest.").waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await dialog().getByRole("button", { name: "Publish" }).click();
  await page.getByText("Revision 1 is at /r/rows/1.").waitFor();
  const { report, revisions } = await server.ask<ReportDetail>("/api/reports/rows");
  expect(report.choices.tables).toEqual(["latest"]);
  expect(revisions[0]).toMatchObject({ variants: [{ threshold: 0.5 }], asOf: expect.stringContaining("2026-11-01") });
  expect(revisions[0]!.leftOut).toEqual(["The table of oldest is left out: it shows single rows."]);
  expect(revisions[0]!.measured).toMatchObject([
    { cell: "load", window: [expect.stringContaining("03-05"), expect.anything()] },
  ]);
});

test("a run over another window is published from its own page, which says before and after what it is", async () => {
  await promote(server, "daily", { run: "weekly.nb.md", schedule: "0 6 * * *", window: "yesterday" });
  const { run } = await runNow(server, "daily", { window: "2026-03-11/2026-03-12" });
  await page.goto(`${server.origin}/jobs/daily/runs/${run.id}`);
  await page.getByRole("button", { name: "Publish this run…" }).click();
  await dialog()
    .getByText(/by hand, over another window than the schedule’s/)
    .waitFor();
  expect(await dialog().locator("select[name=run]").inputValue()).toBe(run.id);
  await dialog().getByText("More", { exact: true }).click();
  await dialog()
    .getByLabel(/fill the past/)
    .check();
  expect(await seriousFaults(page)).toEqual([]);
  await dialog().getByRole("button", { name: "Publish" }).click();
  await page.getByText("Revision 1 is at /r/daily/1.").waitFor();
  expect((await server.ask<ReportDetail>("/api/reports/daily")).report.choices.backfills).toBe(true);
  await page.goto(`${server.origin}/r/daily`);
  await page.getByText(/by hand, over another window than the schedule’s/).waitFor();
});
