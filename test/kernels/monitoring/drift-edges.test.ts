import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CellProblem } from "../../../kernels/session/outcome.ts";
import { areaOfRows, energyOfRows, winsOfRows } from "../../cells/statistics/drift/row-models.ts";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { decilesOf, numericModel } from "./drift-model.ts";
import { CURRENT, found, isChunk, keep, measure, REFERENCE, type Value } from "./measuring.ts";

let started: TestEngine;
beforeAll(async () => {
  started = await startEngine();
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

const SIDES = { from: "rows", window: CURRENT, reference: REFERENCE, min_rows: 1 };
/** Rows of both samples with one column `x`. */
async function keepSides(type: string, reference: readonly Value[], current: readonly Value[], name = "x") {
  const rows = [
    ...reference.map((value) => ({ decided_at: "2026-01-05", [name]: value })),
    ...current.map((value) => ({ decided_at: "2026-02-05", [name]: value })),
  ];
  await keep(started.engine, "rows", { decided_at: "DATE", [name]: type }, rows);
}
const drift = (more: object = {}) => measure(started.engine, "drift", { ...SIDES, columns: "x", ...more });

describe("numbers at the ends of what a double holds", () => {
  test.each([
    ["values too large to be squared", [1, 2, 3, 4, 5, 6, 1e200], [2, 3, 4, 5, 6, 7, -1e200]],
    ["a range beyond all doubles", [-1.7e308, 1, 2, 3, 4, 5, 1.7e308], [1, 2, 3, 4, 5, 6, 7]],
    ["values too close to be squared", [1, 2, 3, 4, 5, 6, 7].map((x) => x * 1e-300), [3e-300, 4e-300]],
    ["subnormal values", [1, 2, 3, 4, 5, 6, 7].map((x) => x * 5e-324), [3e-323, 4e-323]],
    ["one huge value among small ones", [...Array(50).keys(), 1e15].map(Number), [...Array(50).keys()].map(Number)],
  ])(
    "%s",
    async (_, reference, current) => {
      await keepSides("DOUBLE", reference, current);
      const { readings } = await drift({ metrics: ["psi", "ks", "wasserstein", "t_test"] });
      const model = numericModel(decilesOf(reference), reference, current);
      const ks = found(readings, { metric: "ks", subject: "x" });
      expect(ks.value).toBeCloseTo(model.ks, 10);
      const moved = found(readings, { metric: "wasserstein", subject: "x" });
      if (Number.isFinite(model.wasserstein) && model.wasserstein > 1e-305)
        expect(moved.value! / model.wasserstein).toBeCloseTo(1, 9);
      for (const reading of readings) expect(["ok", "warn", "fail", "no-data"]).toContain(reading.verdict);
      expect(JSON.stringify(readings)).not.toMatch(/NaN|Infinity/);
    },
    20_000,
  );

  test("an edge that one unit in the last place is taken from stays that edge", async () => {
    await keepSides("BIGINT", [1, 1, 1, 2, 2, 3, 4, 5, 6, 7], [0, 1, 1, 2, 8]);
    const { readings } = await drift({ metrics: ["psi"], types: { x: "numeric" } });
    const { details } = found(readings, { metric: "psi", subject: "x" });
    expect(details).toMatchObject({ edges: decilesOf([1, 1, 1, 2, 2, 3, 4, 5, 6, 7]) });
    const model = numericModel(
      decilesOf([1, 1, 1, 2, 2, 3, 4, 5, 6, 7]),
      [1, 1, 1, 2, 2, 3, 4, 5, 6, 7],
      [0, 1, 1, 2, 8],
    );
    expect(found(readings, { metric: "psi", subject: "x" }).value).toBeCloseTo(model.psi, 10);
  });
});

test("distances that need the values themselves", async () => {
  const [reference, current] = [
    [1, 2, 2, 3, 5, 8, 13, -4.5],
    [2, 3, 3, 7, -1, 0.5],
  ];
  await keepSides("DOUBLE", reference, current);
  const { readings } = await drift({
    metrics: ["energy", "mann_whitney", "cvm", "anderson_darling", "t_test"],
    every: "1 week",
  });
  const value = (metric: string): number => found(readings, { metric, subject: "x" }).value!;
  expect(value("energy")).toBeCloseTo(Math.sqrt(2 * areaOfRows(reference, current, 2)), 10);
  expect(value("energy")).toBeCloseTo(energyOfRows(reference, current), 10);
  expect(value("mann_whitney")).toBe(winsOfRows(reference, current));
  for (const reading of readings.filter(({ window }) => isChunk(window!)))
    if (reading.metric === "energy" && reading.window![0] >= "2026-02")
      expect(reading.value).toBeCloseTo(energyOfRows(reference, current), 10);
});

describe("categories", () => {
  test("an identifier by slices: what is new is held against the whole reference", async () => {
    const rows = [...Array(90).keys()].flatMap((id) =>
      ["2026-01-05", "2026-02-05"].map((day) => ({
        decided_at: day,
        x: `${day} ${id}`,
        country: id < 80 ? "DE" : "FR",
      })),
    );
    await keep(started.engine, "rows", { decided_at: "DATE", x: "VARCHAR", country: "VARCHAR" }, rows);
    const { readings } = await drift({ by: "country" });
    for (const slice of [null, "country = DE", "country = FR"])
      expect(found(readings, { metric: "new_category_share", subject: "x", slice })).toMatchObject({
        value: 1,
        verdict: "ok",
      });
  });

  test("slices that do not exist are not measured, and a slice called other is its own", async () => {
    const rows = [..."aaabbc"].flatMap((letter, at) =>
      ["2026-01-05", "2026-02-05"].map((day) => ({
        decided_at: day,
        x: at,
        country: letter === "a" ? "other" : letter,
      })),
    );
    await keep(started.engine, "rows", { decided_at: "DATE", x: "INTEGER", country: "VARCHAR" }, rows);
    const slicesOf = async (min_rows: number): Promise<(string | null)[]> => [
      ...new Set((await drift({ by: "country", min_rows })).readings.map(({ slice }) => slice)),
    ];
    expect(await slicesOf(1)).toEqual([null, "country = other", "country = b", "country = c"]);
    expect(await slicesOf(3)).toEqual([null, "country = other", "country = (other)"]);
    expect(await slicesOf(100)).toEqual([null, "country = other"]);
  });

  test("one and the same number is one category in whatever types both samples hold it", async () => {
    await keep(
      started.engine,
      "before",
      { decided_at: "DATE", x: "INTEGER" },
      [1, 1, 2, 3].map((x) => ({ decided_at: "2026-01-05", x })),
    );
    await keep(
      started.engine,
      "rows",
      { decided_at: "DATE", x: "DOUBLE" },
      [1, 2, 3, 1, 3].map((x) => ({ decided_at: "2026-02-05", x })),
    );
    const { readings } = await drift({ reference: { from: "before" } });
    expect(found(readings, { metric: "new_category_share", subject: "x" }).value).toBe(0);
    await keep(
      started.engine,
      "before",
      { decided_at: "DATE", x: "DOUBLE" },
      [1, 5, 2, 9, 4, 7, NaN].map((x) => ({ decided_at: "2026-01-05", x })),
    );
    await keep(
      started.engine,
      "rows",
      { decided_at: "DATE", x: "INTEGER" },
      [1, 2, 3].map((x) => ({ decided_at: "2026-02-05", x })),
    );
    const other = await drift({ reference: { from: "before" }, metrics: ["ks"] });
    expect(found(other.readings, { metric: "ks", subject: "x" })).toMatchObject({ n: 3, nReference: 6 });
  });

  test("two_proportions is for columns of two categories", async () => {
    await keepSides("VARCHAR", ["a", "a", "b"], ["a", "b", "b"]);
    const two = await drift({ metrics: ["two_proportions", "psi"] });
    expect(found(two.readings, { metric: "two_proportions", subject: "x" }).value).toBeCloseTo(0.8164965809, 9);
    await keepSides("VARCHAR", ["a", "c", "b"], ["a", "b", "b"]);
    const three = await drift({ metrics: ["two_proportions", "psi"] });
    expect(found(three.readings, { metric: "two_proportions", subject: "x" })).toMatchObject({
      verdict: "error",
      reason: "two_proportions is for columns of two categories, and x has more in the reference.",
    });
    expect(found(three.readings, { metric: "psi", subject: "x" }).value).toBeGreaterThan(0);
  });

  test("under evidently each new value is a category of its own", async () => {
    await keepSides("VARCHAR", ["a", "a", "a", "b"], ["a", "b", "c", "d"]);
    const { readings } = await drift({ convention: "evidently", metrics: ["psi"] });
    const fill = 1e-4;
    const psi = (0.25 - 0.75) * Math.log(0.25 / 0.75) + 2 * (0.25 - fill) * Math.log(0.25 / fill);
    expect(found(readings, { metric: "psi", subject: "x" }).value).toBeCloseTo(psi, 10);
  });

  test("under nannyml whole numbers of few values are binned as version 0.13 does", async () => {
    const reference = Array.from({ length: 200 }, (_, at) => ((at * at) % 11) + (at % 3));
    const current = Array.from({ length: 150 }, (_, at) => (at * at) % 13);
    await keepSides("INTEGER", reference, current);
    const { readings } = await drift({ convention: "nannyml", metrics: ["js", "hellinger"] });
    expect(found(readings, { metric: "js", subject: "x" }).value).toBeCloseTo(0.5799584983666303, 9);
    expect(found(readings, { metric: "hellinger", subject: "x" }).value).toBeCloseTo(0.5716250021475883, 9);
  });

  test("columns named like what statements are made of", async () => {
    const names = ["slice", "chunk", "rows", "v", "n", "x0", "picked", "select", "db_slice", 'a"b', "it's"];
    const types = Object.fromEntries(names.map((name) => [name, "INTEGER"]));
    const rows = [...Array(40).keys()].map((at) => ({
      decided_at: at % 2 === 0 ? "2026-01-05" : "2026-02-05",
      ...Object.fromEntries(names.map((name, place) => [name, (at * (place + 1)) % 11])),
    }));
    await keep(started.engine, "rows", { decided_at: "DATE", ...types }, rows);
    const { readings } = await measure(started.engine, "drift", {
      ...SIDES,
      columns: names,
      metrics: ["psi", "ks", "wasserstein", "energy"],
      by: "rows",
      every: "1 day",
      types: Object.fromEntries(names.map((name) => [name, "numeric"])),
    });
    for (const name of names) {
      const values = (side: number): number[] =>
        rows.filter((_, at) => at % 2 === side).map((row) => (row as unknown as Record<string, number>)[name]!);
      const model = numericModel(decilesOf(values(0)), values(0), values(1));
      expect(found(readings, { metric: "ks", subject: name }).value).toBeCloseTo(model.ks, 10);
      expect(found(readings, { metric: "psi", subject: name }).value).toBeCloseTo(model.psi, 10);
    }
  });
});

describe("what does not fit is said in a sentence", () => {
  const problem = async (more: object): Promise<string> => {
    try {
      await drift(more);
      return "none";
    } catch (error) {
      if (!(error instanceof CellProblem)) throw error;
      return `${error.message} ${error.problem.hint ?? ""}`;
    }
  };
  beforeAll(() => keepSides("VARCHAR", ["a", "b", "a"], ["a", "b"]));

  test.each([
    [{ metrics: ["sk"] }, 'got "sk"; did you mean ks?'],
    [{ convetion: "nannyml" }, "convetion: unknown key; did you mean convention?"],
    [{ where: "x ==== 1" }, "where: "],
    [{ where: "y = 1" }, "where: "],
    [{ where: "x = 'a' -- only these" }, "none"],
    [{ reference: { window: REFERENCE, where: "x = (" } }, "reference.where: "],
    [{ reference: CURRENT }, "reference: it is the measured window itself"],
    [{ reference: { from: "rows", window: CURRENT } }, "reference: it is the measured window itself"],
    [{ reference: { from: "rows", window: CURRENT, where: "x = 'a'" } }, "none"],
    [{ reference: "rwos" }, 'from: there is no relation "rwos"'],
    [{ by: "y" }, 'by: rows has no column "y"'],
    [{ fail: { psi: "3 sigma" } }, "sigma"],
    [{ warn: { ks: 0.1 } }, "warn.ks: ks is not measured here; add it to metrics, which are wasserstein, psi"],
    [{ metrics: ["ks"], warn: { ks: 0.1, missing_share: 0.1 } }, "none"],
    [{ fail: { psi: "a lot" } }, "expected a number"],
    [{ window: "last 7 dayz" }, "is no window"],
    [{ every: "2 fortnights" }, "is no length of time"],
    [{ min_rows: 0 }, "min_rows"],
  ])("%j", async (more, text) => {
    expect(await problem(more)).toContain(text);
  });

  test("a slice's column that the reference does not have", async () => {
    await keep(started.engine, "before", { x: "VARCHAR" }, [{ x: "a" }]);
    await keep(started.engine, "rows", { decided_at: "DATE", x: "VARCHAR", y: "VARCHAR" }, [
      { decided_at: "2026-02-05", x: "a", y: "b" },
    ]);
    expect(await problem({ reference: { from: "before" }, by: "y" })).toContain('by: before has no column "y"');
  });

  test.each([
    ["no rows at all", [], []],
    ["an empty reference", [], [1, 2, 3]],
    ["an empty window", [1, 2, 3], []],
    ["nulls alone", [null, null, null], [null, null]],
    ["nulls alone in the window", [1, 2, 3, 4, 5, 6], [null, null]],
    ["one row on each side", [1], [2]],
    ["one constant", [7, 7, 7], [7, 7]],
    ["NaN alone", [NaN, NaN], [NaN, Infinity]],
  ] as [string, (number | null)[], (number | null)[]][])("%s", async (_, reference, current) => {
    await keepSides("DOUBLE", reference, current);
    for (const types of [{}, { x: "numeric" }]) {
      const { readings, display } = await drift({
        types,
        metrics: {
          numeric: ["psi", "ks", "wasserstein", "energy", "t_test", "cvm", "mann_whitney", "anderson_darling"],
          categorical: ["psi", "chi2", "cramers_v", "g_test"],
        },
        every: "1 day",
        min_rows: 1,
      });
      expect(readings.length).toBeGreaterThan(0);
      expect(JSON.stringify([readings, display])).not.toMatch(/NaN|Infinity|undefined/);
      const has = (values: readonly (number | null)[]): boolean =>
        values.some((value) => Number.isFinite(value ?? NaN));
      const psi = found(readings, { metric: "psi", subject: "x" });
      if (has(reference) && has(current)) expect(psi.value).not.toBeNull();
      else expect(psi).toMatchObject({ value: null, verdict: "no-data" });
      if (reference.length > 0 && current.length > 0)
        expect(found(readings, { metric: "missing_share", subject: "x" }).value).not.toBeNull();
    }
  });
});

test("a cell that measures twice at once, over other rows each, gets what each gives alone", async () => {
  const values = Array.from({ length: 400 }, (_, at) => (at * 7919) % 401);
  await keepSides(
    "DOUBLE",
    values,
    values.map((x) => x * 1.5 + 20),
  );
  const asked = [
    {},
    { where: "x > 100", reference: { window: REFERENCE, where: "x > 100" } },
    { where: "x < 300" },
  ].map((more) => ({ ...more, metrics: ["psi", "ks", "wasserstein"] }));
  const alone: unknown[] = [];
  for (const more of asked) alone.push((await drift(more)).readings);
  for (let time = 0; time < 5; time += 1) {
    const together = await Promise.all(asked.map((more) => drift(more)));
    expect(together.map(({ readings }) => readings)).toEqual(alone);
  }
});
