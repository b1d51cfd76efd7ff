import { expect, test } from "vitest";
import { DueOrder } from "../../server/reports/due-order.ts";
import type { StoredReport } from "../../workspaces/reports/report-store.ts";
import { MemoryJobStore } from "../support/memory-job-store.ts";
import { newRun } from "../support/new-run.ts";

const REPORT = { slug: "daily", choices: { backfills: true } } as unknown as StoredReport;

/** Backfills due at 0, 1, 2 … that are in the queue, and an order that counts how often all of them are asked for. */
function world(runs: number) {
  const queue = new MemoryJobStore();
  queue.put("hourly", { spec: { run: "a.nb.md", schedule: "every hour" }, zone: "UTC", version: 1 }, 0);
  const ids = Array.from({ length: runs }, (_, at) => `r${at}`);
  queue.ask(
    ids.map((id, at) => newRun(id, { purpose: "backfill", scheduledForMillis: at })),
    10_000,
  );
  const made: string[] = [];
  const asked = { all: 0 };
  const order = new DueOrder(
    () => ({
      isOpen: (run) => queue.isOpen(run),
      active: (job) => {
        asked.all += 1;
        return queue.active(job);
      },
    }),
    (error) => {
      throw error;
    },
  );
  return {
    ...{ made, asked, order },
    /** The run ends; it gave something to show, or was cancelled. */
    end: async (at: number, gives: "something" | "nothing" = "something") => {
      queue.cancel(`r${at}`, "It ends.", 20_000);
      const one = { report: REPORT, job: "hourly", dueMillis: at };
      if (gives === "something") order.add({ ...one, go: () => void made.push(`r${at}`) });
      else order.lookSoon();
      await Promise.resolve();
    },
  };
}

test("revisions come in the order of due times, whatever order their runs end in", async () => {
  const { end, made } = world(5);
  await end(3);
  await end(1);
  expect(made).toEqual([]);
  await end(0);
  expect(made).toEqual(["r0", "r1"]);
  await end(4);
  await end(2);
  expect(made).toEqual(["r0", "r1", "r2", "r3", "r4"]);
});

test("a run that was cancelled holds nothing up any more", async () => {
  const { end, made } = world(2);
  await end(1);
  expect(made).toEqual([]);
  await end(0, "nothing");
  expect(made).toEqual(["r1"]);
});

test("what ends while the first goes on asks for all runs of the job once", async () => {
  const { end, made, asked } = world(200);
  for (let at = 1; at < 200; at += 1) await end(at);
  expect([made.length, asked.all]).toEqual([0, 1]);
  await end(0);
  expect([made.length, asked.all]).toEqual([200, 2]);
});
