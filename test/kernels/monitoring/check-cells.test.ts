import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkView } from "../../../cells/kinds/check/check-view.ts";
import type { CheckDisplay } from "../../../cells/results/monitor-display.ts";
import { toHtml } from "../../../cells/views/markup.ts";
import { CellProblem } from "../../../kernels/session/outcome.ts";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { keep, measure, type Value } from "./measuring.ts";

let started: TestEngine;
const TYPES = {
  decision_id: "VARCHAR",
  decided_at: "TIMESTAMPTZ",
  recorded_at: "TIMESTAMPTZ",
  amount: "DOUBLE",
  money: "DECIMAL(12,2)",
  big: "BIGINT",
  country: "VARCHAR",
  'it\'s "text"': "VARCHAR",
  select: "INTEGER",
  flag: "BOOLEAN",
  label: "VARCHAR",
};
type Row = Record<string, Value>;
const row = (at: number, more: Row = {}): Row => ({
  decision_id: `d-${at}`,
  decided_at: `2026-02-28 ${String(at).padStart(2, "0")}:00:00+00`,
  recorded_at: `2026-02-28 ${String(at).padStart(2, "0")}:30:00+00`,
  amount: at,
  money: (at / 4).toFixed(2),
  big: 2n ** 53n,
  country: at % 2 === 0 ? "DE" : "FR",
  'it\'s "text"': "12",
  select: at,
  flag: at % 3 === 0,
  label: "good",
  ...more,
});
/** The week before there were as many rows. */
const EARLIER = Array.from({ length: 10 }, (_, at) => row(at + 5, { decided_at: `2026-02-21 0${at % 10}:00:00+00` }));
const GOOD = Array.from({ length: 10 }, (_, at) => row(at));

