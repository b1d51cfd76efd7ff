import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let browser: TestBrowser;
let page: Page;
beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-test-"));
  await writeFile(path.join(folder, "driftbook.yaml"), "zone: Europe/Berlin\n");
  server = await startServer({ folder });
  browser = await openBrowser();
  page = await browser.page();
  await page.goto(server.link);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const LOANS = [
  "application,applied_at,outcome,risk_score,customer,euros",
  ...Array.from(
    { length: 40 },
    (_, at) =>
      `L-${at},2026-03-${String((at % 28) + 1).padStart(2, "0")} 09:30:00,${at % 5 === 0 ? "decline" : "approve"},${(at * 7) % 100},c-${at % 9},${at}00.50`,
  ),
].join("\n");

test("an empty workspace says how to begin; a dropped file becomes a stream, rehearsed before it is loaded", async () => {
  await page.getByText("Three ways to begin").waitFor();
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "loans 2026.csv", mimeType: "text/csv", buffer: Buffer.from(LOANS) });
  const form = page.locator("#load-form");
  await form.waitFor();
  expect(await form.locator("[name=stream]").inputValue()).toBe("loans_2026");
  expect(await form.locator("[name=contract]").inputValue()).toContain("stream: loans_2026");
  expect(await form.locator("[name=select]").inputValue()).toMatch(/"application" AS decision_id/);
  await form.locator("[name=stream]").fill("loans");
  expect(await form.getByRole("button", { name: "Load" }).isDisabled()).toBe(true);
  await form.getByRole("button", { name: "Rehearse" }).click();
  await page.getByText(/Would accept\s*40/).waitFor();
  await form.getByRole("button", { name: "Load" }).click();
  await page.getByText("40 accepted, 0 duplicates, 0 quarantined").waitFor();
  await page.getByRole("link", { name: "Open the stream" }).click();
  await page.getByRole("heading", { name: "loans", exact: true }).waitFor();
  await page.getByText(/^40 decisions/).waitFor();
  await page.getByText("loans_2026.csv").waitFor();
  expect(await readFile(path.join(server.folder, "streams", "loans.yaml"), "utf8")).toContain("stream: loans");
});

test("a file that is none is told, and the page goes on", async () => {
  await page.goto(server.origin);
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "nonsense.parquet", mimeType: "application/octet-stream", buffer: Buffer.from("PAR1 no") });
  await page
    .getByRole("alert")
    .getByText(/nonsense\.parquet/)
    .waitFor();
  await page.getByText("choose a file").waitFor();
});

test("a new notebook: the data panel inserts a table, the result is exported and copied, the graph leads to cells", async () => {
  await page.goto(server.origin);
  await page.getByRole("button", { name: "New notebook" }).click();
  await page.getByText("An empty notebook.").waitFor();
  await page.locator(".empty").getByRole("button", { name: "+ SQL" }).click();
  await page.locator(".cm-editor.cm-focused").waitFor();
  await page.keyboard.type("SELECT decision, count(*) AS n FROM ");
  await page.getByRole("tab", { name: "Data" }).click();
  await page.locator("db-sidebar summary", { hasText: "loans.decisions" }).click();
  await page.locator("db-sidebar details[open]").getByRole("button", { name: "Insert name" }).click();
  await page.locator(".cm-content").getByText("loans.decisions").waitFor();
  await page.keyboard.type(" GROUP BY ALL ORDER BY n");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("gridcell", { name: "decline" }).waitFor();

  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("by_decision");
  await name.press("Enter");
  const table = page.locator("db-result-table");
  await table.hover();
  // Under its new name the cell runs once more; a link of the run before is refused.
  const exported = async (): Promise<string> => {
    const [csv] = await Promise.all([
      page.waitForEvent("download"),
      table.getByRole("link", { name: "CSV" }).click({ force: true }),
    ]);
    return readFile((await csv.path())!, "utf8");
  };
  await table.getByText("Export").click();
  await expect.poll(() => exported().catch(String)).toBe("decision,n\ndecline,8\napprove,32\n");

  await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await table.getByRole("button", { name: "Copy" }).click();
  await page.getByText("2 rows copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("decision\tn\ndecline\t8\napprove\t32");

  await page.getByRole("tab", { name: "Variables" }).click();
  await page.locator("db-sidebar").getByText("by_decision").first().waitFor();
  await table.locator(".table-foot > .cell-tools > button", { hasText: "Chart" }).click();
  await page.locator("db-chart svg").waitFor();
  await page.getByRole("tab", { name: "Outline" }).click();
  await page.locator("db-sidebar .graph").getByRole("button", { name: "by_decision" }).click();
  await page.locator("#cell-by_decision.selected, .cell.selected.kind-sql").waitFor();
});

test("a key made in Settings sends an event, and ends when it is revoked", async () => {
  await page.goto(`${server.origin}/settings`);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("loans service");
  await page.getByRole("textbox", { name: /scope/i }).fill("ingest:loans");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText("This key is shown once").waitFor();
  const secret = (await page.locator(".notice pre.code").textContent())!.trim();
  const send = (id: string) =>
    fetch(`${server.origin}/api/streams/loans/decisions`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ decision_id: id, decided_at: "2026-03-30T10:00:00Z", decision: "approve" }),
    });
  expect((await send("L-new")).status).toBe(200);
  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Revoke" }).first().click();
  await expect.poll(async () => (await send("L-newer")).status).toBe(401);
});

test("a notebook is renamed, duplicated, deleted and brought back on Home", async () => {
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Rename untitled.nb.md" }).click();
  const input = page.getByLabel("New name of untitled.nb.md");
  // On a phone the form stays within the page, with all of its buttons.
  const { width, height } = page.viewportSize()!;
  await page.setViewportSize({ width: 400, height: 800 });
  const cancel = await page.getByRole("button", { name: "Cancel" }).boundingBox();
  expect(cancel!.x + cancel!.width).toBeLessThanOrEqual(400);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
  await page.setViewportSize({ width, height });
  await input.fill("loans/../../escape.nb.md");
  await input.press("Enter");
  await page.getByRole("alert").waitFor();
  await input.fill("loans/daily.nb.md");
  await input.press("Enter");
  await page.getByRole("button", { name: "Duplicate loans/daily.nb.md" }).waitFor();
  // What its cells gave is there under the new name, without a run.
  await page.goto(`${server.origin}/n/loans/daily.nb.md`);
  await page.locator("db-result-table, db-chart svg").first().waitFor();
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Duplicate loans/daily.nb.md" }).click();
  await page.getByRole("button", { name: "Delete loans/daily.nb.md" }).click();
  await page.getByText("loans/daily.nb.md was deleted.").waitFor();
  await page.getByRole("button", { name: "Delete loans/daily-copy.nb.md" }).waitFor();
  expect(await page.getByRole("button", { name: "Delete loans/daily.nb.md" }).count()).toBe(0);
  const copy = await readFile(path.join(server.folder, "loans", "daily-copy.nb.md"), "utf8");
  expect(copy).toContain("by_decision");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Delete loans/daily.nb.md" }).waitFor();
  expect(await readFile(path.join(server.folder, "loans", "daily.nb.md"), "utf8")).toBe(copy);
});
