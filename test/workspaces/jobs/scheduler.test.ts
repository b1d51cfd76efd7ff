import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { JobSpec } from "../../../cells/jobs/job-spec.ts";
import { JobHistory } from "../../../workspaces/jobs/job-history.ts";
import { JobQueue } from "../../../workspaces/jobs/job-queue.ts";
import type { OpenRun } from "../../../workspaces/jobs/job-rows.ts";
import { JobStore } from "../../../workspaces/jobs/job-store.ts";
import type { EndedRun } from "../../../workspaces/jobs/run-result.ts";
import { LEASE_MILLIS, Scheduler, TransientFailure } from "../../../workspaces/jobs/scheduler.ts";
import { OK_RESULT } from "../../support/ok-result.ts";

const BEGIN = Date.parse("2026-03-01T00:30:00Z");
const MINUTE = 60_000;
const at = (time: string): number => Date.parse(`2026-03-01T${time}:00Z`);

interface Going {
  readonly run: OpenRun;
  readonly signal: AbortSignal;
  readonly end: (outcome?: Error) => Promise<void>;
}

/** One hourly job, a clock that is moved by hand, and runs that end when the test says so. */
function world(settings: Partial<JobSpec> = {}, ready: () => boolean = () => true) {
  const database = new DatabaseSync(":memory:");
  const told: EndedRun[] = [];
  const queue = new JobQueue(database, (ended) => void told.push(ended));
  const store = new JobStore(database, queue);
  const history = new JobHistory(database);
  let now = BEGIN;
  let ids = 0;
  const going: Going[] = [];
  const spec: JobSpec = { run: "a.nb.md", schedule: "every hour", ...settings };
  store.put("hourly", { spec, zone: "UTC", version: 1 }, now);
  const scheduler = (owner: string, alone = true) =>
    new Scheduler({
      store: queue,
      nowMillis: () => now,
      newId: () => {
        ids += 1;
        return `r${ids}`;
      },
      owner,
      alone,
      concurrency: 3,
      readiness: () =>
        ready() ? { ready: true, window: null } : { ready: false, window: null, reason: "The stream ends at noon." },
      noData: (_job, window, reason) => ({ ...OK_RESULT, verdict: "no-data", window, reason }),
      execute: (run, _timeout, signal) =>
        new Promise((resolve, reject) => {
          going.push({
            run,
            signal,
            end: async (outcome) => {
              if (outcome === undefined) resolve(OK_RESULT);
              else reject(outcome);
              await new Promise((settled) => setImmediate(settled));
            },
          });
        }),
      onChange: () => {},
      onError: (error) => {
        throw error;
      },
    });
  return {
    store,
    queue,
    history,
    told,
    going,
    scheduler,
    /** Moves the clock, and gives these their turns on the way: others stand still. */
    go: (millis: number, ...those: Scheduler[]) => {
      while (now < millis && those.length > 0) {
        now = Math.min(millis, now + 10_000);
        for (const one of those) one.turn();
      }
      now = millis;
      for (const one of those) one.turn();
    },
    ticks: () =>
      history
        .ticks("hourly", 100)
        .reverse()
        .map(({ scheduledFor, state }) => `${scheduledFor.slice(11, 16)} ${state}`),
    reason: (time: string) => history.tick("hourly", at(time))!.reason,
  };
}

test("overlap skip: a tick that comes due while the run goes on is skipped, and says so", async () => {
  const { going, go, scheduler, ticks, reason } = world();
  const one = scheduler("a");
  go(at("01:00"), one);
  go(at("02:00"), one);
  expect(ticks()).toEqual(["01:00 running", "02:00 skipped"]);
  expect(reason("02:00")).toBe("The run of 2026-03-01T01:00:00.000Z still went on (overlap: skip).");
  await going[0]!.end();
  go(at("03:00"), one);
  expect(ticks()).toEqual(["01:00 done", "02:00 skipped", "03:00 running"]);
});