beforeAll(async () => {
  started = await startEngine();
  await keep(
    started.engine,
    "known",
    { id: "VARCHAR" },
    ["DE", "FR", null].map((id) => ({ id })),
  );
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

async function checked(expected: object, rows: readonly Row[] = GOOD, more: object = {}) {
  await keep(started.engine, "rows", TYPES, [...EARLIER, ...rows]);
  const spec = { from: "rows", window: "2026-02-28", fail: expected, ...more };
  const { readings, display } = await measure(started.engine, "check", spec);
  const shown = display as CheckDisplay;
  return { readings, display: shown, checks: shown.checks, verdict: shown.verdict };
}

/** Each check: what it expects, rows that break it, and what is said of them. */
const CHECKS: readonly (readonly [
  expected: object,
  breaking: readonly Row[],
  found: string,
  failing: number | null,
])[] = [
  [{ rows: { min: 10, max: 10 } }, [row(11)], "11 rows", null],
  [{ rows: { like: "same weekday", within: "10%" } }, [row(11), row(12)], "120 % of the rows before", null],
  [{ fresh: "15 hours" }, [row(3, { recorded_at: "2026-03-01 00:30:00+00" })], "", null],
  [{ schema: { columns: { amount: "DOUBLE", money: "DECIMAL(12,2)" } } }, [], "as expected", null],
  [{ missing: { amount: "5%" } }, [row(11, { amount: null })], "9.091 %", 1],
  [{ empty: { country: 0 } }, [row(11, { country: " " })], "9.091 %", 1],
  [{ unique: ["decision_id", ["country", "amount"]] }, [row(3)], "1 value more than once", 1],
  [{ references: { country: { from: "known", column: "id" } } }, [row(11, { country: "XX" })], "1 row", 1],
  [{ duplicates: 0 }, [row(3)], "1 row", null],
  [{ duplicates: "5%" }, [row(3)], "9.091 %", null],
  [{ range: { amount: [0, 10], big: [0, 2 ** 53 - 1] } }, [row(11)], "1 row", 1],
  [{ range: { amount: [0, null] } }, [row(11, { amount: -4.7 })], "1 row", 1],
  [
    { values: { country: ["DE", "FR"], select: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], flag: [true, false] } },
    [row(9, { country: "it's" })],
    "1 row",
    1,
  ],
  [{ values: { amount: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] } }, [row(9, { amount: 1.5 })], "1 row", 1],
  [{ pattern: { 'it\'s "text"': "\\d+" } }, [row(11, { 'it\'s "text"': "12a" })], "1 row", 1],
  [{ parse: { 'it\'s "text"': "number" } }, [row(11, { 'it\'s "text"': "many" })], "1 row", 1],
  [{ length: { country: [2, 2] } }, [row(11, { country: "" })], "1 row", 1],
  [{ compare: ["decided_at <= recorded_at"] }, [row(11, { recorded_at: "2026-02-28 01:00:00+00" })], "1 row", 1],
  [{ sum: { amount: [45, 45], money: { min: 11.25, max: 11.25 } } }, [row(11)], "56", null],
  [{ mean: { amount: [4.5, 4.5] } }, [row(11)], "5.09091", null],
  [{ std: { amount: [3, 3.1] } }, [row(11, { amount: 100 })], "28.9372", null],
  [{ quantile: { money: { at: 0.5, min: 1.125, max: 1.125 } } }, [row(11)], "1.25", null],
  [{ zeros: { select: "10%" } }, [row(0, { decision_id: "a" })], "18.18 %", 2],
  [{ distinct: { country: [2, 2] } }, [row(11, { country: "XX" })], "3", null],
  [{ constant: "label" }, [row(11, { label: "bad" })], "2", null],
  [{ most_common: { country: 0.5 } }, [row(12)], "54.55 %", null],
  [
    { distance: { flag: { window: "2026-02-21", max: 0.2 } } },
    Array.from({ length: 20 }, (_, at) => row(at + 30, { flag: true })),
    "",
    null,
  ],
  [{ future: "decided_at" }, [row(11, { decided_at: "2026-02-28 23:59:59+00" })], "", null],
  [{ order: { amount: "decided_at" } }, [row(11, { amount: 0 })], "1 row", 1],
  [{ gaps: { decided_at: "1 hour" } }, [row(11)], "2 hours", 1],
  [{ labels: { known: ["good", "bad"] } }, [row(11, { label: "ugly" })], "1 row", 1],
  [
    {
      no_rows: {
        late: "SELECT * FROM rows WHERE recorded_at - decided_at > INTERVAL 40 MINUTES AND decided_at >= '2026-02-28'",
      },
    },
    [row(11, { recorded_at: "2026-02-28 13:00:00+00" })],
    "1 row",
    1,
  ],
];
const NAMES =
  "rows fresh schema missing empty unique references duplicates range values pattern parse length compare sum mean quantile std zeros distinct constant most_common distance future order gaps labels no_rows";

