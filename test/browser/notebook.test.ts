import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, seriousFaults, type TestBrowser } from "../support/browser.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { decision } from "../support/workspace-folder.ts";

const NOTEBOOK = `---
driftbook: 1
title: A test
---
There are **\${n.get(0).n}** rows.

\`\`\`yaml input name=threshold
type: slider
default: 0.5
min: 0
max: 1
step: 0.1
\`\`\`

\`\`\`sql name=n
SELECT count(*) AS n FROM range(1000) WHERE range / 1000 >= \${threshold}
\`\`\`

\`\`\`ts id=chart
Plot.plot({marks: [Plot.barY([{x: "rows", y: n.get(0).n}], {x: "x", y: "y", tip: true})]})
\`\`\`
`;
const MANY =
  "---\ndriftbook: 1\n---\n```sql name=many\nSELECT range AS i, range * 9007199254740993::HUGEINT AS big, 'row ' || range AS name FROM range(1000000)\n```\n";
const BAD =
  "---\ndriftbook: 1\n---\n```sql name=bad\nSELECT 1 +\nFROM nowhere\n```\n\n```ts id=throws\nconst a = 1;\nthrow new Error(`boom ${a}`)\n```\n";
const HTML =
  '---\ndriftbook: 1\n---\n```ts id=evil\ndisplay(html`<p id=inside>inside</p><img src=x><a href="javascript:parent.hacked=1">x</a>`); display({outerHTML: \'<script>parent.hacked = 1; fetch("/api/keys")</script><b>bold</b>\'})\n```\n';

let server: TestServer;
let browser: TestBrowser;
beforeAll(async () => {
  server = await startServer({
    files: { "a.nb.md": NOTEBOOK, "many.nb.md": MANY, "bad.nb.md": BAD, "html.nb.md": HTML },
  });
  browser = await openBrowser();
  await server.request("/api/streams/card_fraud/decisions", {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: JSON.stringify(decision("t-1")),
  });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  for (const page of browser.context.pages()) if (page.url() !== "about:blank") await page.close();
});

async function open(where: string): Promise<Page> {
  const page = await browser.page();
  await page.goto(server.link);
  await page.goto(`${server.origin}${where}`);
  return page;
}
const cell = (page: Page, id: string) => page.locator(`#cell-${id}`);
const runAll = (page: Page) => page.getByRole("button", { name: /^Run (all|\d+ stale)$/ }).click();

