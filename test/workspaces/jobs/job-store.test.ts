import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { JobQueue } from "../../../workspaces/jobs/job-queue.ts";
import { JobStore } from "../../../workspaces/jobs/job-store.ts";

test("what follows from a removal is part of it: both last, or neither", () => {
  const database = new DatabaseSync(":memory:");
  let refuse = true;
  const told: unknown[] = [];
  const store = new JobStore(database, new JobQueue(database), (job, nowMillis) => {
    told.push([job, nowMillis, database.isTransaction, store.find(job)]);
    if (refuse) throw new Error("No room for the alert.");
  });
  store.put("hourly", { spec: { run: "a.nb.md", schedule: "every hour" }, zone: "UTC", version: 1 }, 0);
  expect(() => store.remove("hourly", "test", 7)).toThrow("No room for the alert.");
  expect(store.find("hourly")).not.toBeNull();
  refuse = false;
  store.remove("hourly", "test", 8);
  expect([store.find("hourly"), told]).toEqual([
    null,
    [
      ["hourly", 7, true, null],
      ["hourly", 8, true, null],
    ],
  ]);
});
