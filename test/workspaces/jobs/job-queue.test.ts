import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { JobHistory } from "../../../workspaces/jobs/job-history.ts";
import { type Claim, JobQueue } from "../../../workspaces/jobs/job-queue.ts";
import { JobStore } from "../../../workspaces/jobs/job-store.ts";
import type { EndedRun } from "../../../workspaces/jobs/run-result.ts";
import { newRun } from "../../support/new-run.ts";
import { OK_RESULT } from "../../support/ok-result.ts";

const LEASE = 30_000;

/** One job with one open tick at 1000. `onEnded` writes a row in the database of the run. */
function world(refuse = false) {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE told (run TEXT PRIMARY KEY)");
  const queue = new JobQueue(database, ({ run }: EndedRun) => {
    database.prepare("INSERT INTO told VALUES (?)").run(run.id);
    if (refuse) throw new Error("No room for the alert.");
  });
  const history = new JobHistory(database);
  new JobStore(database, queue).put(
    "hourly",
    { spec: { run: "a.nb.md", schedule: "every hour" }, zone: "UTC", version: 1 },
    0,
  );
  const [job] = queue.due(1000, 1);
  const ticks = [{ scheduledForMillis: 1000, late: false, skipped: null }];
  queue.planned([{ job: job!, planned: { ticks, throughMillis: 1000, nextMillis: 5000 } }], 1000);
  return {
    queue,
    history,
    job: job!,
    tick: queue.openTicks(1)[0]!,
    told: () => database.prepare("SELECT run FROM told").all().length,
    begin: (owner: string, nowMillis: number): Claim => queue.begin(owner, 1, nowMillis + LEASE, nowMillis)[0]!,
  };
}

test("a second planner of the same times finds nothing to add", () => {
  const { queue, job, history } = world();
  const ticks = [{ scheduledForMillis: 1500, late: false, skipped: null }];
  expect(queue.planned([{ job, planned: { ticks, throughMillis: 1500, nextMillis: 9000 } }], 2000)).toBe(0);
  expect(history.ticks("hourly", 10)).toHaveLength(1);
});

test("an open tick is served by one run, begun by one owner, and its end is told once", () => {
  const { queue, tick, told, begin, history } = world();
  expect(queue.serve(tick, newRun("a"), 1000)).toBe(true);
  expect(queue.serve(tick, newRun("b"), 1000)).toBe(false);
  const claim = begin("one", 1000);
  expect(queue.begin("two", 9, 99_000, 1000)).toEqual([]);
  expect(queue.publish(claim, OK_RESULT, 2000)).toBe(true);
  expect(queue.publish(claim, OK_RESULT, 2000)).toBe(false);
  expect(queue.fail(claim, "late", null, 2000)).toBe(false);
  expect(told()).toBe(1);
  expect(history.tick("hourly", 1000)).toMatchObject({ state: "done", run: "a", verdict: "ok" });
});

test("what fails as a run's end is told leaves the run as it was", () => {
  const { queue, tick, told, begin, history } = world(true);
  queue.serve(tick, newRun("a"), 1000);
  const claim = begin("one", 1000);
  expect(() => queue.publish(claim, OK_RESULT, 2000)).toThrow("No room");
  expect(told()).toBe(0);
  expect(history.run("a")?.state).toBe("running");
});

test("a claim ends with its lease, and with the cancelling of its run", () => {
  const { queue, tick, told, begin, history } = world();
  queue.serve(tick, newRun("a"), 1000);
  const claim = begin("one", 1000);
  expect(queue.publish(claim, OK_RESULT, 1001 + LEASE)).toBe(false);
  queue.renew("one", 99_000, 1001 + LEASE);
  expect(queue.publish(claim, OK_RESULT, 1001 + LEASE), "an ended lease is not renewed").toBe(false);
  expect(queue.cancel("a", "Somebody said so.", 40_000)).toBe(true);
  expect(queue.cancel("a", "Again.", 40_000)).toBe(false);
  expect(queue.publish(claim, OK_RESULT, 1000)).toBe(false);
  expect(history.tick("hourly", 1000)).toMatchObject({ state: "skipped", reason: "Somebody said so." });
  expect(told()).toBe(0);
});

test("the claim of who gave a run back is worth nothing when another has begun it", () => {
  const { queue, tick, begin } = world();
  queue.serve(tick, newRun("a"), 1000);
  const first = begin("one", 1000);
  queue.giveBack("one", 2000);
  const second = begin("two", 3000);
  expect(queue.publish(first, OK_RESULT, 4000)).toBe(false);
  expect(queue.publish(second, OK_RESULT, 4000)).toBe(true);
});

test("runs of a program before due times were kept have none, and new ones beside them do", () => {
  const database = new DatabaseSync(":memory:");
  new JobQueue(database).ask([newRun("old")], 0);
  database.exec("ALTER TABLE runs DROP COLUMN due_at");
  const queue = new JobQueue(database);
  const dueAt = "2026-03-01T06:00:00.000Z";
  queue.ask([{ ...newRun("new"), dueAt }], 0);
  expect(queue.active("hourly").map((run) => [run.id, run.dueAt])).toEqual([
    ["old", null],
    ["new", dueAt],
  ]);
  expect(new JobHistory(database).run("new")).toMatchObject({ dueAt });
});

test("looking for runs that are lost, every ten seconds, does not read those that ended", () => {
  const database = new DatabaseSync(":memory:");
  const queue = new JobQueue(database);
  database.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
    INSERT INTO runs (id, job, purpose, scheduled_for_millis, attempt, version, state, not_before_millis, alerts,
      created_at_millis, ended_at_millis)
    SELECT 'r' || i, 'hourly', 'scheduled', i, 1, 1, 'done', 0, 1, i, i FROM n`);
  const began = performance.now();
  for (let times = 0; times < 100; times++) queue.lose("me", true, 1, () => ({ id: "again", atMillis: 1 }));
  expect(performance.now() - began).toBeLessThan(100);
});
