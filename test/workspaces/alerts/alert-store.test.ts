import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import type { AlertRules, JudgedReading } from "../../../cells/alerts/judged-run.ts";
import { type SilenceTarget, WHOLE_JOB } from "../../../cells/alerts/silence.ts";
import type { Verdict } from "../../../cells/results/reading.ts";
import { AlertStore } from "../../../workspaces/alerts/alert-store.ts";
import type { OutboxMessage } from "../../../workspaces/alerts/outbox.ts";
import { openMonitorDatabase, transaction } from "../../../workspaces/monitor/monitor-database.ts";
import { aReading, aRun, course, RULES, verdictOf } from "../../cells/alerts/a-run.ts";

const DAY = 86_400_000;
const T0 = Date.UTC(2026, 3, 1);
let database: DatabaseSync;
let store: AlertStore;
let woken: number;

beforeEach(() => {
  woken = 0;
  database = new DatabaseSync(":memory:");
  store = new AlertStore(database, () => woken++);
});

/** Runs on days 1, 2, … of March with these verdicts of `amount`, beside a reading that is always fine. */
function runs(letters: string, rules: AlertRules = RULES, from = 1): void {
  for (const [index, letter] of [...letters].entries())
    store.record(daily(from + index, verdictOf(letter)), rules, T0 + index);
}
const daily = (day: number, verdict: Verdict, ...more: JudgedReading[]) =>
  aRun(day, [aReading(verdict), aReading("ok", { subject: "country" }), ...more]);
const titles = () => store.outbox.list(100).map(({ title, destination }) => `${destination} ${title}`);
const act = { by: "me", comment: "looking", nowMillis: T0 + 10 };