test("overlap queue: one tick waits, those after it are skipped", async () => {
  const { going, go, scheduler, ticks } = world({ overlap: "queue" });
  const one = scheduler("a");
  for (const time of ["01:00", "02:00", "03:00"]) go(at(time), one);
  expect(ticks()).toEqual(["01:00 running", "02:00 waiting", "03:00 skipped"]);
  await going[0]!.end();
  go(at("03:01"), one);
  expect(ticks()).toEqual(["01:00 done", "02:00 running", "03:00 skipped"]);
});

test("ticks that waited for the same data run one after the other, whatever overlap says", async () => {
  for (const overlap of ["skip", "queue", "cancel"] as const) {
    let ready = false;
    const { going, go, scheduler, ticks, reason } = world({ overlap, wait: "5 hours" }, () => ready);
    const one = scheduler("a");
    for (const time of ["01:00", "02:00", "03:00"]) go(at(time), one);
    expect(ticks(), overlap).toEqual(["01:00 waiting", "02:00 waiting", "03:00 waiting"]);
    ready = true;
    go(at("03:01"), one);
    expect(ticks(), overlap).toEqual(["01:00 running", "02:00 waiting", "03:00 waiting"]);
    expect(reason("02:00")).toBe("It waits for the run of 2026-03-01T01:00:00.000Z.");
    for (const run of [0, 1, 2]) {
      await going[run]!.end();
      go(at("03:02") + run * MINUTE, one);
    }
    expect(ticks(), overlap).toEqual(["01:00 done", "02:00 done", "03:00 done"]);
  }
});

test("what was missed waits for its data from when it was found: nobody could send before", () => {
  const { go, scheduler, ticks, reason } = world({ wait: "10 minutes" }, () => false);
  go(at("04:30"));
  const one = scheduler("a");
  go(at("04:31"), one);
  expect(ticks().at(-1)).toBe("04:00 waiting");
  expect(reason("04:00")).toContain("It is waited for until 2026-03-01T04:40:");
  go(at("04:41"), one);
  expect(ticks().at(-1)).toBe("04:00 done");
});

test("many missed ticks without data are settled one look after the other, without a rest between", () => {
  const { go, scheduler, ticks } = world({ catch_up: "all, at most 90", wait: "10 minutes" }, () => false);
  const resumed = at("01:00") + 89 * 60 * MINUTE;
  go(resumed);
  const one = scheduler("a");
  go(resumed, one);
  const states = () => ticks().map((tick) => tick.slice(6));
  // The newest came due just now.
  expect(states().filter((state) => state === "waiting")).toHaveLength(20 + 1);
  go(resumed + 10 * MINUTE);
  let turns = 1;
  while (one.turn() <= resumed + 10 * MINUTE) turns += 1;
  expect(turns).toBeLessThan(10);
  expect(states().filter((state) => state !== "done")).toEqual([]);
});

test("a tick that waits when its job is paused is skipped, and nothing is said to be missing", () => {
  const { go, scheduler, ticks, reason, store, told } = world({ wait: "10 minutes" }, () => false);
  const one = scheduler("a");
  go(at("01:00"), one);
  store.pause("hourly", "ann");
  go(at("01:30"), one);
  expect(ticks()).toEqual(["01:00 skipped"]);
  expect(reason("01:00")).toBe("The job was paused.");
  expect(told).toEqual([]);
});

test("what came due before the schedule changed stays a tick of the old schedule", () => {
  const { go, scheduler, ticks, store } = world({ catch_up: "all, at most 5" });
  go(at("02:30"));
  const one = scheduler("a");
  while (one.planSome("hourly"));
  store.put("hourly", { spec: { run: "a.nb.md", schedule: "45 * * * *" }, zone: "UTC", version: 1 }, at("02:30"));
  go(at("02:50"), one);
  expect(ticks().map((tick) => tick.slice(0, 5))).toEqual(["01:00", "02:00", "02:45"]);
});

test("overlap cancel: the new tick takes the place of the run, whose result is refused", async () => {
  const { going, go, scheduler, ticks, reason, told } = world({ overlap: "cancel" });
  const one = scheduler("a");
  go(at("01:00"), one);
  go(at("02:00"), one);
  expect(ticks()).toEqual(["01:00 skipped", "02:00 running"]);
  expect(reason("01:00")).toContain("took its place");
  expect(going[0]!.signal.aborted).toBe(true);
  await going[0]!.end();
  await going[1]!.end();
  expect(ticks()).toEqual(["01:00 skipped", "02:00 done"]);
  expect(told).toHaveLength(1);
});

