import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { DueTimes } from "../../../cells/jobs/due-times.ts";
import type { JobSpec } from "../../../cells/jobs/job-spec.ts";
import { planTicks } from "../../../cells/jobs/plan-ticks.ts";
import { type Claim, JobQueue } from "../../../workspaces/jobs/job-queue.ts";
import type { NewRun, OpenRun } from "../../../workspaces/jobs/job-rows.ts";
import { JobStore } from "../../../workspaces/jobs/job-store.ts";
import { MemoryJobStore, type ModelledQueue, type ModelledStore } from "../../support/memory-job-store.ts";
import { newRun } from "../../support/new-run.ts";
import { OK_RESULT } from "../../support/ok-result.ts";
import { seededRandom } from "../../support/random.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse("2026-03-28T20:00:00Z");
const JOBS = ["a", "b", "c"] as const;
const OWNERS = ["one", "two"] as const;

const random = seededRandom("store of jobs against its model");

/** One way to keep jobs. */
interface Side {
  readonly queue: ModelledQueue;
  readonly store: ModelledStore;
}

/** Every call goes to both; whatever they answer and hold must be equal. */
class Both {
  readonly told: string[][] = [[], []];
  readonly database = new DatabaseSync(":memory:");
  readonly model = new MemoryJobStore(({ run, failure }) => this.told[1]!.push(`${run.id} ${failure}`));
  readonly #queue = new JobQueue(this.database, ({ run, failure }) => this.told[0]!.push(`${run.id} ${failure}`));
  readonly #sides: readonly Side[] = [
    { queue: this.#queue, store: new JobStore(this.database, this.#queue) },
    { queue: this.model, store: this.model },
  ];

  ask<T>(question: (side: Side) => T): T {
    const [real, model] = this.#sides.map(question) as [T, T];
    expect(real).toEqual(model);
    return real;
  }

  compare(): void {
    const { model } = this;
    const rows = this.database
      .prepare(
        `SELECT job, scheduled_for_millis AS at, state, late, reason, run, settled_at_millis AS settled FROM ticks ORDER BY 1, 2`,
      )
      .all();
    const ticks = [...model.ticks.values()].flatMap((of) => [...of.values()]);
    ticks.sort((a, b) => (a.job < b.job ? -1 : a.job > b.job ? 1 : a.scheduledForMillis - b.scheduledForMillis));
    expect(rows.map((row) => ({ ...row }))).toEqual(
      ticks.map(({ job, scheduledForMillis, state, late, reason, run, settledAtMillis }) => ({
        ...{ job, at: scheduledForMillis, state, late: late ? 1 : 0, reason, run, settled: settledAtMillis },
      })),
    );
    const runs = this.database
      .prepare(
        "SELECT number, id, state, token, owner, attempt, reason, not_before_millis AS soonest, ended_at_millis AS ended FROM runs ORDER BY 1",
      )
      .all();
    expect(runs.map((row) => ({ ...row }))).toEqual(
      model.runs.map(({ number, id, state, token, owner, attempt, reason, notBeforeMillis, endedAtMillis }) => ({
        ...{ number, id, state, token, owner, attempt, reason, soonest: notBeforeMillis, ended: endedAtMillis },
      })),
    );
    expect(this.told[0]!.toSorted()).toEqual(this.told[1]!.toSorted());
  }
}

const SPECS: readonly JobSpec[] = [
  { run: "a.nb.md", schedule: "every hour" },
  { run: "a.nb.md", schedule: "*/20 * * * *", catch_up: "all, at most 3", zone: "Europe/Berlin" },
  { run: "a.nb.md", schedule: "every hour", retries: 0, catch_up: "skip" },
];

