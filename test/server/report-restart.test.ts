import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { jobWish } from "../../cells/wire/http-jobs.ts";
import { failingJobFiles } from "../support/failing-job.ts";
import { quietServices } from "../support/quiet-services.ts";
import { workspaceFolder } from "../support/workspace-folder.ts";

const DAYS = ["2026-03-02", "2026-03-03", "2026-03-04"].map((day) => `${day}T06:00:00.000Z`);

test("a server that stops while the first run of a backfill goes on makes every revision after it starts again", async () => {
  const folder = await workspaceFolder(failingJobFiles("http://127.0.0.1:9"));
  const first = await quietServices(folder);
  const spec = { run: "checks.nb.md", schedule: "0 6 * * *", window: "yesterday" };
  await first.jobs.promotions.put("checks", jobWish.parse({ spec }), "test");
  const choices = { showCode: false, tables: "aggregates", personal: false, backfills: true } as const;
  first.reports.begin("checks", "checks", "Checks", choices);
  const keep = first.jobs.outputs.keep.bind(first.jobs.outputs);
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  let slow = "";
  first.jobs.outputs.keep = async (job, run, output) => {
    if (run === slow) await stopped;
    await keep(job, run, output);
  };
  const range = { start: DAYS[0]!, end: "2026-03-05T00:00:00.000Z" };
  const { runs } = first.jobs.asked.backfill("checks", range, { as: "known-now", alerts: false });
  slow = runs[0]!;
  while (runs.slice(1).some((run) => first.jobs.history.run(run)!.state !== "done"))
    await new Promise((resolve) => setTimeout(resolve, 20));
  const closed = first.close();
  stop();
  await closed;

  const second = await quietServices(folder);
  void second.jobs.start();
  second.reports.follower.catchUp();
  const { store } = second.reports;
  while (store.count("checks") < DAYS.length) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(store.revisions("checks").map(({ scheduledFor }) => scheduledFor)).toEqual(DAYS.toReversed());
  await second.close();
  await rm(folder, { recursive: true, force: true });
});