test("overlap cancel: a tick whose data has not come takes nobody's place", async () => {
  let ready = true;
  const { going, go, scheduler, ticks } = world({ overlap: "cancel", wait: "5 hours" }, () => ready);
  const one = scheduler("a");
  go(at("01:00"), one);
  ready = false;
  go(at("02:00"), one);
  expect(ticks()).toEqual(["01:00 running", "02:00 waiting"]);
  expect(going[0]!.signal.aborted).toBe(false);
  await going[0]!.end();
  ready = true;
  go(at("02:01"), one);
  await going[1]!.end();
  expect(ticks()).toEqual(["01:00 done", "02:00 done"]);
});

test("a transient failure is tried again with growing pauses, as often as retries says; the tick then fails", async () => {
  const { going, go, scheduler, ticks, reason, told, history } = world({ retries: 2 });
  const one = scheduler("a");
  go(at("01:00"), one);
  await going[0]!.end(new TransientFailure("The engine was killed."));
  expect(ticks()).toEqual(["01:00 waiting"]);
  expect(reason("01:00")).toBe("Attempt 1 failed: The engine was killed. Tried again from 2026-03-01T01:00:10.000Z.");
  go(at("01:00") + 9_000, one);
  expect(going).toHaveLength(1);
  go(at("01:00") + 10_000, one);
  await going[1]!.end(new TransientFailure("The engine was killed."));
  go(at("01:00") + 29_000, one);
  expect(going).toHaveLength(2);
  go(at("01:00") + 30_000, one);
  await going[2]!.end(new TransientFailure("The engine was killed."));
  expect(ticks()).toEqual(["01:00 failed"]);
  expect(history.runs("hourly", 9).map(({ attempt, state }) => [attempt, state])).toEqual([
    [3, "failed"],
    [2, "failed"],
    [1, "failed"],
  ]);
  expect(told.map(({ failure }) => failure)).toEqual(["The engine was killed."]);
});

test("what no attempt can mend is not tried again", async () => {
  const { going, go, scheduler, ticks, reason } = world({ retries: 5 });
  go(at("01:00"), scheduler("a"));
  await going[0]!.end(new Error("The stream is gone."));
  expect(ticks()).toEqual(["01:00 failed"]);
  expect(reason("01:00")).toBe("The stream is gone.");
});

test("a run whose process died is taken over, at once by a successor that is alone, else when its lease has ended", async () => {
  const { going, go, scheduler, ticks, history } = world({ retries: 0 });
  go(at("01:00"), scheduler("a"));
  const beside = scheduler("b", false);
  go(at("01:00") + 1000, beside);
  expect(history.runs("hourly", 9).map(({ state }) => state)).toEqual(["running"]);
  go(at("01:00") + LEASE_MILLIS + 1000, beside);
  expect(history.runs("hourly", 9).map(({ state }) => state)).toEqual(["queued", "lost"]);
  go(at("01:00") + 2 * LEASE_MILLIS, beside);
  // Alone, it need not wait for the lease of the one before to end.
  go(at("01:01") + 5000);
  go(at("01:01") + 5001, scheduler("c"));
  expect(history.runs("hourly", 9).map(({ state }) => state)).toEqual(["queued", "lost", "lost"]);
  // The first runners come back: nothing they found is taken.
  await going[0]!.end();
  await going[1]!.end();
  expect(ticks()).toEqual(["01:00 waiting"]);
});

test("a runner that stood still beyond its lease cannot publish, also where nobody took its run", async () => {
  const { going, go, scheduler, ticks, told } = world();
  const one = scheduler("a");
  go(at("01:00"), one);
  go(at("01:05"));
  await going[0]!.end();
  expect(told).toEqual([]);
  expect(ticks()).toEqual(["01:00 running"]);
  go(at("01:05"), one);
  go(at("01:06"), one);
  await going[1]!.end();
  expect(ticks()).toEqual(["01:00 done"]);
  expect(told).toHaveLength(1);
});