describe("each check holds, and is broken by what it is for", () => {
  test("all of them are here", () => {
    expect([...new Set(CHECKS.flatMap(([expected]) => Object.keys(expected)))]).toEqual(
      expect.arrayContaining(NAMES.split(" ")),
    );
  });

  test.each(CHECKS)("%j", async (expected, breaking, text, failing) => {
    const [name] = Object.keys(expected) as [string];
    // Values at 2^53 break the one range that ends below; the rest of the range holds.
    const good = await checked(
      expected,
      name === "range" ? GOOD.map((one) => ({ ...one, big: 2n ** 53n - 1n })) : GOOD,
    );
    if (!["fresh", "distance"].includes(name))
      expect(good.readings.map(({ verdict, reason }) => [verdict, reason])).toEqual(
        good.readings.map(() => ["ok", null]),
      );
    expect(good.checks.flatMap(({ rows }) => rows)).toEqual([]);
    if (breaking.length === 0 || text === "") return;
    const bad = await checked(expected, [...GOOD, ...breaking]);
    const broken = bad.checks.filter(({ verdict }) => verdict === "fail");
    expect(broken.map(({ found }) => found)).toContain(text);
    expect(bad.verdict).toBe("fail");
    const first = broken.find(({ found }) => found === text)!;
    expect(first.rows.length).toBe(failing ?? 0);
    if (failing !== null && name !== "gaps" && name !== "unique")
      expect(first.rows[0]).toMatchObject({ decision_id: breaking[0]!.decision_id });
    const asWarning = await checked({}, [...GOOD, ...breaking], { fail: undefined, warn: expected });
    expect(asWarning.verdict).toBe("warn");
  });

  test("fresh and future are held against the as-of", async () => {
    const latest = row(9, { recorded_at: "2026-02-28 22:00:00+00", decided_at: "2026-02-28 09:00:00+00" });
    expect((await checked({ fresh: "2 hours" }, [latest])).verdict).toBe("ok");
    const late = await checked({ fresh: "119 minutes" }, [latest]);
    expect(late.checks[0]).toMatchObject({ verdict: "fail", found: "2 hours" });
    const future = await checked({ future: ["decided_at", "recorded_at"] }, [
      row(1, { recorded_at: "2026-03-01 00:00:01+00" }),
    ]);
    expect(future.checks.map(({ verdict }) => verdict)).toEqual(["ok", "fail"]);
    expect(future.checks[1]!.rows).toHaveLength(1);
  });

  test("schema names what differs", async () => {
    const { checks } = await checked({ schema: { columns: { amount: "INTEGER", nothing: "DATE" }, only: true } });
    expect(checks[0]!.found).toContain("amount is DOUBLE, not INTEGER; nothing is missing; decision_id was added");
  });

  test("at most ten failing rows are shown, always the same", async () => {
    const rows = Array.from({ length: 30 }, (_, at) => row(at % 20, { decision_id: `x-${at}`, country: "XX" }));
    const { checks } = await checked({ values: { country: ["DE"] } }, rows);
    expect([checks[0]!.rows.length, checks[0]!.failing]).toEqual([10, 30]);
    const again = await checked({ values: { country: ["DE"] } }, rows.toReversed());
    expect(again.checks).toEqual(checks);
  });

  test("the distance is no value where a side has none", async () => {
    const rows = GOOD.map((one) => ({ ...one, amount: null }));
    const { checks } = await checked({ distance: { amount: { window: "2026-02-21", max: 0.2 } } }, rows);
    expect(checks[0]).toMatchObject({ verdict: "no-data", found: "There are no values on one side." });
  });
});

