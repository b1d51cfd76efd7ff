import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { JobList } from "../../cells/wire/http-jobs.ts";
import { seriousFaults, type TestBrowser } from "../support/browser.ts";
import { act, WATCHED } from "../support/monitored-job.ts";
import { openMonitored } from "../support/monitored-page.ts";
import type { TestServer } from "../support/server.ts";

/** A cell with a window of its own. */
const WEEKS = `---
driftbook: 1
---
\`\`\`yaml check name=weeks
from: card_fraud
window: last 7 weeks
fail: {rows: {min: 1}}
\`\`\`
`;

let server: TestServer;
let browser: TestBrowser;
let page: Page;
const received: string[] = [];
beforeAll(async () => {
  const receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => {
      body += piece.toString();
    });
    request.on("end", () => {
      received.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const settings = `zone: UTC\ndestinations:\n  chat: {webhook: "http://127.0.0.1:${port}/hook", format: slack, allow_private: true}\n`;
  const opened = await openMonitored({
    ...{ "watched.nb.md": WATCHED, "weeks.nb.md": WEEKS, "driftbook.yaml": settings },
  });
  ({ server, browser, page } = opened);
  return async () => {
    await opened.close();
    receiver.close();
  };
});

const dialog = () => page.locator("dialog[open]");
const openMenu = async (cell: string): Promise<void> => {
  await page.locator(`#cell-${cell}`).hover();
  await page.locator(`#cell-${cell} .menu summary`).click();
  const { y, height } = (await page.locator(`#cell-${cell} .menu > div`).boundingBox())!;
  expect(y + height).toBeLessThanOrEqual(page.viewportSize()!.height);
};
const tick = (text: RegExp) => page.locator("table").getByText(text).first();

test("without jobs the page says how to make one", async () => {
  await page.getByRole("link", { name: "Jobs", exact: true }).click();
  await page.getByText("No jobs yet.").waitFor();
  await page.getByText("Promote to job…").waitFor();
  expect(await seriousFaults(page)).toEqual([]);
});

test("promoting a cell shows all that it freezes, says what is wrong at its field, and writes the job", async () => {
  await page.goto(`${server.origin}/n/watched.nb.md`);
  await openMenu("scores");
  await page.locator("#cell-scores .menu").getByText("Promote to job…").click();
  await dialog().getByLabel("Value of bound").waitFor();
  expect(await dialog().getByLabel("Value of bound").inputValue()).toBe("0.2");
  await dialog().getByText("2 cells frozen: bound, scores").waitFor();
  expect(await seriousFaults(page)).toEqual([]);

  await dialog().getByLabel("Schedule", { exact: true }).fill("* * * * * *");
  await dialog().getByRole("alert").getByText("has 6 fields").waitFor();
  expect(await dialog().getByRole("button", { name: "Promote" }).isDisabled()).toBe(true);
  await dialog().getByLabel("Schedule", { exact: true }).fill("every day at 06:00");
  await dialog().getByLabel("Window of each run").fill("yesterday");
  await dialog().getByLabel("Value of bound").fill("0.1");
  await dialog().getByLabel("Value of bound").press("Tab");
  await dialog().getByText("default 0.2").waitFor();
  await dialog().getByLabel("Name").fill("daily-scores");
  await dialog().getByLabel("chat").check();
  const times = dialog().locator("dt", { hasText: "Next times" }).locator("xpath=following-sibling::dd");
  expect((await times.textContent())!.match(/, 06:00/g)).toHaveLength(5);
  await dialog().getByRole("button", { name: "Promote" }).click();
  await page.getByText("daily-scores runs version 1 from now on.").waitFor();
  await page.locator("#cell-scores").getByRole("link", { name: "promoted in v1", exact: true }).waitFor();
  const file = await readFile(path.join(server.folder, "jobs/daily-scores.yaml"), "utf8");
  expect(file).toContain("run: watched.nb.md#scores");
  expect(file).toMatch(/bound: 0\.1/);
  await page.getByRole("link", { name: "Open the job" }).click();
  await page.getByRole("heading", { name: "daily-scores" }).waitFor();
});

test("a run over a stated window stands on the page of its job, and its readings lead to where they come from", async () => {
  await page.getByRole("button", { name: "Run over…" }).click();
  await dialog().getByLabel("Window").fill("2026-03-11/2026-03-12");
  await dialog().getByRole("button", { name: "Run", exact: true }).click();
  const run = page.getByRole("region", { name: "Runs" }).getByRole("row").nth(1);
  await run.getByText("fail").waitFor({ timeout: 30_000 });
  expect(await run.textContent()).toContain("11 Mar 2026");
  await run.getByRole("link").click();
  const reading = page.getByRole("region", { name: "Readings" }).getByRole("row", { name: /PSI/ }).first();
  await reading.getByText("fail").waitFor();
  await page.frameLocator("iframe[title='Output of the run']").getByText("score").first().waitFor();
  await reading.getByRole("link").click();
  await page.getByRole("heading", { name: /^PSI of score in scores, 11 Mar 2026$/ }).waitFor();
  await page.goBack();
});

test("replaying a run says that it gives the same numbers", async () => {
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByText(/Same: the replay gives the same \d+ readings, byte for byte\./).waitFor({ timeout: 30_000 });
  expect(await seriousFaults(page)).toEqual([]);
});

test("after an edit the badge says so; the next version shows its difference, and rolling back makes one that equals the first", async () => {
  await page.goto(`${server.origin}/n/watched.nb.md`);
  await page.locator("#cell-scores pre.code").click();
  const editor = page.locator("#cell-scores .cm-content");
  await editor.waitFor();
  await expect.poll(() => editor.evaluate((place) => place.contains(document.activeElement))).toBe(true);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("\nwarn: {psi: 0.05}");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "promoted in v1, text has changed since" }).waitFor();
  await openMenu("scores");
  await page.locator("#cell-scores .menu").getByText("Promote to job…").click();
  await dialog().getByText("Promote again to daily-scores").waitFor();
  await dialog().getByLabel("Note for the list of versions").fill("warns as well");
  await dialog().getByRole("button", { name: "Promote" }).click();
  await page.getByRole("link", { name: "promoted in v2", exact: true }).waitFor();

  await page.goto(`${server.origin}/jobs/daily-scores?show=versions`);
  await page.getByRole("cell", { name: "warns as well" }).waitFor();
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByRole("region", { name: "Changes: Cells" }).getByText("+ warn: {psi: 0.05}").waitFor();
  await page.getByRole("button", { name: "Roll back…" }).click();
  await dialog().getByRole("combobox", { name: "Version" }).selectOption("1");
  await dialog().getByText("- warn: {psi: 0.05}").waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await dialog().getByLabel("Note for the list of versions").fill("too loud");
  await dialog().getByRole("button", { name: "Roll back", exact: true }).click();
  await page.getByText("Rolled back.").waitFor();
  await page.getByText("in version 3").waitFor();
  await page.getByRole("cell", { name: "too loud" }).waitFor();
  // What was shown is of another pair than the one that is chosen now.
  const changes = page.getByRole("region", { name: "Changes: Cells" });
  expect(await page.locator("label", { hasText: /^to / }).getByRole("combobox").inputValue()).toBe("3");
  expect(await changes.count()).toBe(0);
  await page.getByRole("button", { name: "Compare" }).click();
  await changes.getByText("- warn: {psi: 0.05}").waitFor();
  await page.getByRole("link", { name: /^v2$/ }).click();
  await page.getByRole("heading", { name: "Version 2" }).waitFor();
  await page.getByRole("region", { name: "Text of scores" }).getByText("warn: {psi: 0.05}").waitFor();
  await page.getByRole("cell", { name: "bound" }).waitFor();
  await page.getByText(/^Driftbook .*, Node .*, Deno /).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await page.goBack();
  await page.getByRole("button", { name: "Open as notebook: version 2" }).click();
  await page.getByText("warn: {psi: 0.05}").first().waitFor();
  await page.waitForURL(/\/n\//);
});