test("data is waited for with its reason, up to the grace time, and then the tick is done without data", () => {
  let isThere = false;
  const { go, scheduler, ticks, reason, told, going } = world({ wait: "20 minutes" }, () => isThere);
  const one = scheduler("a");
  go(at("01:00"), one);
  expect(ticks()).toEqual(["01:00 waiting"]);
  expect(reason("01:00")).toBe("The stream ends at noon. It is waited for until 2026-03-01T01:20:00.000Z.");
  go(at("01:21"), one);
  expect(ticks()).toEqual(["01:00 done"]);
  expect(told.map(({ result }) => result?.verdict)).toEqual(["no-data"]);
  go(at("02:00"), one);
  isThere = true;
  go(at("02:10"), one);
  expect(ticks()).toEqual(["01:00 done", "02:00 running"]);
  expect(going).toHaveLength(1);
});

test("ticks that were missed wait for each other whatever overlap says", async () => {
  const { going, go, scheduler, ticks } = world({ catch_up: "all, at most 2" });
  const one = scheduler("a");
  go(at("04:30")); // Nobody is there.
  go(at("04:30"), one);
  expect(ticks()).toEqual(["01:00 skipped", "02:00 skipped", "03:00 running", "04:00 waiting"]);
  await going[0]!.end();
  go(at("04:31"), one);
  expect(ticks().slice(2)).toEqual(["03:00 done", "04:00 running"]);
});

test("a paused job skips; resumed, it goes on with the next due time", () => {
  const { store, go, scheduler, ticks, reason } = world();
  const one = scheduler("a");
  store.pause("hourly", "somebody");
  go(at("02:30"), one);
  store.pause("hourly", null);
  go(at("03:00"), one);
  expect(ticks()).toEqual(["01:00 skipped", "02:00 skipped", "03:00 running"]);
  expect(reason("02:00")).toBe("The job was paused.");
});

test("what a server gives back as it stops is the same attempt of the next one", async () => {
  const { going, go, scheduler, history } = world({ retries: 0 });
  const one = scheduler("a");
  go(at("01:00"), one);
  const closing = one.close();
  expect(going[0]!.signal.aborted).toBe(true);
  await going[0]!.end(new Error("The server stops."));
  await closing;
  expect(history.runs("hourly", 9).map(({ state, attempt }) => [state, attempt])).toEqual([["queued", 1]]);
  go(at("01:01"), scheduler("b"));
  await going[1]!.end();
  expect(history.tick("hourly", at("01:00"))!.state).toBe("done");
});

test("a backfill makes the ticks that were not there and serves those that nothing served; people come first", async () => {
  const { queue, going, go, scheduler, ticks } = world();
  const one = scheduler("a");
  const run = (id: string, purpose: "backfill" | "manual", scheduledForMillis: number) => ({
    ...{ id, job: "hourly", purpose, scheduledForMillis, version: 1, window: null, asOf: null, dueAt: null },
    ...{ alerts: false, replayOf: null },
  });
  const before = BEGIN - 90 * MINUTE;
  queue.ask(
    [run("b1", "backfill", before), run("b2", "backfill", before + 60 * MINUTE), run("m", "manual", BEGIN)],
    BEGIN,
  );
  go(BEGIN, one);
  expect(going.map(({ run: { id } }) => id)).toEqual(["m", "b1", "b2"]);
  for (const each of going) await each.end();
  expect(ticks()).toEqual(["23:00 done", "00:00 done"]);
});

test("a changed schedule counts from now on, and a job that is gone leaves its open ticks skipped", () => {
  const { store, go, scheduler, ticks, reason } = world({}, () => false);
  const one = scheduler("a");
  go(at("01:00"), one);
  const spec: JobSpec = { run: "a.nb.md", schedule: "30 * * * *" };
  go(at("01:10"));
  store.put("hourly", { spec, zone: "UTC", version: 1 }, at("01:10"));
  go(at("01:30"), one);
  expect(ticks()).toEqual(["01:00 waiting", "01:30 waiting"]);
  store.remove("hourly", "ann", at("01:31"));
  expect(ticks()).toEqual(["01:00 skipped", "01:30 skipped"]);
  expect(reason("01:30")).toBe("The job was removed.");
});