describe("what cannot be measured keeps nothing else from being measured", () => {
  test("a missing column, a wrong type, a wrong statement", async () => {
    const { checks, verdict, readings, display } = await checked({
      missing: { amuont: 0, amount: 0 },
      range: { country: [0, 1], amount: [0, 9] },
      compare: ["amount <= nothing", "amount <= 9"],
      no_rows: { wrong: "SELECT * FROM nowhere", right: "SELECT * FROM rows WHERE false" },
      unique: ["decision_id", ["country", "nothing"]],
      references: {
        country: { from: "known", column: "idd" },
        decision_id: { from: "knwon", column: "id" },
        label: { from: "known", column: "id" },
      },
      distance: { nothing: { window: "2026-02-21", max: 0.1 }, amount: { window: "someday", max: 0.1 } },
    });
    const errors = checks.filter((one) => one.verdict === "error");
    expect(errors.map(({ title }) => title)).toEqual([
      "missing · amuont",
      "unique · country,nothing",
      "references · country",
      "references · decision_id",
      "range · country",
      "compare · amount <= nothing",
      "no rows · wrong",
      "distance · nothing",
      "distance · amount",
    ]);
    const said = (title: string): string => errors.find((one) => one.title === title)!.found;
    expect(said("references · country")).toBe('references: known has no column "idd". Did you mean id?');
    expect(said("references · decision_id")).toContain('there is no relation "knwon"');
    expect(said("distance · nothing")).toContain('distance: rows has no column "nothing".');
    expect(said("distance · amount")).toContain('"someday"');
    const page = toHtml(checkView(display, { zone: "UTC" }), () => "");
    for (const { found } of errors) expect(page).toContain(toHtml(found, () => ""));
    expect(readings.filter((one) => one.verdict === "error").map(({ reason }) => reason)).toEqual(
      errors.map(({ found }) => found),
    );
    expect(errors[0]!.found).toBe('missing: rows has no column "amuont". Did you mean amount?');
    expect(checks.filter((one) => one.verdict === "ok").map(({ title }) => title)).toEqual([
      "missing · amount",
      "unique · decision_id",
      "range · amount",
      "compare · amount <= 9",
      "no rows · right",
    ]);
    expect(checks.find(({ title }) => title === "references · label")).toMatchObject({ verdict: "fail" });
    expect(verdict).toBe("error");
  });

  test.each([
    [{ fail: { mising: { amount: 0 } } }, "fail.mising: unknown key; did you mean missing?"],
    [{ fail: undefined }, "at least one expectation"],
    [{ fail: { missing: { amount: "much" } } }, "expected a share such as 5% or 0.05"],
    [{ fail: { missing: { amount: 1.5 } } }, "expected"],
    [{ fail: { fresh: "soon" } }, "expected a duration such as 2 hours"],
    [{ where: "amount >" }, "where: "],
    [{ from: "nowhere" }, 'from: there is no relation "nowhere"'],
    [{ by: "cuontry" }, 'by: rows has no column "cuontry". Did you mean country?'],
  ])("%j", async (more, text) => {
    const error = await checked({ rows: { min: 1 } }, GOOD, more).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CellProblem);
    const { message, problem } = error as CellProblem;
    expect(`${message} ${problem.hint ?? ""}`).toContain(text);
  });
});

test("an empty window: counts are judged, what needs rows is not", async () => {
  const { checks } = await checked({ rows: { min: 1 }, missing: { amount: 0 }, mean: { amount: [0, 1] } }, []);
  expect(checks.map(({ verdict }) => verdict)).toEqual(["fail", "no-data", "no-data"]);
});

test.each([
  ["no rows", []],
  ["one row", [row(1)]],
  ["nulls alone", [1, 2, 3].map((at) => ({ decision_id: null, decided_at: row(at).decided_at! }))],
  ["NaN and infinities", [NaN, Infinity, -Infinity].map((amount, at) => row(at, { amount }))],
] as [string, Row[]][])("%s: every check gives a verdict with its sentence", async (_, rows) => {
  for (const [expected] of CHECKS) {
    const { readings, checks } = await checked(expected, rows);
    expect(JSON.stringify([readings, checks])).not.toMatch(/NaN|Infinity|undefined/);
    for (const { verdict, found } of checks) {
      expect(["ok", "fail", "no-data"]).toContain(verdict);
      expect(found).not.toBe("");
    }
    for (const { verdict, reason } of readings) expect(reason === null).toBe(verdict === "ok");
  }
});

test("slices and chunks are checked by themselves, and only those that there are", async () => {
  const { readings, display } = await checked({ rows: { min: 3 } }, GOOD, { by: "country", every: "6 hours" });
  expect(display.n).toBe(10);
  expect(readings[0]!.n).toBe(10);
  expect(readings.map(({ slice, value, verdict }) => [slice, value, verdict])).toEqual([
    [null, 10, "ok"],
    ["country = DE", 5, "ok"],
    ["country = FR", 5, "ok"],
    [null, 6, "ok"],
    [null, 4, "ok"],
    [null, 0, "fail"],
    [null, 0, "fail"],
  ]);
});

