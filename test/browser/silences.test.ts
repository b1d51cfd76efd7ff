import { rm } from "node:fs/promises";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { AlertList } from "../../cells/wire/http-alerts.ts";
import { openBrowser, seriousFaults, type TestBrowser } from "../support/browser.ts";
import { failingJobFiles, promoteChecks, runFor } from "../support/failing-job.ts";
import { startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let browser: TestBrowser;
let page: Page;
beforeAll(async () => {
  server = await startServer({ files: failingJobFiles("http://127.0.0.1:9/hook") });
  browser = await openBrowser();
  page = await browser.page();
  await promoteChecks(server);
  await page.goto(server.link);
  return async () => {
    await browser.close();
    await server.stop();
    await rm(server.folder, { recursive: true, force: true });
  };
});

const dialog = () => page.locator("dialog[open]");
const region = (name: string) => page.getByRole("region", { name, exact: true });

test("a silence is planned on the page of alerts before anything fires", async () => {
  await page.goto(`${server.origin}/alerts`);
  await page.getByRole("button", { name: "New silence…" }).click();
  await dialog().getByLabel("What").selectOption("all of load");
  await dialog().getByLabel("Begins").first().selectOption("at a time …");
  await dialog().getByLabel("Begins at").fill("2031-03-01T22:00");
  await dialog().getByLabel("Lasts").selectOption("until a time …");
  await dialog().getByLabel("Ends at").fill("2031-03-01T21:00");
  await dialog().getByLabel("Why").fill("the feed moves");
  expect(await seriousFaults(page)).toEqual([]);
  await dialog().getByRole("button", { name: "Silence" }).click();
  await dialog().getByText('"2031-03-01T21:00" is not after its beginning').waitFor();
  await dialog().getByLabel("Ends at").fill("2031-03-02T02:00");
  await dialog().getByRole("button", { name: "Silence" }).click();
  await region("Silences").getByText("all of load (checks)").waitFor();
  await region("Silences").getByText("1 Mar 2031, 22:00 to 2 Mar 2031, 02:00").waitFor();
});

test("a job is silenced on its page; what fires then stands as silenced, and as firing when that is ended", async () => {
  await page.goto(`${server.origin}/jobs/checks`);
  await page.getByText(/Will be silent from .*: all of load \(checks\)\. the feed moves/).waitFor();
  await page.getByRole("button", { name: "Silence…" }).click();
  await dialog().getByLabel("Why").fill("a holiday");
  await dialog().getByRole("button", { name: "Silence", exact: true }).click();
  await page.getByText(/Silent until .*: all alerts of checks\. a holiday/).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await runFor(server, "2026-03-02");
  await page.goto(`${server.origin}/alerts`);
  await region("Silenced").getByRole("link", { name: "rows of load" }).waitFor();
  await region("Firing").getByText("Nothing is firing.").waitFor();
  await page.getByRole("button", { name: "End the silence of all alerts of checks" }).click();
  const row = region("Firing").getByRole("row", { name: /rows of load/i });
  await row.waitFor();
  expect(await row.getByRole("button").allInnerTexts()).toEqual(["Acknowledge", "Silence…", "Close…"]);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 400, height: 800 });
  expect(await seriousFaults(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
});

test("an open alert is silenced with its value, and says so", async () => {
  const [alert] = (await server.ask<AlertList>("/api/alerts")).alerts;
  await page.goto(`${server.origin}/alerts/${alert!.id}`);
  await page.getByRole("button", { name: "Silence…" }).click();
  expect(await dialog().getByLabel("What").locator("option").allInnerTexts()).toEqual([
    alert!.title,
    "all of load",
    "all alerts of checks",
  ]);
  await dialog().getByLabel("Why").fill("is looked into");
  await dialog().getByRole("button", { name: "Silence", exact: true }).click();
  await page.locator(".notice").getByText(`: ${alert!.title} (checks). is looked into`).waitFor();
  await page.getByRole("region", { name: "What happened" }).getByText("is looked into").waitFor();
  expect(await page.getByRole("button", { name: "Silence…" }).count()).toBe(0);
});

test("the audit log says what was silenced until when: the time in the zone, and as it is stored when it is copied", async () => {
  await page.goto(`${server.origin}/settings`);
  const entry = page.getByRole("row", { name: /cell load · from/ });
  await entry.getByText("1 Mar 2031, 22:00").waitFor();
  expect(await entry.locator("time").first().getAttribute("title")).toMatch(/^2031-03-01T22:00:00\.000Z, shown in UTC/);
  const copied = await entry.locator("td > span").evaluate((part) => {
    let text = "";
    addEventListener("copy", (event) => {
      text = event.clipboardData?.getData("text/plain") ?? "";
    });
    getSelection()?.selectAllChildren(part);
    document.execCommand("copy");
    return text;
  });
  expect(copied).toContain(
    "cell load · from 2031-03-01T22:00:00.000Z · until 2031-03-02T02:00:00.000Z · comment the feed moves",
  );
  expect(browser.errors.filter((text) => !/status of 400/.test(text))).toEqual([]);
});
