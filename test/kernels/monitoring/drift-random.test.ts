import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Reading, rounded } from "../../../cells/results/reading.ts";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { categoryModel, decilesOf, finite, numericModel } from "./drift-model.ts";
import { CURRENT, found, isChunk, isNear, keep, measure, REFERENCE, type Value } from "./measuring.ts";

let started: TestEngine;
beforeAll(async () => {
  started = await startEngine();
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

const NUMBERS: readonly fc.Arbitrary<number>[] = [
  fc.integer({ min: -4, max: 6 }),
  fc.integer({ min: -470, max: 470 }).map((value) => value / 10),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => (Math.abs(value) < 1e-6 ? 0 : value)),
  fc.integer({ min: -40, max: 0 }).map((back) => 2 ** 53 + back),
  fc.constant(-4.7),
  fc.constantFrom(0, -0, 1, 2, 3, 4, 1e15),
];
/** Numbers of one kind with nulls, NaN and infinities among them. */
const column = (kinds = NUMBERS): fc.Arbitrary<fc.Arbitrary<number | null>> =>
  fc
    .tuple(fc.constantFrom(...kinds), fc.constantFrom(0, 0, 1, 30), fc.constantFrom(0, 0, 1, 30))
    .map(([kind, nulls, strange]) =>
      fc.oneof(
        { arbitrary: kind, weight: 60 },
        { arbitrary: fc.constant(null), weight: nulls },
        { arbitrary: fc.constantFrom(NaN, Infinity, -Infinity), weight: strange },
      ),
    );
const TEXTS = ["DE", "", 'it\'s "quoted"', "${x}", "select", "ü\n", "other"];
const DAYS = 28;

interface Row {
  readonly [name: string]: Value;
}
const TYPES = {
  decided_at: "TIMESTAMP",
  country: "VARCHAR",
  "a \"quoted\" 'name'": "DOUBLE",
  select: "DOUBLE",
  whole: "BIGINT",
  money: "DECIMAL(12,2)",
  text: "VARCHAR",
  flag: "BOOLEAN",
  slice: "INTEGER",
};
const NUMERIC = ["a \"quoted\" 'name'", "select", "whole", "money", "slice"];

const table: fc.Arbitrary<readonly Row[]> = fc
  .tuple(column(), column(), fc.integer({ min: 2, max: 300 }), fc.boolean())
  .chain(([first, second, most, tailed]) =>
    fc.array(
      fc.record({
        decided_at: fc
          .tuple(fc.constantFrom(1, 2), fc.integer({ min: 1, max: DAYS }))
          .map(([month, day]) => `2026-0${month}-${String(day).padStart(2, "0")} 12:00:00`),
        country: fc.constantFrom("DE", "FR", "U'S", null),
        "a \"quoted\" 'name'": first,
        select: second,
        whole: fc.oneof(fc.integer({ min: -3, max: 40 }), fc.constant(null)),
        money: fc.integer({ min: -5000, max: 5000 }).map((cents) => (cents / 100).toFixed(2)),
        text: fc.oneof(
          fc.constantFrom(...TEXTS),
          fc.constant(null),
          tailed ? fc.integer({ min: 0, max: 200 }).map(String) : fc.constant("DE"),
        ),
        flag: fc.oneof(fc.boolean(), fc.constant(null)),
        slice: fc.integer({ min: 0, max: 9 }),
      }),
      { minLength: 0, maxLength: most, size: "max" },
    ),
  );

const isReference = (row: Row): boolean => String(row.decided_at).startsWith("2026-01");
const numbersOf = (rows: readonly Row[], name: string): number[] =>
  finite(rows.map((row) => (row[name] === null ? null : Number(row[name]))));
const textsOf = (rows: readonly Row[], name: string): string[] =>
  rows.flatMap((row) => (row[name] === null ? [] : [String(row[name])]));

const SPEC = {
  from: "rows",
  window: CURRENT,
  reference: REFERENCE,
  columns: [...NUMERIC, "text", "flag"],
  metrics: { numeric: ["psi", "js", "tvd", "ks", "wasserstein"], categorical: ["psi", "js", "tvd", "chi2"] },
  types: { whole: "numeric", slice: "numeric" },
  min_rows: 1,
};

function expectNear(reading: Reading, expected: number | null, scale = 0): void {
  const near = isNear(reading.value, expected === null ? null : rounded(expected), 1e-8, 1e-10 + scale * 1e-12);
  if (!near)
    throw new Error(
      `${reading.metric} of ${reading.subject} ${reading.slice} ${reading.window}: ${reading.value}, not ${expected}; ${JSON.stringify(reading)}`,
    );
}

/** Every distance and share of one group of rows against the model. */
function checkGroup(
  readings: readonly Reading[],
  whole: readonly Row[],
  reference: readonly Row[],
  current: readonly Row[],
): void {
  const one = (subject: string, metric: string): Reading => {
    const [reading, ...more] = readings.filter((each) => each.subject === subject && each.metric === metric);
    expect(more).toEqual([]);
    expect(reading, `${metric} of ${subject}`).toBeDefined();
    return reading!;
  };
  for (const name of NUMERIC) {
    const all = numbersOf(whole, name);
    const asCategories = new Set(all).size <= 5 && all.length > 0 && !(name in SPEC.types);
    if (asCategories) continue;
    const [r, c] = [numbersOf(reference, name), numbersOf(current, name)];
    const isMeasured = r.length > 0 && c.length > 0;
    const edges = all.length === 0 ? [] : decilesOf(all);
    const model = isMeasured ? numericModel(edges, r, c) : null;
    const spread = Math.max(...r, ...c) - Math.min(...r, ...c);
    for (const metric of ["psi", "js", "tvd", "ks"] as const) expectNear(one(name, metric), model?.[metric] ?? null);
    const distance = one(name, "wasserstein");
    expectNear(distance, model?.wasserstein ?? null, spread);
    if (model !== null) {
      const normed = Number(distance.details.normed);
      if (!isNear(normed, model.normed, 1e-9, 1e-9))
        throw new Error(`normed of ${name}: ${normed}, not ${model.normed}: ${JSON.stringify(distance)}`);
      expect(one(name, "ks").exact && distance.exact).toBe(true);
    }
    checkMissing(one, name, reference, current);
  }
  for (const name of ["text", "flag"]) {
    const [r, c] = [textsOf(reference, name), textsOf(current, name)];
    const all = textsOf(whole, name);
    const isCapped = new Set(all).size > 100;
    const model = r.length > 0 && c.length > 0 ? categoryModel(all, r, c) : null;
    if (!isCapped)
      for (const metric of ["psi", "js", "tvd", "chi2"] as const)
        expectNear(one(name, metric), model?.[metric] ?? null);
    checkMissing(one, name, reference, current);
    if (r.length > 0) expectNear(one(name, "new_category_share"), model?.newShare ?? null);
  }
}

function checkMissing(
  one: (subject: string, metric: string) => Reading,
  name: string,
  reference: readonly Row[],
  current: readonly Row[],
): void {
  const share = (rows: readonly Row[], of: (value: Value) => boolean): number =>
    rows.filter((row) => of(row[name]!)).length / rows.length;
  const difference = (of: (value: Value) => boolean): number | null =>
    reference.length === 0 || current.length === 0 ? null : share(current, of) - share(reference, of);
  expectNear(
    one(name, "missing_share"),
    difference((value) => value === null),
  );
  const isInvalid = (value: Value): boolean => typeof value === "number" && !Number.isFinite(value);
  if ([...reference, ...current].some((row) => isInvalid(row[name]!)))
    expectNear(one(name, "invalid_share"), difference(isInvalid));
}

test("a drift cell finds what a model finds row by row, in all rows and in slices", async () => {
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      await keep(started.engine, "rows", TYPES, rows);
      const { readings } = await measure(started.engine, "drift", { ...SPEC, by: "country" });
      const [reference, current] = [rows.filter(isReference), rows.filter((row) => !isReference(row))];
      checkGroup(
        readings.filter(({ slice }) => slice === null),
        reference,
        reference,
        current,
      );
      const countries = [...new Set(current.map((row) => row.country))];
      const slices = new Set(readings.map(({ slice }) => slice).filter((slice) => slice !== null));
      expect([...slices].sort()).toEqual(countries.map((country) => `country = ${country ?? "(missing)"}`).sort());
      for (const country of countries) {
        const of = (side: readonly Row[]): Row[] => side.filter((row) => row.country === country);
        const slice = `country = ${country ?? "(missing)"}`;
        checkGroup(
          readings.filter((one) => one.slice === slice),
          reference,
          of(reference),
          of(current),
        );
      }
    }),
    { numRuns: 30, interruptAfterTimeLimit: 40_000 },
  );
});