describe("recording runs", () => {
  test("writes states, history and one message for each destination in one transaction", () => {
    const rules = { ...RULES, to: ["team", "mail", "team"] };
    runs("f", rules);
    expect([store.list("pending", T0).length, titles(), woken]).toEqual([1, [], 0]);
    runs("f", rules, 2);
    expect(titles()).toEqual(["mail daily: 1 firing", "team daily: 1 firing"]);
    expect(woken).toBe(1);
    const [alert] = store.list("firing", T0);
    expect(store.history(alert!.id).map(({ from, to, notice, run }) => [from, to, notice, run])).toEqual([
      ["inactive", "pending", "none", "r1"],
      ["pending", "firing", "sent", "r2"],
    ]);
    const [message] = store.outbox.ofAlert(alert!.id);
    expect(message!.message.alerts).toMatchObject([
      { alert: alert!.id, since: "2026-03-01T06:00:00.000Z", runs: 2, observation: { value: 0.31, n: 5000 } },
    ]);
  });

  test("all that one run changes in a job is one message", () => {
    runs("ff");
    store.record(
      aRun(3, [
        aReading("ok"),
        aReading("fail", { cell: "load", kind: "check", metric: "rows", subject: null }),
        aReading("no-data", { cell: "kpis", kind: "kpi", metric: "recall", subject: null }),
      ]),
      RULES,
      T0,
    );
    expect(titles()[0]).toBe("team daily: 1 firing, 1 no data");
  });

  test("the values that a message lists have their past, those that it counts have none", () => {
    const asked: string[] = [];
    store = new AlertStore(
      database,
      () => {},
      ({ subject }, throughMillis) => {
        asked.push(`${subject} ${new Date(throughMillis).toISOString()}`);
        return course("of 0.05 0.31");
      },
    );
    const values = Array.from({ length: 12 }, (_, index) => aReading("fail", { kind: "check", subject: `c${index}` }));
    store.record(aRun(1, values, { failure: "A cell failed." }), RULES, T0);
    const { alerts } = store.outbox.list(1)[0]!.message;
    expect(alerts.map(({ metric, history }) => `${metric} ${history.length}`)).toEqual([
      "null 0",
      ...Array<string>(9).fill("psi 2"),
      ...Array<string>(3).fill("psi 0"),
    ]);
    expect(asked).toEqual(Array.from({ length: 9 }, (_, index) => `c${index} 2026-03-01T06:00:00.000Z`));
  });

  test("a message of very many alerts lists some, counts the rest and is known to tell of all", () => {
    const values = Array.from({ length: 250 }, (_, index) => aReading("fail", { kind: "check", subject: `c${index}` }));
    store.record(aRun(1, values), RULES, T0);
    const [{ message, title }] = store.outbox.list(1) as [OutboxMessage];
    expect([title, message.alerts.length, message.unlisted]).toEqual(["daily: 250 firing", 100, { firing: 150 }]);
    const last = store.list("firing", T0).find(({ subject }) => subject === "c249")!;
    expect(store.outbox.ofAlert(last.id)).toHaveLength(1);
    store.record(
      aRun(
        2,
        values.map((one) => ({ ...one, verdict: "ok" as const })),
      ),
      RULES,
      T0,
    );
    expect(store.outbox.list(1)[0]!.title).toBe("daily: 250 resolved");
  });

  test("names and reasons of a message are as long as somebody reads, however long they are", () => {
    const long = (letter: string) => letter.repeat(1_000_000);
    const reading = {
      kind: "check",
      metric: long("m"),
      subject: `x${long("😀")}`,
      slice: long("s"),
      reason: long("r"),
    };
    store.record(aRun(1, [aReading("fail", reading)]), RULES, T0);
    const { message } = store.outbox.list(1)[0]!;
    const text = JSON.stringify(message);
    expect(text.length).toBeLessThan(5000);
    expect(message.alerts[0]!.subject!.isWellFormed()).toBe(true);
    expect(store.list("firing", T0)[0]!.metric).toHaveLength(1_000_000);
  });

  test("an alert that goes on keeps what began it and learns what the run found", () => {
    runs("fff");
    const [before] = store.list("firing", T0);
    runs("f", RULES, 4);
    expect(store.list("firing", T0)).toEqual([{ ...before, run: "r4" }]);
  });

  test("a value that is told again has its past up to the newest run, also where that did not measure it", () => {
    const asked: number[] = [];
    store = new AlertStore(
      database,
      () => {},
      (_, throughMillis) => {
        asked.push(throughMillis);
        return [];
      },
    );
    const rules = { ...RULES, repeatMillis: DAY };
    runs("ffn", rules);
    store.repeatDue(T0 + 3 * DAY);
    expect(asked).toEqual([2, 3].map((day) => Date.UTC(2026, 2, day, 6)));
  });

  test("the worst run of an alert is kept; alerts of before have none and take the next", () => {
    runs("fff");
    const [alert] = store.list("firing", T0);
    expect(alert!.worst).toMatchObject({ observation: { value: 0.31 }, atMillis: Date.UTC(2026, 2, 1, 6) });
    database.exec("ALTER TABLE alerts DROP COLUMN worst");
    store = new AlertStore(database);
    expect(store.list("firing", T0)).toEqual([{ ...alert!, worst: null }]);
    runs("f", RULES, 4);
    expect(store.list("firing", T0)[0]!.worst).toMatchObject({ atMillis: Date.UTC(2026, 2, 4, 6) });
  });

  test("a message of before messages had the past is read as it is", () => {
    runs("ff");
    database.exec("UPDATE outbox SET payload = replace(payload, ',\"history\":[]', '')");
    expect(database.prepare("SELECT payload FROM outbox").get()!.payload).not.toContain("history");
    expect(store.outbox.list(1)[0]!.message.alerts).toMatchObject([{ metric: "psi", history: [] }]);
  });

  test("a run counts once, and one that was due before the newest counts not at all", () => {
    runs("ff");
    const before = [titles(), store.list("all", T0)];
    expect(store.record(daily(2, "fail"), RULES, T0)).toEqual([]);
    expect(store.record({ ...daily(1, "ok"), run: "late" }, RULES, T0)).toEqual([]);
    expect([titles(), store.list("all", T0)]).toEqual(before);
  });

  test("runs that end in another order than they were due are judged in that of their due times", () => {
    const open = new Set([1, 2, 3, 4].map((day) => Date.parse(daily(day, "ok").scheduledFor!)));
    const isAwaited = (_job: string, due: number) => [...open].some((one) => one < due);
    const end = (day: number, verdict: Verdict) => {
      open.delete(Date.parse(daily(day, verdict).scheduledFor!));
      store.recordInOrder(daily(day, verdict), RULES, isAwaited, T0);
    };
    end(2, "fail");
    end(4, "fail");
    expect(store.list("all", T0)).toEqual([]);
    end(1, "fail");
    expect(store.list("firing", T0)).toMatchObject([{ run: "r2", sinceMillis: Date.UTC(2026, 2, 1, 6) }]);
    open.clear(); // The third was cancelled.
    store.release(isAwaited, T0);
    expect(store.list("firing", T0)).toMatchObject([{ run: "r4" }]);
  });

  test("is undone with the caller's transaction, and gives the same key when it is done again", () => {
    runs("f");
    expect(() =>
      transaction(database, () => {
        store.record(daily(2, "fail"), RULES, T0);
        throw new Error("the caller's work failed");
      }),
    ).toThrow("the caller's work failed");
    expect([titles(), store.list("firing", T0)]).toEqual([[], []]);
    runs("f", RULES, 2);
    const [first] = store.outbox.list(1);
    const other = new AlertStore(new DatabaseSync(":memory:"));
    for (const day of [1, 2]) other.record(daily(day, "fail"), RULES, T0 + 77);
    expect(other.outbox.list(1)[0]!.id).toBe(first!.id);
    expect(first!.id).toMatch(/^msg_[\w-]{27}$/);
  });

  test("is kept in the file of the workspace", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "driftbook-alerts-"));
    const first = openMonitorDatabase(folder);
    store = new AlertStore(first);
    runs("ff");
    const kept = store.list("all", T0);
    first.close();
    const second = openMonitorDatabase(folder);
    store = new AlertStore(second);
    expect(store.list("all", T0)).toEqual(kept);
    runs("o", RULES, 3);
    expect(store.list("recovering", T0)).toMatchObject([{ id: kept[0]!.id, good: 1 }]);
    second.close();
    await rm(folder, { recursive: true });
  });

  test("nobody is told where the job names no destination, and once it does they are", () => {
    runs("ff", { ...RULES, to: [] });
    expect([titles(), store.repeatDue(T0)]).toEqual([[], 0]);
    runs("f", RULES, 3);
    expect(store.repeatDue(T0)).toBe(1);
    expect(titles()).toEqual(["team daily: still 1 firing"]);
  });
});

