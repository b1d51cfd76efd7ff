import fc from "fast-check";
import { expect, test } from "vitest";
import { DueTimes } from "../../../cells/jobs/due-times.ts";
import { planOf } from "../../../cells/jobs/job-plan.ts";
import { planTicks } from "../../../cells/jobs/plan-ticks.ts";
import { nextTimes } from "../../../cells/jobs/schedule.ts";

const at = (iso: string): number => Date.parse(iso);
const hourly = (catch_up: string) => planOf({ run: "a.nb.md", schedule: "every hour", catch_up }, "UTC");

function planned(catchUp: string, through: string, now: string, paused = false) {
  return planTicks(hourly(catchUp), new DueTimes(), { throughMillis: at(through), nowMillis: at(now), paused });
}
const served = (result: ReturnType<typeof planned>): string[] =>
  result.ticks
    .filter(({ skipped }) => skipped === null)
    .map(({ scheduledForMillis }) => new Date(scheduledForMillis).toISOString().slice(11, 16));

test("a tick on time is served and the next one is known", () => {
  const result = planned("latest", "2026-03-01T05:30:00Z", "2026-03-01T06:00:01Z");
  expect(served(result)).toEqual(["06:00"]);
  expect(result.ticks[0]!.late).toBe(false);
  expect(result.nextMillis).toBe(at("2026-03-01T07:00:00Z"));
});

test.each([
  ["latest", ["11:00"]],
  ["latest, within 20 minutes", []],
  ["all, at most 3", ["09:00", "10:00", "11:00"]],
  ["skip", []],
])("after a night without a server, %s serves %j and says why of the others", (catchUp, expected) => {
  const result = planned(catchUp, "2026-03-01T05:30:00Z", "2026-03-01T11:30:00Z");
  expect(served(result)).toEqual(expected);
  expect(result.ticks).toHaveLength(6);
  for (const { skipped } of result.ticks) if (skipped !== null) expect(skipped).toContain("while nothing could run");
});

test("a tick that is due now stands for those that were missed", () => {
  expect(served(planned("latest", "2026-03-01T05:30:00Z", "2026-03-01T11:00:10Z"))).toEqual(["11:00"]);
  expect(served(planned("skip", "2026-03-01T05:30:00Z", "2026-03-01T11:00:10Z"))).toEqual(["11:00"]);
});

test("a paused job skips with that reason", () => {
  const result = planned("latest", "2026-03-01T05:30:00Z", "2026-03-01T07:00:01Z", true);
  expect(result.ticks.map(({ skipped }) => skipped)).toEqual(["The job was paused.", "The job was paused."]);
});

test("a clock that was set back invents nothing", () => {
  const result = planned("latest", "2026-03-01T10:00:00Z", "2026-03-01T09:00:00Z");
  expect(result).toEqual({
    ticks: [],
    throughMillis: at("2026-03-01T10:00:00Z"),
    nextMillis: at("2026-03-01T11:00:00Z"),
  });
});

test("however the turns fall, every due time is one tick, and those served are the newest missed and those on time", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("latest", "skip", "all, at most 4"),
      fc.constantFrom("*/7 * * * *", "0 * * * *", "30 2 * * *"),
      fc.constantFrom("Europe/Berlin", "UTC", "Australia/Lord_Howe"),
      fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 8 }),
      (catch_up, schedule, zone, gapsMinutes) => {
        const plan = planOf({ run: "a.nb.md", schedule, zone, catch_up }, "UTC");
        const due = new DueTimes();
        const begin = at("2026-03-27T00:00:00Z");
        let [throughMillis, nowMillis] = [begin, begin];
        const found: number[] = [];
        for (const gap of gapsMinutes) {
          nowMillis += gap * 60_000;
          const all: ReturnType<typeof planTicks>["ticks"][number][] = [];
          for (;;) {
            const step = planTicks(plan, due, { throughMillis, nowMillis, paused: false });
            if (step.ticks.length === 0) break;
            all.push(...step.ticks);
            throughMillis = step.throughMillis;
          }
          found.push(...all.map(({ scheduledForMillis }) => scheduledForMillis));
          const missed = all.filter(({ late }) => late);
          const expected =
            plan.catchUp.type === "skip" ? 0 : plan.catchUp.type === "all" ? 4 : all.length > missed.length ? 0 : 1;
          expect(missed.map(({ skipped }) => skipped === null)).toEqual(
            missed.map((_, i) => i >= missed.length - expected),
          );
          for (const one of all) if (!one.late) expect(one.skipped).toBeNull();
        }
        const count = found.length;
        const model = nextTimes(plan.cron, plan.zone, new Date(begin).toISOString(), count + 1).map(Date.parse);
        expect(found).toEqual(model.slice(0, count));
        expect(model[count]! > nowMillis).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test("what comes on time does not take the place of a missed one, however many were missed", () => {
  const begin = at("2026-03-01T00:00:00Z");
  for (let due = 290; due < 320; due += 1) {
    let throughMillis = begin;
    const nowMillis = begin + due * 60_000;
    const served: number[] = [];
    const plan = planOf({ run: "a.nb.md", schedule: "* * * * *", catch_up: "all, at most 4" }, "UTC");
    for (;;) {
      const step = planTicks(plan, new DueTimes(), { throughMillis, nowMillis, paused: false });
      if (step.ticks.length === 0) break;
      served.push(
        ...step.ticks.filter(({ skipped }) => skipped === null).map(({ scheduledForMillis }) => scheduledForMillis),
      );
      throughMillis = step.throughMillis;
    }
    // The newest is due now, the one before a minute ago: both on time.
    expect(
      served.map((time) => (nowMillis - time) / 60_000),
      String(due),
    ).toEqual([5, 4, 3, 2, 1, 0]);
  }
});

test("many missed times may be served, yet only those that are due are computed", () => {
  const [after, now] = [at("2026-03-01T05:30:00Z"), at("2026-03-01T07:30:00Z")];
  const few = new DueTimes().after("0 * * * *", "UTC", after, 10_000, now);
  expect(few.slice(0, 3)).toEqual([after + 1_800_000, after + 5_400_000, after + 9_000_000]);
  expect(few.length).toBeLessThan(200);
  const many = new DueTimes().after("0 * * * *", "UTC", after, 1000, after + 999 * 3_600_000);
  expect(many).toHaveLength(1000);
});
