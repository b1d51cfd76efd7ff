import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Alert } from "../../../cells/alerts/alert.ts";
import { judgeRun } from "../../../cells/alerts/judge-run.ts";
import { afterRuns, aReading, aRun, RULES } from "./a-run.ts";

const states = ({ alerts }: { alerts: readonly Alert[] }, level = "psi"): string =>
  alerts
    .filter(({ metric }) => (level === "psi" ? metric === "psi" : metric === null))
    .map(({ state }) => state)
    .join(" ");

describe("one value, run after run", () => {
  test.each<[string, string, string[]]>([
    ["o", "", []],
    ["w", "", []],
    ["f", "pending", []],
    ["fo", "inactive", []],
    ["fw", "inactive", []],
    ["fof", "pending", []],
    ["ff", "firing", ["2 firing"]],
    ["fff", "firing", ["2 firing"]],
    ["ffo", "recovering", ["2 firing"]],
    ["ffw", "firing", ["2 firing"]],
    ["ffow", "recovering", ["2 firing"]],
    ["ffowo", "resolved", ["2 firing", "5 resolved"]],
    ["ffwwo", "recovering", ["2 firing"]],
    ["ffowf", "firing", ["2 firing"]],
    ["ffowfoo", "resolved", ["2 firing", "7 resolved"]],
    ["ffof", "firing", ["2 firing"]],
    ["ffofoo", "resolved", ["2 firing", "6 resolved"]],
    ["ffoo", "resolved", ["2 firing", "4 resolved"]],
    ["ffoof", "resolved pending", ["2 firing", "4 resolved"]],
    ["ffooff", "resolved firing", ["2 firing", "4 resolved", "6 firing"]],
    ["fnf", "firing", ["3 firing"]],
    ["ffn", "firing", ["2 firing"]],
    ["f-", "gone", []],
    ["ff-", "gone", ["2 firing", "3 gone"]],
    ["fo-f", "gone pending", []],
  ])("%s: %s", (letters, expected, told) => {
    const after = afterRuns(letters);
    expect([states(after), after.told]).toEqual([expected, told]);
  });

  test("what stands beside ends later, and is neither judged nor counted", () => {
    const newer = ["2026-03-02T00:00:00.000Z", "2026-03-03T00:00:00.000Z"] as [string, string];
    const beside = (verdict: "ok" | "error") => aReading(verdict, { id: "reading-2", window: newer, beside: true });
    const [first] = judgeRun([], aRun(1, [aReading("fail"), beside("ok")]), RULES).alerts;
    expect(first).toMatchObject({ state: "pending", observation: { reading: "reading-1" } });
    expect(judgeRun([], aRun(1, [aReading("ok"), beside("error")]), RULES).alerts).toEqual([]);
    const nothing = judgeRun([], aRun(1, [aReading("no-data"), beside("ok")]), RULES).alerts;
    expect(nothing).toMatchObject([
      { metric: null, state: "no-data", reason: expect.stringContaining("Its one reading") },
    ]);
  });

  test("a check fires after one run and resolves after one, and `after` in the job decides for all kinds", () => {
    const [first] = judgeRun([], aRun(1, [aReading("fail", { kind: "check" })]), RULES).alerts;
    expect(first).toMatchObject({ state: "firing", needed: 1 });
    expect(states(afterRuns("f", { ...RULES, afterRuns: 1 }))).toBe("firing");
    expect(states(afterRuns("ff", { ...RULES, afterRuns: 3 }))).toBe("pending");
    expect(states(afterRuns("fffoo", { ...RULES, afterRuns: 3 }))).toBe("recovering");
  });

  test("an alert keeps its worst failing run, by the bound that the run had", () => {
    const course = (...values: readonly (readonly [number, "ok" | "warn" | "fail", number?])[]): Alert => {
      let known: readonly Alert[] = [];
      for (const [at, [value, verdict, limit = 0.25]] of values.entries()) {
        const bounds = { warn: { type: "above", value: 0.1 }, fail: { type: "above", value: limit } } as const;
        const judged = judgeRun(known, aRun(at + 1, [aReading(verdict, { value, bounds, id: `${at + 1}` })]), RULES);
        if (judged.alerts.length > 0) known = judged.alerts;
      }
      return known[0]!;
    };
    const worst = ({ worst: found }: Alert) => [found!.observation.reading, new Date(found!.atMillis).getUTCDate()];
    expect(worst(course([0.3, "fail"], [0.5, "fail"], [0.4, "fail"], [0.05, "ok"], [0.04, "ok"]))).toEqual(["2", 2]);
    expect(worst(course([0.3, "fail"], [0.3, "fail"]))).toEqual(["1", 1]);
    // Past a bound of 0.1 by 0.25 is more than past 0.25 by 0.15.
    expect(worst(course([0.4, "fail"], [0.35, "fail", 0.1], [0.2, "warn"]))).toEqual(["2", 2]);
    // What calmed down before it fired is no part of what fires later.
    expect(worst(course([0.9, "fail"], [0.05, "ok"], [0.3, "fail"], [0.31, "fail"]))).toEqual(["4", 4]);
    const below = { bounds: { warn: null, fail: { type: "below", value: 1 } as const }, kind: "check" };
    const [first] = judgeRun([], aRun(1, [aReading("fail", { ...below, value: 0.5 })]), RULES).alerts;
    const [second] = judgeRun([first!], aRun(2, [aReading("fail", { ...below, value: 0.2 })]), RULES).alerts;
    expect(second!.worst!.observation.value).toBe(0.2);
  });

  test("states are those that the row of verdicts spells, for any row and any number of runs", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("o", "w", "f", "n"), { maxLength: 30 }),
        fc.integer({ min: 1, max: 4 }),
        (row, needed) => {
          const after = afterRuns(row.join(""), { ...RULES, afterRuns: needed });
          expect(states(after)).toBe(spelt(row.join(""), needed).join(" "));
          const fired = after.alerts.filter(({ firedMillis }) => firedMillis !== null).length;
          expect(after.told.filter((one) => one.endsWith("firing")).length).toBe(fired);
        },
      ),
    );
  });
});

