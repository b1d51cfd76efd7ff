import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { seriousFaults, type TestBrowser } from "../support/browser.ts";
import { queryable } from "../support/monitored-days.ts";
import { openMonitored } from "../support/monitored-page.ts";
import type { TestServer } from "../support/server.ts";

const NOTEBOOK = `---
driftbook: 1
window: 2026-03-11/2026-03-21
---
\`\`\`yaml input name=cut
type: slider
default: 0.5
min: 0
max: 1
step: 0.01
\`\`\`

\`\`\`yaml drift name=moved
from: card_fraud
reference: 10 days before
min_rows: 20
columns: [score, country]
metrics: [psi, ks]
\`\`\`

\`\`\`yaml kpi name=caught
from: card_fraud
threshold: \${cut}
min_rows: 20
metrics: [recall, precision]
fail: {recall: 0.95}
\`\`\`

\`\`\`yaml check name=load
from: card_fraud
fail:
  range: {score: [0, 0.99]}
\`\`\`
`;

const OF_A_FILE = `---
driftbook: 1
---
\`\`\`sql name=loaded
SELECT * FROM 'data/rows.csv'
\`\`\`

\`\`\`yaml check name=counted
from: loaded
fail: {rows: {min: 2}}
\`\`\`
`;

let server: TestServer;
let browser: TestBrowser;
let page: Page;
beforeAll(async () => {
  const opened = await openMonitored({
    "health.nb.md": NOTEBOOK,
    "file.nb.md": OF_A_FILE,
    "data/rows.csv": "a\n1\n2\n3\n",
  });
  ({ server, browser, page } = opened);
  await page.goto(`${server.origin}/n/health.nb.md`);
  await page.getByRole("button", { name: /^Run/ }).first().click();
  return () => opened.close();
});

const recall = () => page.locator("#cell-caught .m-figure", { hasText: "Recall" }).locator("a.m-source");

test("a figure, a drift metric and a check lead to the page of their reading", async () => {
  const check = page.locator("#cell-load a.m-source").first();
  expect(await check.getAttribute("href")).toMatch(/^\/readings\/[0-9a-f]{24}$/);
  await page.locator("#cell-moved db-monitor summary").first().click();
  await page.locator("#cell-moved tr", { hasText: /^PSI/ }).locator("a.m-source").first().click();
  await page.getByRole("heading", { name: /^PSI of score in moved, 11–20 Mar 2026$/ }).waitFor();
  // The bins that it was computed from.
  const bins = page.getByRole("region", { name: "Bins" });
  await bins.getByRole("rowheader", { name: /^below 0\.\d+$/ }).waitFor();
  expect(await bins.getByRole("rowheader").count()).toBe(10);
  await page.goBack();
  await recall().waitFor();
});

test("back from a reading the notebook stands where it was left", async () => {
  const link = page.locator("#cell-load a.m-source").first();
  await link.scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollBy(0, -40));
  const top = await page.evaluate(() => scrollY);
  expect(top).toBeGreaterThan(200);
  await link.click();
  await page.getByRole("heading", { name: /^Range/ }).waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await link.waitFor();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(top);
});

test("the page of a reading says what was measured, how, over what, and what it came from", async () => {
  const shown = (await recall().textContent())!;
  await recall().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Recall of caught, 11–20 Mar 2026" }).waitFor();
  expect(await page.locator(".r-value").textContent()).toBe(shown);
  const fact = (name: string) => page.locator(".r-facts > div", { has: page.getByText(name, { exact: true }) });
  expect(await fact("Fails").textContent()).toMatch(/below 95%, (past|within) by [\d.]+ pp/);
  expect(await fact("Definition").textContent()).toContain("recall@1");
  expect(await fact("Inputs").textContent()).toMatch(/cut\s+0\.5/);
  expect(await fact("Programs").textContent()).toMatch(/Driftbook \S+, /);
  expect(await fact("As of").locator("[title]").getAttribute("title")).toMatch(/Z, shown in UTC \(UTC\+00:00\)$/);
  await page.getByRole("link", { name: "card_fraud" }).waitFor();
  await page.getByText("The cell and all that it reads, as it was").click();
  await page.getByText("threshold: ${cut}").waitFor();
  await page.getByRole("region", { name: "Outcomes" }).getByRole("rowheader", { name: "Alerted" }).waitFor();
  await page.getByText("There is no other reading of this metric yet").waitFor();

  await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy as JSON" }).click();
  await page.getByText("is copied").waitFor();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as {
    reading: { metric: string; details: Record<string, number> };
    measurement: { cell: string; statements: unknown[] };
  };
  expect(copied.reading.metric).toBe("recall");
  expect(copied.reading.details.tp).toBeGreaterThan(0);
  expect(copied.measurement).toMatchObject({ cell: "caught" });
  expect(copied.measurement.statements.length).toBeGreaterThan(0);
  expect(await seriousFaults(page)).toEqual([]);
});

