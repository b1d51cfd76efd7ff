import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { JobHistory } from "../../../workspaces/jobs/job-history.ts";
import { type Claim, JobQueue } from "../../../workspaces/jobs/job-queue.ts";
import type { OpenTick } from "../../../workspaces/jobs/job-rows.ts";
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
  queue.renew("two", ["a"], 99_000);
  queue.renew("one", ["other"], 99_000);
  expect(queue.publish(claim, OK_RESULT, 1001 + LEASE), "of others, or of another run").toBe(false);
  expect(queue.cancel("a", "Somebody said so.", 40_000)).toBe(true);
  expect(queue.cancel("a", "Again.", 40_000)).toBe(false);
  expect(queue.publish(claim, OK_RESULT, 1000)).toBe(false);
  expect(history.tick("hourly", 1000)).toMatchObject({ state: "skipped", reason: "Somebody said so." });
  expect(told()).toBe(0);
});

test("a clock that was set forward past a lease takes no run from who goes on with it", () => {
  const { queue, tick, begin } = world();
  queue.serve(tick, newRun("a"), 1000);
  const claim = begin("one", 1000);
  const later = 3_600_000;
  queue.renew("one", ["a"], later + LEASE);
  expect(queue.lose("one", true, later, () => ({ id: "again", atMillis: later }))).toBe(0);
  expect(queue.publish(claim, OK_RESULT, later)).toBe(true);
});

test("a clock that was set back holds no queued run", () => {
  const { queue, tick } = world();
  const [now, before] = [100 * 3_600_000, 99 * 3_600_000];
  queue.serve(tick, newRun("a"), now);
  expect(queue.nextQueued(before)).toBe(before);
  expect(queue.begin("one", 1, before + LEASE, before)).toHaveLength(1);
  queue.ask([newRun("b")], now);
  expect(queue.nextQueued(now - 60_000), "a pause that may be meant").toBe(now);
  expect(queue.begin("one", 1, now, now - 60_000)).toEqual([]);
});

test("of a job with thousands of missed ticks the first are looked at, and those that nobody has looked at", () => {
  const { queue, job, tick } = world();
  queue.wait(tick, "It waits.");
  const late = Array.from({ length: 3000 }, (_, at) => ({ scheduledForMillis: 2000 + at, late: true, skipped: null }));
  const ticks = [...late, { scheduledForMillis: 9000, late: false, skipped: null }];
  const from = { ...job, throughMillis: 1000 };
  queue.planned([{ job: from, planned: { ticks, throughMillis: 9000, nextMillis: 10_000 } }], 9000);
  const times = (found: readonly OpenTick[]) => found.map(({ scheduledForMillis }) => scheduledForMillis);
  expect(times(queue.openTicks(3))).toEqual([1000, 2000, 2001, 9000]);
  expect(times(queue.openTicksOf(["hourly", "nobody"], 5000))).toHaveLength(3002);
  expect(queue.firstOnTime("hourly")).toEqual(expect.objectContaining({ scheduledForMillis: 1000 }));
  expect(queue.openTicks(3)[1]!.reason).toBe("It was missed, and waits for its turn.");
});

test("a run is awaited while one that may make alerts, and was due before it, goes on", () => {
  const { queue, begin } = world();
  queue.ask([newRun("a"), newRun("b", { scheduledForMillis: 500, alerts: false })], 0);
  queue.ask([newRun("c", { job: "other", scheduledForMillis: 0 })], 0);
  expect([1000, 1001].map((due) => queue.isAwaited("hourly", due))).toEqual([false, true]);
  expect(queue.countActive("hourly")).toBe(2);
  queue.publish(begin("one", 1000), OK_RESULT, 1000);
  expect(queue.isAwaited("hourly", 1001)).toBe(false);
  expect(queue.countActive("hourly")).toBe(1);
});

test("what is open of a job is dropped at once, whatever its number", () => {
  const { queue, tick, history } = world();
  queue.serve(tick, newRun("a"), 1000);
  queue.ask(
    Array.from({ length: 5000 }, (_, at) => newRun(`b${at}`, { purpose: "backfill", scheduledForMillis: 2000 + at })),
    1000,
  );
  queue.drop("hourly", "The job was removed.", 5000);
  expect(queue.active("hourly")).toEqual([]);
  const gone = { state: "skipped", reason: "The job was removed." };
  expect(history.tick("hourly", 1000)).toMatchObject(gone);
  expect(history.run("b7")).toMatchObject({ state: "cancelled", reason: "The job was removed." });
});

test("a tick that comes to nothing is served by a backfill that was done before", () => {
  const { queue, tick, history, job } = world();
  queue.serve(tick, newRun("a"), 1000);
  const claims = queue.begin("one", 1, 99_000, 1000);
  const at = [1000, 1500, 1600] as const;
  queue.ask(
    at.map((scheduledForMillis) => newRun(`b${scheduledForMillis}`, { purpose: "backfill", scheduledForMillis })),
    1100,
  );
  const ticks = at.slice(1).map((scheduledForMillis) => ({ scheduledForMillis, late: false, skipped: null }));
  queue.planned([{ job, planned: { ticks, throughMillis: 1600, nextMillis: 9000 } }], 1700);
  for (const claim of queue.begin("one", 9, 99_000, 1800)) queue.publish(claim, OK_RESULT, 1900);
  expect(history.tick("hourly", 1000)).toMatchObject({ state: "running", run: "a" });
  queue.fail(claims[0]!, "It broke.", null, 2000);
  expect(history.tick("hourly", 1000)).toMatchObject({ state: "done", run: "b1000", reason: null, verdict: "ok" });
  expect(history.tick("hourly", 1500)).toMatchObject({ state: "done", run: "b1500" });
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