/** The same by looking at the whole row: `needed` f in a row, then `needed` o with nothing but w between, again and again. */
function spelt(row: string, needed: number): string[] {
  let rest = row.replaceAll("n", "");
  const found: string[] = [];
  for (;;) {
    const fires = new RegExp(`f{${needed}}`).exec(rest);
    if (fires === null) {
      if (rest.endsWith("f")) found.push("pending");
      else if (rest.includes("f")) found.push("inactive");
      return found;
    }
    rest = rest.slice(fires.index + needed);
    const ends = new RegExp(`o(?:w*o){${needed - 1}}`).exec(rest);
    if (ends === null) return [...found, rest.replaceAll("w", "").endsWith("o") ? "recovering" : "firing"];
    found.push("resolved");
    rest = rest.slice(ends.index + ends[0].length);
  }
}

describe("a cell without data or with an error", () => {
  test.each<[string, string, string[]]>([
    ["f", "", []],
    ["n", "no-data", ["1 no-data"]],
    ["e", "error", ["1 error"]],
    ["nn", "no-data", ["1 no-data"]],
    ["ne", "error", ["1 no-data", "2 error"]],
    ["no", "resolved", ["1 no-data", "2 resolved"]],
    ["nw", "resolved", ["1 no-data", "2 resolved"]],
  ])("%s: %s", (letters, expected, expectedTold) => {
    const alerts = new Map<string, Alert>();
    const told: string[] = [];
    for (const [index, letter] of [...letters].entries()) {
      const verdict = ({ f: "fail", n: "no-data", e: "error", o: "ok", w: "warn" } as const)[letter]!;
      const judged = judgeRun([...alerts.values()], aRun(index + 1, [aReading(verdict)]), RULES);
      for (const alert of judged.alerts) alerts.set(alert.id, { ...alert, told: { state: alert.state, atMillis: 0 } });
      for (const { to, notify } of judged.changes) if (notify) told.push(`${index + 1} ${to}`);
    }
    expect([states({ alerts: [...alerts.values()] }, "cell"), told]).toEqual([expected, expectedTold]);
  });

  test("one reading without data among others is no trouble, one that could not be measured is", () => {
    const other = aReading("ok", { subject: "country" });
    expect(judgeRun([], aRun(1, [aReading("no-data"), other]), RULES).alerts).toEqual([]);
    expect(judgeRun([], aRun(1, [aReading("error"), other]), RULES).alerts).toMatchObject([
      {
        state: "error",
        cell: "score_drift",
        metric: null,
        reason: "1 of its 2 readings could not be measured: It is error.",
      },
    ]);
  });

  test("a value that is not measured any more keeps its state and says since when", () => {
    const [fired] = afterRuns("ffnn").alerts;
    expect(fired).toMatchObject({ state: "firing", unmeasuredRuns: 2, observation: { value: 0.31 } });
  });
});