describe("a notebook in the browser", () => {
  test("opening runs nothing; running shows prose, table and chart; they survive a reload and a restart", async () => {
    let page = await open("/n/a.nb.md");
    await page.getByText("not run yet").first().waitFor();
    expect(await page.locator("db-result-table").count()).toBe(0);
    await runAll(page);
    await page.getByText("There are 500 rows").waitFor();
    await cell(page, "n").getByRole("gridcell", { name: "500" }).waitFor();
    await cell(page, "chart").locator("svg").first().waitFor();
    await page.reload();
    await page.getByText("There are 500 rows").waitFor();
    await page.close();

    const folder = server.folder;
    await server.stop();
    server = await startServer({ folder });
    page = await open("/n/a.nb.md");
    await page.getByText("There are 500 rows").waitFor();
    await cell(page, "n")
      .getByText(/from \d\d:\d\d/)
      .waitFor();
    await cell(page, "chart").locator("svg").first().waitFor();
  });

  test("moving an input runs what depends on it, and nothing is written until it is kept", async () => {
    const page = await open("/n/a.nb.md");
    await runAll(page);
    await page.getByText("There are 500 rows").waitFor();
    await page.getByRole("slider", { name: "threshold" }).fill("0.9");
    await page.getByText("There are 100 rows").waitFor();
    expect(await readFile(path.join(server.folder, "a.nb.md"), "utf8")).toBe(NOTEBOOK);
    await page.getByRole("button", { name: "Keep as default" }).click();
    await expect.poll(() => readFile(path.join(server.folder, "a.nb.md"), "utf8")).toContain("default: 0.9");
    await writeFile(path.join(server.folder, "a.nb.md"), NOTEBOOK);
    await page.getByRole("slider", { name: "threshold" }).fill("0.5");
    await page.getByText("There are 500 rows").waitFor();
  });

  test("typing, two tabs and an edit on disk come together", async () => {
    const [one, two] = [await open("/n/a.nb.md"), await open("/n/a.nb.md")];
    await cell(one, "n").locator("pre.code").click();
    await one.keyboard.press("Control+End");
    await one.keyboard.type(" -- typed here");
    await cell(two, "n").getByText("typed here").waitFor();
    await cell(two, "chart").locator("pre.code").click();
    await two.keyboard.press("Control+End");
    await two.keyboard.type("// and here");
    await cell(one, "chart").getByText("and here").waitFor();
    await expect.poll(() => readFile(path.join(server.folder, "a.nb.md"), "utf8")).toMatch(/typed here[\s\S]*and here/);
    const text = await readFile(path.join(server.folder, "a.nb.md"), "utf8");
    await writeFile(path.join(server.folder, "a.nb.md"), text.replace("There are", "On disk there are"));
    for (const page of [one, two]) await page.getByText("On disk there are").waitFor();
    expect(await readFile(path.join(server.folder, "a.nb.md"), "utf8")).toMatch(
      /On disk[\s\S]*typed here[\s\S]*and here/,
    );
    await writeFile(path.join(server.folder, "a.nb.md"), NOTEBOOK);
    await one.getByText("On disk there are").waitFor({ state: "detached" });
  });

  test("a million rows scroll, sort and filter, with exact integers", async () => {
    const page = await open("/n/many.nb.md");
    await runAll(page);
    const table = cell(page, "many");
    await table.getByText("1,000,000 rows · 3 columns").waitFor();
    await table.getByRole("gridcell", { name: "row 3", exact: true }).waitFor();
    await table.locator(".table-scroll").evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await table.getByRole("gridcell", { name: "row 999999", exact: true }).waitFor();
    await table.getByText("9,007,190,247,541,738,259,007").waitFor();
    await table
      .getByRole("button", { name: /^i: BIGINT/ })
      .or(table.locator(".table-name").first())
      .first()
      .click();
    await table.locator(".table-name").first().click();
    await table.getByRole("gridcell", { name: "row 999999", exact: true }).waitFor();
    await table.getByLabel("Rows that contain").fill("row 77777");
    await table.getByLabel("Rows that contain").press("Enter");
    await table.getByText(/^11 of 1,000,000 rows/).waitFor();
    // Pinned columns come first and stay; hidden ones go; a column becomes a chart in a cell below.
    await table.getByText("Columns", { exact: true }).click();
    await table.locator(".column-row", { hasText: "name" }).getByRole("button", { name: "Pin" }).click();
    expect(await table.locator("th").first().textContent()).toContain("name");
    await table.locator(".column-row", { hasText: "big" }).getByRole("checkbox").uncheck();
    expect(await table.locator("th").count()).toBe(2);
    await table
      .locator(".column-row")
      .filter({ hasText: /^\s*i\s/ })
      .getByRole("button", { name: "Chart" })
      .click();
    await page.locator("db-cell .kind-ts pre.code").getByText("rectY").waitFor();
  });

  test("errors say the sentence, the line, and lead there", async () => {
    const page = await open("/n/bad.nb.md");
    await runAll(page);
    await cell(page, "throws").getByText("boom 1").waitFor();
    await cell(page, "throws").getByRole("button", { name: "line 2, column 7" }).click();
    await cell(page, "throws").locator(".cm-editor.cm-focused").waitFor();
    await cell(page, "bad").getByRole("alert").waitFor();
  });

  test("HTML of a cell reaches neither the page nor the API", async () => {
    const page = await open("/n/html.nb.md");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await runAll(page);
    const frames = cell(page, "evil").locator("iframe");
    await expect.poll(() => frames.count()).toBe(2);
    await frames.first().contentFrame().locator("#inside").waitFor();
    expect(await frames.first().getAttribute("sandbox")).toBe("");
    await frames.first().contentFrame().getByText("x", { exact: true }).click({ force: true });
    expect(await page.evaluate(() => (window as unknown as { hacked?: number }).hacked)).toBeUndefined();
    expect(asked.filter((url) => url.includes("/api/keys"))).toEqual([]);
  });

  test("command mode: insert, name by typing, delete, bring back, palette, help", async () => {
    const page = await open("/n/a.nb.md");
    await cell(page, "n").locator(".cell-kind").click();
    await page.keyboard.press("b");
    await page.locator(".cm-editor.cm-focused").waitFor();
    await page.keyboard.type("SELECT 42 AS answer");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("gridcell", { name: "42" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("d");
    await page.keyboard.press("d");
    await page.getByText("was deleted").waitFor();
    expect(await page.getByRole("gridcell", { name: "42" }).count()).toBe(0);
    await page.keyboard.press("z");
    // Selected again, not only there: the next keys are for it.
    await page.locator(".cell.selected", { hasText: "SELECT 42 AS answer" }).waitFor();
    await page.keyboard.press("d");
    await page.keyboard.press("d");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Find an action" }).fill("all keys");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => readFile(path.join(server.folder, "a.nb.md"), "utf8")).not.toContain("42");
  });

  test("a chart answers the pointer and the arrow keys", async () => {
    const page = await open("/n/a.nb.md");
    await runAll(page);
    const chart = cell(page, "chart").locator(".chart");
    await chart.locator("svg").waitFor();
    await chart.focus();
    await page.keyboard.press("ArrowRight");
    await chart.locator(".chart-tip").getByText("500").waitFor();
    const box = (await chart.boundingBox())!;
    await page.mouse.move(0, 0);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await chart.locator(".chart-tip").getByText("rows").waitFor();
    // The dot stands on the bar that the tip speaks of.
    const dot = (await chart.locator(".chart-dot").boundingBox())!;
    const bar = (await chart.locator("svg rect").last().boundingBox())!;
    expect(Math.abs(dot.x + dot.width / 2 - (bar.x + bar.width / 2))).toBeLessThan(2);
  });

  test("a killed server is come back to: the page says so after a second, and what was typed is kept", async () => {
    const page = await open("/n/a.nb.md");
    await cell(page, "n").locator("pre.code").click();
    const { folder, port } = server;
    await server.kill();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(" -- offline");
    await page.getByText("Reconnecting").waitFor();
    server = await startServer({ folder, args: ["--port", String(port)] });
    await expect
      .poll(() => readFile(path.join(folder, "a.nb.md"), "utf8"), { timeout: 20_000 })
      .toContain("-- offline");
    await writeFile(path.join(folder, "a.nb.md"), NOTEBOOK);
  });
});

describe("for everyone", () => {
  test.each(["light", "dark"] as const)("axe finds nothing serious on any page, %s", async (colorScheme) => {
    const page = await open("/n/a.nb.md");
    await page.emulateMedia({ colorScheme });
    await runAll(page);
    await cell(page, "chart").locator("svg").first().waitFor();
    await cell(page, "n").locator("pre.code").click();
    await page.locator(".cm-editor.cm-focused").waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    for (const where of ["/", "/s/card_fraud", "/settings"]) {
      await page.goto(`${server.origin}${where}`);
      await page.locator("h1").waitFor();
      expect(await seriousFaults(page), where).toEqual([]);
    }
  });

  test("nothing is wider than a phone, and no page logs an error", async () => {
    const page = await open("/n/a.nb.md");
    await page.setViewportSize({ width: 400, height: 800 });
    await runAll(page);
    await cell(page, "chart").locator("svg").first().waitFor();
    for (const where of ["/n/a.nb.md", "/", "/s/card_fraud", "/settings"]) {
      await page.goto(`${server.origin}${where}`);
      await page.locator("h1, db-cell").first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth), where).toBeLessThanOrEqual(400);
    }
    const expected =
      /WebSocket connection|ERR_CONNECTION|Failed to load resource|sandbox|Running the JavaScript URL violates/;
    expect(browser.errors.filter((error) => !expected.test(error))).toEqual([]);
  });
});
