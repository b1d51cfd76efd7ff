import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { seriousFaults } from "../support/browser.ts";
import { openMonitored } from "../support/monitored-page.ts";
import type { TestServer } from "../support/server.ts";

const NOTEBOOK = `---
driftbook: 1
window: 2026-03-11/2026-03-21
---
\`\`\`yaml drift name=moved
from: card_fraud
reference: 10 days before
every: 1 day
min_rows: 20
columns: [score]
\`\`\`
`;

let server: TestServer;
let page: Page;
beforeAll(async () => {
  const opened = await openMonitored({ "health.nb.md": NOTEBOOK });
  ({ server, page } = opened);
  return () => opened.close();
});

test("a mark made on the stream's page is on the charts of the next run, and can be removed", async () => {
  await page.goto(`${server.origin}/s/card_fraud`);
  const section = page.locator("section", { has: page.getByRole("heading", { name: "Marks" }) });
  await section.getByText("No marks yet").waitFor();
  const add = async (window: string, note: string): Promise<void> => {
    await section.getByLabel("Window").fill(window);
    await section.getByLabel("Note").fill(note);
    await section.getByRole("button", { name: "Add mark" }).click();
  };
  await add("some day", "outage");
  await page.getByText('"some day" is no window').waitFor();
  await section.getByLabel("Exclude from references and KPIs").check();
  await add("2026-03-03/2026-03-06", "outage");
  await section.getByText("3–5 Mar 2026").waitFor();
  expect(await section.getByLabel("Note").inputValue()).toBe("");
  await add("2026-03-14/2026-03-16", "campaign");
  await section.getByText("14–15 Mar 2026").waitFor();
  expect(await seriousFaults(page)).toEqual([]);

  await page.goto(`${server.origin}/n/health.nb.md`);
  await page.getByRole("button", { name: /^Run/ }).first().click();
  const drift = page.locator("#cell-moved db-monitor");
  await drift.getByText("1 mark excludes 3 days of the reference: outage").waitFor();
  await drift.locator("details").first().locator("summary").click();
  await drift.locator("svg").getByText("campaign").waitFor();

  page.on("dialog", (dialog) => void dialog.accept());
  await page.goto(`${server.origin}/s/card_fraud`);
  await section
    .getByRole("row", { name: /outage/ })
    .getByRole("button", { name: "Remove" })
    .click();
  await section.getByRole("row", { name: /outage/ }).waitFor({ state: "detached" });
  expect(await section.getByRole("row").count()).toBe(2);
});