describe("a run that failed or had no data", () => {
  const firing = afterRuns("ff").alerts;

  test("is an alert of the job at once, leaves values alone, and ends with the next run", () => {
    const failed = judgeRun(firing, aRun(3, [], { failure: "The engine ended." }), RULES);
    expect(failed.alerts).toMatchObject([{ job: "daily", cell: null, state: "error", reason: "The engine ended." }]);
    expect(failed.changes).toMatchObject([{ from: "inactive", to: "error", notify: true }]);
    const told = failed.alerts.map((one) => ({ ...one, told: { state: one.state, atMillis: 0 } }));
    const next = judgeRun([...firing, ...told], aRun(4, [], { noData: "No rows since noon." }), RULES);
    expect(next.alerts).toMatchObject([{ id: failed.alerts[0]!.id, state: "no-data" }]);
    const both = [aReading("fail"), aReading("ok", { subject: "country" })];
    const fine = judgeRun([...firing, ...next.alerts], aRun(5, both), RULES);
    expect(fine.changes).toMatchObject([{ from: "no-data", to: "resolved", notify: true }]);
  });

  test("judges the readings that it made, and calls none gone", () => {
    const run = aRun(3, [aReading("fail", { cell: "other", kind: "check" })], { failure: "One cell failed." });
    const { alerts } = judgeRun(firing, run, RULES);
    expect(alerts.map(({ cell, state }) => [cell, state])).toEqual([
      [null, "error"],
      ["other", "firing"],
    ]);
  });
});

test("a run that failed by a reading's error is one alert, of the job", () => {
  const run = aRun(1, [aReading("error")], { failure: "score_drift: division by zero" });
  expect(judgeRun([], run, RULES).alerts).toMatchObject([{ cell: null, state: "error" }]);
});

test("of pieces of time the newest counts, and where the whole window differs from it the worse", () => {
  const window = (from: number, to: number): [string, string] => [
    new Date(Date.UTC(2026, 2, from)).toISOString(),
    new Date(Date.UTC(2026, 2, to)).toISOString(),
  ];
  const pieces = (...verdicts: ("ok" | "fail" | "no-data")[]) =>
    verdicts.map((verdict, index) =>
      aReading(verdict, {
        window: index === 0 ? window(1, verdicts.length) : window(index, index + 1),
        id: `p${index}`,
      }),
    );
  const judged = (...verdicts: ("ok" | "fail" | "no-data")[]) =>
    judgeRun([], aRun(9, pieces(...verdicts)), RULES).alerts.map(({ state, observation }) => [
      state,
      observation?.reading,
    ]);
  expect(judged("ok", "fail", "fail", "ok")).toEqual([]);
  expect(judged("ok", "ok", "fail")).toEqual([["pending", "p2"]]);
  expect(judged("fail", "ok", "ok")).toEqual([["pending", "p0"]]);
  expect(judged("fail", "ok", "no-data")).toEqual([["pending", "p0"]]);
});

test("since is the due time of the first failing run, and closing keeps an alert quiet to its end", () => {
  const [fired] = afterRuns("off").alerts;
  expect(new Date(fired!.sinceMillis).toISOString()).toBe("2026-03-02T06:00:00.000Z");
  expect(new Date(fired!.firedMillis!).toISOString()).toBe("2026-03-03T06:00:00.000Z");
  const closed: Alert = { ...fired!, closed: { as: "false-alarm", by: "me", atMillis: 0, comment: "", mark: null } };
  const one = judgeRun([closed], aRun(4, [aReading("ok")]), RULES).alerts;
  const two = judgeRun(one, aRun(5, [aReading("ok")]), RULES);
  expect(two.changes).toMatchObject([{ to: "resolved", notify: false }]);
});

test("the same run judged twice gives the same alerts, ids included", () => {
  const run = aRun(1, [aReading("fail"), aReading("fail", { subject: "country" })]);
  expect(judgeRun([], run, RULES)).toEqual(judgeRun([], run, RULES));
  expect(new Set(judgeRun([], run, RULES).alerts.map(({ id }) => id)).size).toBe(2);
});