test("the store of jobs and their queue do what their model does, call by call", () => {
  for (let round = 0; round < 8; round += 1) {
    const both = new Both();
    const due = new DueTimes();
    const claims: Claim[] = [];
    let now = START;
    let ids = 0;
    const id = (): string => {
      ids += 1;
      return `r${ids}`;
    };
    const asked = (job: string, scheduledForMillis: number, purpose: NewRun["purpose"]): NewRun =>
      newRun(id(), { job, scheduledForMillis, purpose });
    const again = (run: OpenRun) => ({ id: `${run.id}+`, atMillis: now + 5 * MINUTE });
    const step: readonly (() => void)[] = [
      () => {
        now += random.pick([1000, MINUTE, 30 * MINUTE, -HOUR, 5 * HOUR]);
      },
      () => {
        const [name, spec, version] = [random.pick(JOBS), random.pick(SPECS), random.chance(0.1) ? null : 1];
        both.ask(({ store }) => store.put(name, { spec, zone: "UTC", version }, now));
      },
      () => {
        const jobs = both.ask(({ queue }) => queue.due(now, 9).toSorted((a, b) => (a.name < b.name ? -1 : 1)));
        const planned = jobs.map((job) => {
          const { throughMillis, pausedBy } = job;
          return {
            job,
            planned: planTicks(job.plan, due, { throughMillis, nowMillis: now, paused: pausedBy !== null }),
          };
        });
        both.ask(({ queue }) => queue.planned(planned, now));
      },
      () => {
        const tick = random.pick([...both.ask(({ queue }) => queue.openTicks(3)), null]);
        if (tick === null) return;
        const run = asked(tick.job, tick.scheduledForMillis, "scheduled");
        const what = random.integer(0, 5);
        if (what === 0) both.ask(({ queue }) => queue.wait(tick, "It waits."));
        else if (what === 1) both.ask(({ queue }) => queue.skip(tick, "Not now.", now));
        else if (what === 2) both.ask(({ queue }) => queue.withoutData(tick, run, OK_RESULT, now));
        else both.ask(({ queue }) => queue.serve(tick, run, now));
        // Whoever comes second finds it taken.
        if (random.chance(0.2)) both.ask(({ queue }) => queue.serve(tick, { ...run, id: `${run.id}x` }, now));
      },
      () => {
        const purpose = random.pick(["manual", "backfill", "replay"] as const);
        const at = START + random.integer(-5, 20) * HOUR;
        const run = asked(random.pick(JOBS), at, purpose);
        both.ask(({ queue }) => queue.ask([run], now));
      },
      () => {
        const [owner, room] = [random.pick(OWNERS), random.integer(1, 3)];
        claims.push(...both.ask(({ queue }) => queue.begin(owner, room, now + 30_000, now)));
      },
      () => {
        if (claims.length === 0) return;
        const claim = random.pick(claims);
        if (random.chance(0.6)) return void both.ask(({ queue }) => queue.publish(claim, OK_RESULT, now));
        const next = random.chance(0.5) ? { id: id(), atMillis: now + MINUTE } : null;
        both.ask(({ queue }) => queue.fail(claim, "It broke.", next, now));
      },
      () => {
        const owner = random.pick(OWNERS);
        const runs = claims.filter(() => random.chance(0.7)).map(({ run }) => run.id);
        both.ask(({ queue }) => queue.renew(owner, runs, now + 30_000));
      },
      () => {
        const owner = random.pick(OWNERS);
        both.ask(({ queue }) => queue.giveBack(owner, now));
      },
      () => {
        const [owner, alone] = [random.pick(OWNERS), random.chance(0.3)];
        both.ask(({ queue }) => queue.lose(owner, alone, now, again));
      },
      () => {
        const run = random.pick([...both.ask(({ queue }) => queue.activeOf(JOBS)), null]);
        if (run === null) return;
        both.ask(({ queue }) => queue.cancel(run.id, "Somebody cancelled it.", now));
        both.ask(({ queue }) => queue.isOpen(run.id));
      },
      () => {
        const [name, by] = [random.pick(JOBS), random.pick(["ann", null])];
        both.ask(({ store }) => store.pause(name, by));
      },
      () => {
        if (random.chance(0.8)) return;
        const name = random.pick(JOBS);
        both.ask(({ store }) => store.remove(name, "ann", now));
      },
      () => {
        // What fails in the middle has done nothing.
        const [tick] = both.ask(({ queue }) => queue.openTicks(1));
        const [owner, run] = [
          random.pick(OWNERS),
          random.pick([...both.ask(({ queue }) => queue.activeOf(JOBS)), null]),
        ];
        const fresh = tick === undefined ? null : asked(tick.job, tick.scheduledForMillis, "scheduled");
        const fails = random.chance(0.5);
        const outcome = both.ask(({ queue }) => {
          try {
            return queue.together(() => {
              if (run !== null) queue.cancel(run.id, "In the middle.", now);
              if (tick !== undefined) queue.serve(tick, fresh!, now);
              const begun = queue.begin(owner, 2, now + 30_000, now);
              if (fails) throw new Error("The disk is full.");
              return begun;
            });
          } catch (error) {
            return (error as Error).message;
          }
        });
        if (typeof outcome !== "string") claims.push(...outcome);
      },
      () => {
        both.ask(({ queue }) => [queue.nextDue(), queue.nextQueued(now)]);
        both.ask(({ queue, store }) => [queue.findAll(JOBS), store.list(), queue.openTicksOf(JOBS, 2)]);
        for (const job of JOBS)
          both.ask(({ queue }) => [queue.firstOnTime(job), queue.countActive(job), queue.isAwaited(job, now)]);
      },
    ];
    for (let call = 0; call < 400; call += 1) {
      random.pick(step)();
      if (call % 4 === 0) both.compare();
    }
  }
});