test("NaN and infinities are no values for sums", async () => {
  const rows = [...GOOD, row(11, { amount: NaN }), row(12, { amount: -Infinity })];
  const { readings } = await checked(
    { sum: { amount: [45, 45] }, std: { amount: [3, 3.1] }, quantile: { amount: { at: 1, max: 9 } } },
    rows,
  );
  expect(readings.map(({ verdict }) => verdict)).toEqual(["ok", "ok", "ok"]);
});

test("a week before is by the calendar, also over a change of clocks", async () => {
  const rows = [
    ...["2026-03-23 23:30:00+00", "2026-03-24 21:30:00+00"].map((decided_at, at) => row(at, { decided_at })),
    ...["2026-03-30 22:30:00+00", "2026-03-31 21:30:00+00"].map((decided_at, at) => row(at + 2, { decided_at })),
  ];
  await keep(started.engine, "rows", TYPES, rows);
  const spec = { from: "rows", window: "2026-03-31", fail: { rows: { like: "same weekday", within: "1%" } } };
  const { readings } = await measure(started.engine, "check", spec, { zone: "Europe/Berlin" });
  expect(readings[0]).toMatchObject({ value: 1, verdict: "ok" });
});

test("the same expectation as warning and as failure gives two readings with ids of their own", async () => {
  const { readings } = await checked({ missing: { amount: "20%" } }, [...GOOD, row(11, { amount: null })], {
    warn: { missing: { amount: "5%" } },
  });
  expect(readings.map(({ verdict }) => verdict)).toEqual(["ok", "warn"]);
  expect(new Set(readings.map(({ id }) => id)).size).toBe(2);
});

test("an expectation that is written twice, or over a chunk as long as the window, gives readings of their own", async () => {
  const { readings } = await checked({ constant: ["label", "label"], unique: ["big, money", ["big", "money"]] }, GOOD, {
    every: "1 day",
  });
  expect(readings).toHaveLength(8);
  expect(new Set(readings.map(({ id }) => id)).size).toBe(8);
});

describe("a distance is judged as drift is", () => {
  const day = (date: string, values: readonly number[]): Row[] =>
    values.map((amount, at) =>
      row(at % 24, { decision_id: `${date} ${at}`, amount, decided_at: `${date} 10:00:00+00` }),
    );
  /** Numbers of a linear congruential generator in [shift, 1 + shift). */
  const pseudo = (count: number, seed: number, shift = 0): number[] => {
    let state = seed;
    return Array.from({ length: count }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647 + shift;
    });
  };
  const judgedBy = async (before: readonly number[], now: readonly number[], more: object = {}) => {
    const rows = [...day("2026-02-20", before), ...day("2026-02-28", now)];
    const { readings, checks } = await checked(
      { distance: { amount: { window: "2026-02-20", max: 0.1 } } },
      rows,
      more,
    );
    return { ...readings[0]!, found: checks[0]!.found };
  };

  test("past the bound and hardly by chance it fails, with n of both sides and p", async () => {
    const found = await judgedBy(pseudo(400, 3), pseudo(400, 5, 0.5));
    expect(found).toMatchObject({ verdict: "fail", n: 400, nReference: 400 });
    expect(found.pAdjusted).toBeLessThan(0.01);
    expect(found.reason).toContain("hardly by chance");
  });

  test("past the bound by chance it does not", async () => {
    const found = await judgedBy(pseudo(110, 3), pseudo(110, 17));
    expect(found.value).toBeGreaterThan(0.1);
    expect(found).toMatchObject({ verdict: "ok" });
    expect(found.reason).toContain("can be chance");
  });

  test("few rows are not judged, unless the cell says so", async () => {
    const few = await judgedBy(pseudo(400, 3), pseudo(40, 5, 2));
    expect(few).toMatchObject({ verdict: "no-data", reason: "The current has 40 rows, below min_rows 100." });
    expect(await judgedBy(pseudo(400, 3), pseudo(40, 5, 2), { min_rows: 30 })).toMatchObject({ verdict: "fail" });
  });
});
