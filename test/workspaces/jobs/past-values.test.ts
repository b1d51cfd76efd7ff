import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newestReadings } from "../../../cells/alerts/judged-run.ts";
import type { Reading, Verdict } from "../../../cells/results/reading.ts";
import { judgedRunOf } from "../../../server/alerts/judge-ended.ts";
import { AlertStore } from "../../../workspaces/alerts/alert-store.ts";
import { JobHistory } from "../../../workspaces/jobs/job-history.ts";
import { JobQueue } from "../../../workspaces/jobs/job-queue.ts";
import type { NewRun } from "../../../workspaces/jobs/job-rows.ts";
import type { EndedRun, RunResult } from "../../../workspaces/jobs/run-result.ts";
import { aReading, RULES, verdictOf } from "../../cells/alerts/a-run.ts";
import { newRun } from "../../support/new-run.ts";
import { OK_RESULT } from "../../support/ok-result.ts";

const HOUR = 3_600_000;
const OF = { job: "hourly", cell: "score_drift", metric: "psi", subject: "amount", slice: null };
const iso = (hour: number) => new Date(hour * HOUR).toISOString();

function resultOf(readings: readonly Partial<Reading>[]): RunResult {
  return {
    ...OK_RESULT,
    asOf: iso(0),
    readings: readings.map((more) => {
      const { cell, kind, ...reading } = aReading(more.verdict ?? "ok", { details: {}, ...more });
      return { cell, kind, reading: reading as Reading };
    }),
  };
}

function world(onEnded: (ended: EndedRun) => void = () => {}, database = new DatabaseSync(":memory:")) {
  const queue = new JobQueue(database, onEnded);
  const history = new JobHistory(database);
  let ids = 0;
  /** A run that was due at that hour, and what came of it. */
  const run = (hour: number, outcome: RunResult | "failed" | "cancelled" | "queued", more: Partial<NewRun> = {}) => {
    const id = `run ${++ids}`;
    queue.ask([newRun(id, { purpose: "manual", scheduledForMillis: hour * HOUR, ...more })], 0);
    if (outcome === "cancelled") queue.cancel(id, "Not wanted.", 0);
    if (typeof outcome === "string" && outcome !== "failed") return;
    const claim = queue.begin("me", 99, 1000, 0).find(({ run: begun }) => begun.id === id)!;
    if (outcome === "failed") queue.fail(claim, "It broke.", null, 0);
    else queue.publish(claim, outcome, 0);
  };
  const event = (since: number, until = 1e6) =>
    history.eventWindow(OF, { sinceMillis: since * HOUR, untilMillis: until * HOUR });
  return { run, event, past: (hour: number) => history.pastValues(OF, hour * HOUR), database };
}

describe("what an alert on a value was about", () => {
  const over = (verdict: Verdict, from: number, to: number) => resultOf([{ verdict, window: [iso(from), iso(to)] }]);

  test("is all that was past its bound from its beginning to its end", () => {
    const { run, event } = world();
    run(10, over("fail", 8, 9));
    for (const hour of [11, 13]) run(hour, over("ok", hour - 2, hour - 1));
    for (const hour of [14, 15, 17]) run(hour, over("fail", hour - 2, hour - 1));
    run(16, over("warn", 14, 15));
    for (const hour of [18, 19]) run(hour, over("ok", hour - 2, hour - 1));
    run(30, over("fail", 28, 29));
    run(15, over("fail", 1, 99), { purpose: "replay", replayOf: "run 5" });
    run(15, over("fail", 1, 99), { alerts: false });
    expect(event(14, 19)).toEqual([iso(12), iso(16)]);
    expect(event(14)).toEqual([iso(12), iso(29)]);
  });

  test("has nothing of it that the last good window had in it already", () => {
    const { run, event } = world();
    run(19, over("ok", 0, 19));
    for (const hour of [20, 21]) run(hour, over("fail", hour - 19, hour));
    expect(event(20)).toEqual([iso(19), iso(21)]);
  });

  test("is nothing where no window was measured", () => {
    const { run, event } = world();
    run(20, resultOf([{ verdict: "fail", window: null }]));
    expect(event(20)).toBeNull();
  });
});