test("pausing takes the next times away, and settings change without a version", async () => {
  await page.goto(`${server.origin}/jobs/daily-scores`);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("none while paused").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("none while paused").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Settings" }).last().click();
  await page.getByLabel("Schedule", { exact: true }).fill("every weekday at 07:00");
  await page.getByRole("button", { name: "Save settings" }).click();
  await page.getByText("The settings are in force.").waitFor();
  await page.getByText("every weekday at 07:00,").waitFor();
  await page.getByText("in version 3").waitFor();
});

test("when an alert fires is kept without a destination", async () => {
  await page.getByLabel("chat").uncheck();
  await page.getByLabel("Fires after").fill("5 runs");
  await page.getByRole("button", { name: "Save settings" }).click();
  const file = path.join(server.folder, "jobs/daily-scores.yaml");
  await expect.poll(() => readFile(file, "utf8")).toMatch(/alert:\n {2}after: 5 runs\n/);
  await page.getByText("nobody; alerts still stand under").waitFor();
  await page.getByLabel("chat").check();
  await page.getByLabel("Fires after").fill("");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect.poll(() => readFile(file, "utf8")).toMatch(/alert:\n {2}to:\n {4}- chat\n/);
});

test("a name that a job has fills the dialog with its settings; another gives back what was typed", async () => {
  await page.goto(`${server.origin}/n/weeks.nb.md`);
  await openMenu("weeks");
  await page.locator("#cell-weeks .menu").getByText("Promote to job…").click();
  const schedule = dialog().getByLabel("Schedule", { exact: true });
  await schedule.fill("every hour");
  await dialog().getByLabel("Name").fill("daily-scores");
  await dialog().getByText("The job daily-scores exists and runs watched.nb.md#scores").waitFor();
  expect(await schedule.inputValue()).toBe("every weekday at 07:00");
  expect(await dialog().getByLabel("chat").isChecked()).toBe(true);
  expect(await dialog().getByLabel("Window of each run").inputValue()).toBe("yesterday");
  // Its input is none of this cell's: there is a way on.
  await dialog().getByRole("button", { name: "Use the inputs’ defaults" }).click();
  await dialog().getByText("the job's window has no effect on it").waitFor();
  await dialog().getByText("its own, last 7 weeks").waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await dialog().getByLabel("Name").fill("weekly-rows");
  expect(await schedule.inputValue()).toBe("every hour");
  expect(await dialog().getByLabel("chat").isChecked()).toBe(false);

  await dialog().getByText("More settings").click();
  await dialog().getByLabel("Tries again after errors that may pass").fill("99");
  await dialog().getByRole("alert").waitFor();
  expect(await dialog().getByRole("button", { name: "Promote" }).isDisabled()).toBe(true);
  await dialog().getByLabel("Tries again after errors that may pass").fill("0");
  await dialog().getByLabel("Fires after").fill("3 runs");
  await expect.poll(() => dialog().getByRole("button", { name: "Promote" }).isDisabled()).toBe(false);
  await dialog().getByRole("button", { name: "Promote" }).click();
  await page.getByText("weekly-rows runs version 1 from now on.").waitFor();
  const file = await readFile(path.join(server.folder, "jobs/weekly-rows.yaml"), "utf8");
  expect(file).toMatch(/schedule: every hour\nretries: 0\nalert:\n {2}after: 3 runs\n/);
});