test("a reading that is not kept is a sentence", async () => {
  await page.goto(`${server.origin}/readings/000000000000000000000000`);
  await page.getByText('No reading "000000000000000000000000" is kept.').waitFor();
  browser.errors.length = 0; // The browser calls the 404 an error.
});

test("labels that came late make a second reading, and comparing says how much they changed", async () => {
  const late: unknown[] = [];
  for (let at = 602; at < 1200; at += 4)
    late.push({ decision_id: `d-${at}`, label: true, source: "chargeback", observed_at: "2026-03-25T00:00:00Z" });
  const headers = { authorization: `Bearer ${await server.key("ingest:card_fraud")}` };
  await server.ask("/api/streams/card_fraud/feedback", { method: "POST", headers, json: late });
  await queryable(server, 300 + late.length, "feedback");
  await page.goto(`${server.origin}/n/health.nb.md`);
  const before = (await recall().textContent())!;
  await page.getByRole("button", { name: "Refresh" }).first().click();
  // What the new as-of makes stale runs by itself.
  await page.waitForFunction((was) => {
    const figures = [...document.querySelectorAll("#cell-caught .m-figure")];
    const now = figures.find((one) => one.textContent?.includes("Recall"))?.querySelector("a.m-source")?.textContent;
    return now !== undefined && now !== was;
  }, before);
  const after = (await recall().textContent())!;
  await recall().click();
  const history = page.getByRole("region", { name: "History" });
  await history.getByText("this one").waitFor();
  expect(await history.getByRole("row").count()).toBe(3);
  await page.locator("db-monitor-chart svg").waitFor();

  // By keyboard: to the list, whose first choice is the as-of before, and on to the button.
  await page.getByRole("button", { name: "Compare with …" }).focus();
  await page.keyboard.press("Enter");
  expect(await page.locator("select[name=with]").evaluate((select) => select === document.activeElement)).toBe(true);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText(/^The changes add up to the difference of/).waitFor({ timeout: 60_000 });
  expect(new URL(page.url()).searchParams.get("with")).toMatch(/^[0-9a-f]{24}$/);
  // The page stays as it was around the comparison.
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Compare");
  const sides = page.locator(".r-side-value");
  expect(await sides.nth(0).textContent()).toContain(before);
  expect(await sides.nth(1).textContent()).toContain(after);
  const cause = page.getByRole("row", { name: new RegExp(`^${late.length} labels arrived from chargeback`) });
  expect(await cause.textContent()).toMatch(/[+−][\d.]+ pp/);
  await cause.getByRole("button").focus();
  await page.keyboard.press("Enter");
  const rows = page.getByRole("region", { name: /^Rows of: / });
  expect(await rows.getByRole("cell", { name: "chargeback" }).count()).toBeGreaterThan(0);
  expect(await cause.getByRole("button").getAttribute("aria-expanded")).toBe("true");
});

test("the address of a comparison can be sent, and a slow one can be cancelled", async () => {
  await page.route("**/compare", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue().catch(() => undefined); // Cancelled meanwhile.
  });
  await page.reload();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Cancelled.").waitFor();
  await page.unroute("**/compare");
  await page.getByRole("button", { name: "Compare again" }).click();
  await page.getByText(/^The changes add up to the difference of/).waitFor({ timeout: 60_000 });
});

test("a comparison with what is not kept is a sentence", async () => {
  const address = page.url();
  await page.goto(address.replace(/with=.*/, "with=000000000000000000000000"));
  await page.getByRole("alert").getByText('No reading "000000000000000000000000" is kept.').waitFor();
  await page.goto(address);
  await page.getByText(/^The changes add up to the difference of/).waitFor({ timeout: 60_000 });
});

test("the page of a reading has no serious accessibility faults, light and dark, and fits a phone", async () => {
  await page.getByRole("button", { name: /labels arrived from chargeback/ }).click();
  for (const summary of await page.locator("details.r-fold > summary").all()) await summary.click();
  expect(await seriousFaults(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  expect(await seriousFaults(page)).toEqual([]);
  await page.setViewportSize({ width: 400, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
});

test("the same question answered differently is said on its page", async () => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${server.origin}/n/file.nb.md`);
  await page.getByRole("button", { name: /^Run/ }).first().click();
  const found = page.locator("#cell-counted a.m-source").first();
  await found.getByText("3 rows").waitFor();
  await writeFile(path.join(server.folder, "data/rows.csv"), "a\n1\n");
  await page.getByRole("button", { name: "Run all" }).click();
  await found.getByText("1 row", { exact: true }).waitFor();
  await found.click();
  await page.getByRole("heading", { name: "Rows of counted, all rows" }).waitFor();
  expect(await page.locator(".r-value").textContent()).toBe("1");
  await page
    .getByText(/This question was answered differently once before.* the other was 3 \(measured [^)]*\)\.$/)
    .waitFor();
});