describe("the past of a value", () => {
  test("is of what was judged: figures of the newest units stand beside it and end later", () => {
    const { run, past } = world();
    const newest: Partial<Reading> = { value: 0.9, provisional: true, beside: true, window: [iso(2), iso(9)] };
    run(3, resultOf([{ value: 0.3, window: [iso(0), iso(2)] }, newest]));
    expect(past(3)).toEqual([{ scheduledFor: iso(3), value: 0.3, judged: 0.3, verdict: "ok" }]);
  });

  test("is what the runs of its job measured up to that due time, oldest first", () => {
    const { run, past } = world();
    run(3, resultOf([{ verdict: "fail", value: 0.31 }]));
    run(1, resultOf([{ value: 0.01 }, { subject: "country" }, { metric: "ks" }, { slice: "country = DE" }]));
    run(2, resultOf([{ subject: null }, { value: null, verdict: "no-data" }]));
    run(4, resultOf([{ value: 0.04 }]));
    expect(past(3)).toEqual([
      { scheduledFor: iso(1), value: 0.01, judged: 0.01, verdict: "ok" },
      { scheduledFor: iso(2), value: null, judged: null, verdict: "no-data" },
      { scheduledFor: iso(3), value: 0.31, judged: 0.31, verdict: "fail" },
    ]);
  });

  test("has no replays, no runs that do not count for alerts, and none of other jobs", () => {
    const { run, past } = world();
    const measured = resultOf([{}]);
    run(1, measured, { purpose: "replay", replayOf: "run 9" });
    run(2, measured, { alerts: false });
    run(3, measured, { job: "other" });
    expect(past(9)).toEqual([]);
    run(4, measured);
    expect(past(9)).toHaveLength(1);
  });

  test("has a gap where a run gave no value, from the first that did, and one entry for each due time", () => {
    const { run, past } = world();
    const measured = resultOf([{ value: 0.01 }]);
    run(1, resultOf([]));
    run(2, measured);
    run(3, "failed");
    run(4, resultOf([]));
    run(5, measured);
    run(5, "failed");
    run(6, "failed");
    run(6, measured);
    run(7, "cancelled");
    run(8, "queued");
    expect(past(9).map(({ scheduledFor, verdict }) => `${scheduledFor.slice(11, 13)} ${verdict}`)).toEqual([
      "02 ok",
      "03 null",
      "04 null",
      "05 ok",
      "06 ok",
    ]);
  });

  test("says what bounds were held against, where that is another number; runs of an earlier program do not say it", () => {
    const { run, past, database } = world();
    run(1, resultOf([{ value: 12 }]));
    database.exec("UPDATE run_readings SET judged = NULL");
    run(2, resultOf([{ value: 12, details: { normed: 0.4 } }]));
    run(3, resultOf([{ value: 80, details: { cramers_v: 0.1 } }]));
    expect(past(9).map(({ value, judged }) => [value, judged])).toEqual([
      [12, null],
      [12, 0.4],
      [80, 0.1],
    ]);
  });

  test("is of the newest 30 runs", () => {
    const { run, past } = world();
    for (let hour = 1; hour <= 40; hour++) run(hour, resultOf([{ value: hour }]));
    expect(past(39).map(({ value }) => value)).toEqual(Array.from({ length: 30 }, (_, index) => index + 10));
  });

  test("is, of several pieces of time, what alerts are judged by", () => {
    const end = fc.constantFrom("2026-03-01T00:00:00.000Z", "2026-03-01T00:00:00.000123Z", "2026-03-02T00:00:00.000Z");
    const piece = fc.record({
      window: fc.option(end.map((one): [string, string] => ["2026-02-01T00:00:00.000Z", one])),
      verdict: fc.constantFrom(...([..."owfne"].map(verdictOf) as [Verdict, ...Verdict[]])),
      value: fc.integer({ min: 0, max: 99 }),
    });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const { run, past } = world();
        run(1, resultOf(pieces));
        const [judged] = newestReadings(pieces.map((one) => aReading(one.verdict, one))).values();
        expect(past(1)).toEqual([
          { scheduledFor: iso(1), value: judged!.value, judged: judged!.value, verdict: judged!.verdict },
        ]);
      }),
      { numRuns: 60 },
    );
  });
});

test("a message has the past up to the run that it tells of, that run included, from within its transaction", () => {
  const database = new DatabaseSync(":memory:");
  let asked = 0;
  const { run } = world((ended) => alerts.record(judgedRunOf(ended), RULES, 0), database);
  const history = new JobHistory(database);
  const alerts = new AlertStore(
    database,
    () => {},
    (...of) => {
      asked++;
      return history.pastValues(...of);
    },
  );
  for (const [index, letter] of [..."oofffoo"].entries())
    run(index + 1, resultOf([{ verdict: verdictOf(letter) }, { subject: "country" }]));
  const [resolved, fired] = alerts.outbox.list(9).map(({ message }) => message.alerts[0]!);
  const course = ({ history }: typeof fired & {}) => history.map(({ verdict }) => verdict![0]).join("");
  expect([course(fired!), course(resolved!)]).toEqual(["ooff", "oofffoo"]);
  expect(fired!.history.at(-1)).toEqual({ scheduledFor: iso(4), value: 0.31, judged: 0.31, verdict: "fail" });
  expect(asked, "only what is told is asked for").toBe(2);
});