test("a version that was opened as a notebook is promoted as the next version of its job", async () => {
  await page.goto(`${server.origin}/n/daily-scores-v2.nb.md`);
  await openMenu("scores");
  await page.locator("#cell-scores .menu").getByText("Promote to job…").click();
  await dialog().getByText("The notebook was opened from daily-scores").waitFor();
  expect(await dialog().getByLabel("Name").inputValue()).toBe("daily-scores");
  expect(await dialog().getByLabel("Schedule", { exact: true }).inputValue()).toBe("every weekday at 07:00");
  expect(await dialog().getByLabel("Window of each run").getAttribute("placeholder")).toBe("yesterday, the notebook’s");
  await dialog().getByLabel("Value of bound").waitFor();
  expect(await dialog().getByLabel("Value of bound").inputValue()).toBe("0.1");
  await dialog().getByRole("button", { name: "Cancel" }).click();
});

test("a backfill that may alert fires; Home shows it, and it can be acknowledged, silenced and closed", async () => {
  await page.goto(`${server.origin}/jobs/daily-scores`);
  await page.getByRole("button", { name: "Backfill…" }).click();
  await dialog().getByLabel("Range of due times").fill("2026-03-11/2026-03-14");
  await dialog().getByLabel("Data").selectOption("known-now");
  await dialog().getByLabel("Alerts may fire").check();
  await dialog().getByRole("button", { name: "Backfill", exact: true }).click();
  await page.getByText("3 runs are queued.").waitFor();
  await page.goto(server.origin);
  const firing = page.getByRole("region", { name: "Firing" });
  await firing.getByRole("link", { name: "PSI of score in scores" }).waitFor({ timeout: 30_000 });
  const strip = page.getByRole("group", { name: /due times of daily-scores/ });
  await strip.getByRole("link", { name: /13 Mar 2026, 07:00: fail/ }).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await firing.getByRole("link", { name: "PSI of score in scores" }).click();
  await page.getByText(/would resolve it/).waitFor();
  await page.getByRole("region", { name: "Course" }).locator(".chart svg").first().waitFor();
  await page.getByRole("region", { name: "Who was told" }).getByText("delivered").first().waitFor();
  expect(received.some((body) => body.includes("daily-scores"))).toBe(true);
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await dialog().getByLabel("Comment").fill("the new model");
  await dialog().getByRole("button", { name: "Acknowledge" }).click();
  await page.locator("dl").getByText("the new model").waitFor();

  await page.getByRole("link", { name: "Alerts" }).first().click();
  await page.getByRole("button", { name: /^Silence/ }).click();
  await dialog().getByLabel("Why").fill("is looked into");
  await dialog().getByRole("button", { name: "Silence", exact: true }).click();
  await page.getByRole("region", { name: "Silenced" }).getByText("PSI of score in scores").waitFor();
  await page.getByRole("button", { name: "End the silence of PSI of score in scores (daily-scores)" }).click();
  await page.getByRole("region", { name: "Firing" }).getByText("PSI of score in scores").waitFor();
  await page.getByRole("button", { name: /^Close PSI/ }).click();
  await dialog().getByLabel("a false alarm").check();
  await dialog().getByRole("button", { name: "Close the alert" }).click();
  await tick(/^false alarm$/).waitFor();
  await page.getByRole("region", { name: "False alarms" }).getByText("100%").waitFor();
  expect(await seriousFaults(page)).toEqual([]);
});