describe("people", () => {
  const firing = () => store.list("firing", T0)[0]!;

  test("silence an alert or a job until a time: nothing is sent, and after it what goes on is told", () => {
    runs("f");
    const [pending] = store.list("pending", T0);
    store.silence({ job: "daily", ...WHOLE_JOB }, { fromMillis: T0 + 10, untilMillis: T0 + DAY }, act);
    store.record(daily(2, "fail"), RULES, T0 + 11);
    expect([titles(), store.list("silenced", T0 + 12).length, store.list("silenced", T0 + DAY).length]).toEqual([
      [],
      1,
      0,
    ]);
    expect(store.history(pending!.id).map(({ act: what, notice, by, text }) => [what, notice, by, text])).toEqual([
      ["state", "none", null, "It is fail."],
      ["silenced", "none", "me", "looking"],
      ["state", "silenced", null, "It is fail."],
    ]);
    expect(store.repeatDue(T0 + DAY - 1)).toBe(0);
    expect(store.repeatDue(T0 + DAY)).toBe(1);
    expect(store.repeatDue(T0 + DAY + 1)).toBe(0);
    expect(titles()).toEqual(["team daily: still 1 firing"]);
  });

  test("end a silence early, and another alert is not silenced by it", () => {
    runs("ff");
    const only = { job: "daily", ...WHOLE_JOB, alert: firing().id };
    const silence = store.silence(only, { fromMillis: T0 + 10, untilMillis: T0 + DAY }, act);
    const other = aReading("fail", { cell: "load", kind: "check", metric: "rows" });
    store.record(daily(3, "fail", other), RULES, T0 + 11);
    expect(titles()[0]).toBe("team daily: 1 firing");
    expect([store.endSilence(silence.id, T0 + 12)?.id, store.endSilence(silence.id, T0 + 13)]).toEqual([
      silence.id,
      null,
    ]);
    expect(store.list("silenced", T0 + 13)).toEqual([]);
  });

  test("plan a silence of a value: what fires in it is kept, shown as silenced, and told at once when it is ended", () => {
    const value = { ...WHOLE_JOB, job: "daily", cell: "score_drift", metric: "psi", subject: "amount" };
    const planned = store.silence(value, { fromMillis: T0 + 5, untilMillis: T0 + DAY }, { ...act, nowMillis: T0 });
    expect([store.silences.inForce(T0 + 4), store.silences.open(T0 + 4)]).toEqual([[], [planned]]);
    const other = aReading("fail", { cell: "load", kind: "check", metric: "rows", subject: null });
    store.record(daily(1, "fail"), RULES, T0 + 6);
    store.record(daily(2, "fail", other), RULES, T0 + 7);
    expect(titles()).toEqual(["team daily: 1 firing"]);
    expect(store.outbox.list(1)[0]!.message.alerts.map(({ metric }) => metric)).toEqual(["rows"]);
    const [held] = store.list("silenced", T0 + 8);
    expect([held!.metric, store.list("silenced", T0 + 8).length, store.list("firing", T0).length]).toEqual([
      "psi",
      1,
      2,
    ]);
    expect(store.history(held!.id).at(-1)).toMatchObject({ to: "firing", notice: "silenced" });
    expect(store.endSilence(planned.id, T0 + 9)).toMatchObject({ id: planned.id, untilMillis: T0 + 9 });
    expect(titles()).toEqual(["team daily: still 1 firing", "team daily: 1 firing"]);
    expect(store.silences.all()).toMatchObject([{ id: planned.id }]);
  });

  test("plan a silence and end it before it begins: it never was", () => {
    const planned = store.silence(
      { job: "daily", ...WHOLE_JOB },
      { fromMillis: T0 + 50, untilMillis: T0 + DAY },
      { ...act, nowMillis: T0 },
    );
    store.endSilence(planned.id, T0 + 1);
    runs("ff");
    expect([titles(), store.silences.open(T0 + 60)]).toEqual([["team daily: 1 firing"], []]);
  });

  test.each<[string, Partial<SilenceTarget>, string, number]>([
    ["all of its job", {}, "daily", 1],
    ["all of its cell", { cell: "score_drift" }, "daily", 1],
    ["another cell", { cell: "load" }, "daily", 0],
    ["its value", { cell: "score_drift", metric: "psi", subject: "amount" }, "daily", 1],
    [
      "a slice of its value",
      { cell: "score_drift", metric: "psi", subject: "amount", slice: "country = DE" },
      "daily",
      0,
    ],
    ["another value", { cell: "score_drift", metric: "psi", subject: "country" }, "daily", 0],
    ["another job", {}, "weekly", 0],
  ])("what is listed as silenced is what is not told: a silence of %s", (_words, target, job, silenced) => {
    const time = { fromMillis: T0, untilMillis: T0 + DAY };
    store.silence({ ...WHOLE_JOB, ...target, job }, time, { ...act, nowMillis: T0 });
    runs("ff");
    expect([store.list("silenced", T0 + 5).length, titles().length]).toEqual([silenced, 1 - silenced]);
  });

  test("silences of before had a job or an alert alone, and are in force as they were", () => {
    const old = new DatabaseSync(":memory:");
    old.exec(`CREATE TABLE silences (
      id TEXT PRIMARY KEY, job TEXT NOT NULL, alert TEXT, from_millis INTEGER NOT NULL, until_millis INTEGER NOT NULL,
      comment TEXT NOT NULL, by TEXT NOT NULL) STRICT;
      INSERT INTO silences VALUES ('s1', 'daily', NULL, ${T0}, ${T0 + DAY}, 'new feed', 'me')`);
    store = new AlertStore(old);
    runs("ff");
    expect([titles(), store.list("silenced", T0 + 5).length]).toEqual([[], 1]);
    expect(store.silences.open(T0 + 5)).toMatchObject([{ id: "s1", comment: "new feed", ...WHOLE_JOB }]);
  });

  test("acknowledge: it is not told again, but that it is over is", () => {
    const rules = { ...RULES, repeatMillis: DAY };
    runs("ff", rules);
    expect(store.repeatDue(T0 + DAY + 1)).toBe(1);
    store.acknowledge(firing().id, act);
    expect(store.repeatDue(T0 + 3 * DAY)).toBe(0);
    expect(store.list("acknowledged", T0)).toMatchObject([{ acknowledged: { by: "me", comment: "looking" } }]);
    runs("oo", rules, 3);
    expect(titles()).toEqual(["team daily: 1 resolved", "team daily: still 1 firing", "team daily: 1 firing"]);
  });

  test("close as useful, false alarm or known event, and see the share of false alarms", () => {
    runs("ffooff");
    const [second] = store.list("open", T0);
    const [first] = store.list("history", T0);
    expect(store.falseAlarms()).toEqual([{ job: "daily", fired: 2, closed: 0, falseAlarms: 0 }]);
    store.close(first!.id, "false-alarm", act);
    const closed = store.close(second!.id, "known-event", act, (alert) => `mark of ${alert.subject}`)!;
    expect(closed.closed).toMatchObject({ as: "known-event", mark: "mark of amount", comment: "looking" });
    expect(store.falseAlarms("daily")).toEqual([{ job: "daily", fired: 2, closed: 2, falseAlarms: 1 }]);
    expect([store.list("open", T0), store.list("history", T0).length]).toEqual([[], 2]);
    const before = titles().length;
    runs("foo", RULES, 7);
    expect([titles().length, store.find(second!.id)!.state]).toEqual([before, "resolved"]);
    runs("ff", RULES, 10);
    expect(titles().length).toBe(before + 1);
  });

  test("of a job the alert that ended last is known, whichever fired last", () => {
    const record = (day: number, amount: Verdict, score: Verdict): void => {
      store.record(aRun(day, [aReading(amount), aReading(score, { subject: "score" })]), RULES, T0 + day);
    };
    for (const [at, [amount, score]] of (
      [
        ["fail", "ok"],
        ["fail", "fail"],
        ["fail", "fail"],
        ["fail", "ok"],
        ["fail", "ok"],
      ] as const
    ).entries())
      record(at + 1, amount, score);
    expect(store.lastOver()).toMatchObject([{ subject: "score" }]);
    record(6, "ok", "ok");
    record(7, "ok", "ok");
    expect(store.lastOver("daily")).toMatchObject([{ subject: "amount" }]);
    expect(store.lastOver("other")).toEqual([]);
  });

  test("an alert that is not there is null for all of them", () => {
    expect([store.acknowledge("x", act), store.close("x", "useful", act), store.find("x")]).toEqual([null, null, null]);
  });
});

test("a job that is gone ends its alerts, told where they were told", () => {
  runs("ff");
  store.endJob("daily", "The job was removed.", T0 + 5);
  expect(titles()[0]).toBe("team daily: 1 subject gone");
  expect(store.list("history", T0)).toMatchObject([{ state: "gone", reason: "The job was removed." }]);
  const job = { job: "daily", ...WHOLE_JOB };
  store.silence(job, { fromMillis: T0 + 6, untilMillis: T0 + DAY }, { ...act, nowMillis: T0 + 6 });
  expect([store.endJob("daily", "again", T0 + 6), store.repeatDue(T0 + 9 * DAY)]).toEqual([[], 0]);
  // One of the same name that is made later is another job.
  expect(store.silences.open(T0 + 7)).toEqual([]);
});
