import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { seriousFaults } from "../support/browser.ts";
import { openMonitored } from "../support/monitored-page.ts";
import type { TestServer } from "../support/server.ts";

const NOTEBOOK = `---
driftbook: 1
title: Health
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
every: 1 day
min_rows: 20
columns: [score, country]
\`\`\`

\`\`\`yaml kpi name=caught
from: card_fraud
threshold: \${cut}
min_rows: 20
by: country
\`\`\`

\`\`\`yaml check name=load
from: card_fraud
fail:
  range: {score: [0, 0.99]}
\`\`\`
`;

let server: TestServer;
let page: Page;
beforeAll(async () => {
  const opened = await openMonitored({ "health.nb.md": NOTEBOOK });
  ({ server, page } = opened);
  await page.goto(`${server.origin}/n/health.nb.md`);
  await page.getByRole("button", { name: /^Run/ }).first().waitFor();
  return () => opened.close();
});

test("drift, kpi and check cells show their views; what moved is on top and opens to its distribution", async () => {
  await page.getByRole("button", { name: /^Run (all|\d+ stale)$/ }).click();
  const drift = page.locator("#cell-moved db-monitor");
  await drift.getByText("1 of 2 columns moved").waitFor();
  const first = drift.locator("details").first();
  expect(await first.locator("summary").textContent()).toMatch(/fail[\s\S]*score/);
  await first.locator("summary").click();
  await first.locator("svg").first().waitFor();
  await first.getByText("Distribution").waitFor();
  const kpi = page.locator("#cell-caught db-monitor");
  await kpi.getByText("ROC AUC").first().waitFor();
  await kpi.getByRole("rowheader", { name: "DE" }).waitFor();
  const check = page.locator("#cell-load db-monitor");
  await check.getByText("range · score", { exact: true }).waitFor();
  // The rows that break it are shown, what is personal in them is not.
  await check.getByText("(personal)").first().waitFor();
  expect(await check.textContent()).not.toContain("a-7");
});

test("moving the threshold in the chart moves the input, and what reads it follows", async () => {
  const kpi = page.locator("#cell-caught db-monitor");
  const handle = kpi.getByRole("slider").first();
  await handle.scrollIntoViewIfNeeded();
  await handle.focus();
  for (let press = 0; press < 5; press += 1) await page.keyboard.press("ArrowRight");
  await page.locator("#cell-cut").getByText("0.55").waitFor();
  await kpi.getByText(/score ≥ 0\.55/).waitFor();
});

test("the page of monitoring cells is free of serious accessibility faults", async () => {
  // A stale output is pale on purpose until its cell has run again.
  await page.waitForFunction(() => document.querySelector(".is-stale, .state-running, .state-queued") === null);
  expect(await seriousFaults(page)).toEqual([]);
});