test("each chunk of time is held against the whole reference, chunks of the reference too", async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom(1, 7), async (rows, count) => {
      await keep(started.engine, "rows", TYPES, rows);
      const { readings } = await measure(started.engine, "drift", { ...SPEC, every: `${count} days` });
      const reference = rows.filter(isReference);
      const chunks = Map.groupBy(
        readings.filter(({ window }) => isChunk(window!)),
        ({ window }) => window!.join("/"),
      );
      let rowsInChunks = 0;
      for (const [key, own] of chunks) {
        const [start, end] = key.split("/").map((iso) => Date.parse(iso)) as [number, number];
        expect(end - start).toBeLessThanOrEqual(count * 86_400_000);
        const within = rows.filter((row) => {
          const at = Date.parse(`${String(row.decided_at).replace(" ", "T")}Z`);
          return at >= start && at < end;
        });
        rowsInChunks += within.length;
        checkGroup(own, reference, reference, within);
        if (isReference(within[0]!)) expect(own.every(({ verdict }) => verdict === "ok")).toBe(true);
      }
      expect(rowsInChunks).toBe(rows.length);
    }),
    { numRuns: 20, interruptAfterTimeLimit: 40_000 },
  );
});

test("numbers of at most five reference values are categories, and NaN is none of them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.constantFrom(0, -0, 1, 2.5, NaN, Infinity, null)), {
        minLength: 1,
        maxLength: 120,
      }),
      async (pairs) => {
        const rows = pairs.map(([isCurrent, x]) => ({ decided_at: isCurrent ? "2026-02-03" : "2026-01-03", x }));
        await keep(started.engine, "rows", { decided_at: "DATE", x: "DOUBLE" }, rows);
        const { readings } = await measure(started.engine, "drift", {
          from: "rows",
          window: CURRENT,
          reference: REFERENCE,
          columns: "x",
          metrics: ["psi", "tvd"],
          min_rows: 1,
        });
        const [reference, current] = [rows.filter(isReference), rows.filter((row) => !isReference(row))];
        const values = (side: readonly Row[]): string[] => numbersOf(side, "x").map((value) => String(value + 0));
        const [r, c] = [values(reference), values(current)];
        const model = r.length > 0 && c.length > 0 ? categoryModel(r, r, c) : null;
        const one = (subject: string, metric: string): Reading => found(readings, { subject, metric });
        for (const metric of ["psi", "tvd"] as const) expectNear(one("x", metric), model?.[metric] ?? null);
        checkMissing(one, "x", reference, current);
        if (r.length > 0) expectNear(one("x", "new_category_share"), model?.newShare ?? null);
      },
    ),
    { numRuns: 25, interruptAfterTimeLimit: 40_000 },
  );
});