test("the course of what fired leads from each point to its run", async () => {
  await page.goto(`${server.origin}/jobs/daily-scores`);
  const course = page.getByRole("region", { name: "Course" });
  await course
    .getByText(/^fired 1\d Mar/)
    .first()
    .waitFor();
  const box = (await course.locator(".chart svg").boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForURL(/\/jobs\/daily-scores\/runs\//);
  await page.getByText("backfill, version 3").waitFor();
  // In the middle stands the second of the three days.
  await page.getByRole("heading", { name: "12 Mar 2026, 07:00" }).waitFor();
});

test("long lists go on where they ended, and back", async () => {
  await act(server, "daily-scores", "backfill", { range: "2026-05-01/2026-09-20", as: "known-now" });
  await page.goto(`${server.origin}/jobs/daily-scores`);
  const first = () =>
    page.getByRole("region", { name: "Runs" }).getByRole("row").nth(1).getByRole("link").getAttribute("href");
  const parts = page.getByRole("navigation", { name: "Parts of the list" });
  const newest = await first();
  await parts.getByRole("link", { name: "Older" }).click();
  await parts.getByRole("link", { name: "Newest" }).waitFor();
  await expect.poll(first).not.toBe(newest);
  await page.goBack();
  await expect.poll(first).toBe(newest);
  await page.getByRole("button", { name: "Cancel all" }).click();
});

test("due times without data stand on Home as missing", async () => {
  await act(server, "daily-scores", "backfill", { range: "2026-04-13/2026-04-15", as: "known-now", alerts: true });
  await page.goto(server.origin);
  const missing = page.getByRole("region", { name: "Missing data" });
  await missing.getByText("no data").waitFor({ timeout: 60_000 });
  await missing.getByRole("link").first().click();
  await page.getByRole("link", { name: "daily-scores" }).first().waitFor();
});

test("the settings send a test to a destination and say what came of it", async () => {
  const before = received.length;
  await page.goto(`${server.origin}/settings`);
  await page.getByRole("button", { name: "Send test to chat" }).click();
  await page
    .getByRole("status")
    .getByText(/^chat: /)
    .waitFor();
  expect(received.length).toBe(before + 1);
  expect(await seriousFaults(page)).toEqual([]);
});

test("a run that failed has its mark in the list of jobs", async () => {
  await page.route("**/api/jobs", async (route) => {
    const answer = await route.fetch();
    const { jobs, ...rest } = (await answer.json()) as JobList;
    const failed = jobs.map((job) => ({ ...job, lastRun: { ...job.lastRun!, state: "failed", verdict: null } }));
    await route.fulfill({ response: answer, json: { ...rest, jobs: failed } });
  });
  await page.goto(`${server.origin}/jobs`);
  const mark = page.getByRole("row", { name: /daily-scores/ }).locator(".m-verdict.verdict-error");
  await mark.getByText("failed").waitFor();
  expect(await mark.locator("svg").count()).toBe(1);
  await page.unroute("**/api/jobs");
});

test("a whole notebook is promoted from the palette and carries its badge in the head bar", async () => {
  await page.goto(`${server.origin}/n/watched.nb.md`);
  await page.locator("#cell-scores").waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("whole notebook");
  await page.keyboard.press("Enter");
  await dialog().getByText("3 cells frozen").waitFor();
  await dialog().getByRole("button", { name: "Promote" }).click();
  await page.locator(".head").getByRole("link", { name: "promoted in v1", exact: true }).waitFor();
});

test("how often the bounds would have fired is measured before promoting", async () => {
  await openMenu("caught");
  await page.locator("#cell-caught .menu").getByText("Promote to job…").click();
  // It begins by itself; whoever stopped it asks for it.
  const measuring = dialog().getByText("Measuring the last 180 due times");
  await measuring.waitFor();
  await dialog().getByRole("button", { name: "Cancel" }).first().click();
  const ask = dialog().getByRole("button", { name: "How often would these bounds have fired?" });
  await ask.waitFor();
  await page.waitForTimeout(1500);
  expect(await measuring.count()).toBe(0);
  await ask.click();
  await dialog()
    .getByText(/^These bounds would (not )?have fired|^There is no past due time/)
    .waitFor({ timeout: 100_000 });
  await dialog().getByRole("button", { name: "Cancel" }).click();
}, 120_000);

test("a deleted job is found under Removed, shows its history, and is brought back", async () => {
  page.once("dialog", (asked) => void asked.accept());
  await page.goto(`${server.origin}/jobs/daily-scores?show=settings`);
  await page.getByRole("button", { name: "Delete the job…" }).click();
  await page.getByText("Removed", { exact: false }).first().click();
  await page.getByRole("link", { name: "daily-scores" }).click();
  await page.getByText(/^This job was removed .* by /).waitFor();
  expect(await page.getByRole("button", { name: "Run now" }).count()).toBe(0);
  await page.getByRole("region", { name: "Runs" }).getByRole("link").first().click();
  await page.getByText(/^The job was removed/).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await page.goBack();
  await page.getByRole("button", { name: "Bring it back" }).click();
  await page.getByText("It is back, with version 3.").waitFor();
  await page.getByRole("button", { name: "Run now" }).waitFor();
});

test("pages of jobs and alerts have no serious faults in the dark, and fit a phone", async () => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 400, height: 800 });
  for (const place of [
    "/",
    "/jobs",
    "/jobs/daily-scores",
    "/jobs/daily-scores?show=ticks",
    "/jobs/daily-scores?show=settings",
    "/jobs/daily-scores/versions/2",
    "/alerts",
  ]) {
    await page.goto(server.origin + place);
    await page.locator("h1").waitFor();
    expect(await seriousFaults(page), place).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), place).toBe(400);
  }
  await page.goto(`${server.origin}/settings`);
  const send = (await page.getByRole("button", { name: "Send test to chat" }).boundingBox())!;
  expect(send.x + send.width).toBeLessThanOrEqual(400);
  expect(browser.errors.filter((text) => !/status of 4(00|22)/.test(text))).toEqual([]);
});
