import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { found, keep, measure } from "./measuring.ts";

let started: TestEngine;
const TYPES = { decided_at: "TIMESTAMP", x: "DOUBLE", other: "INTEGER", country: "VARCHAR", label: "BOOLEAN" };
beforeAll(async () => {
  started = await startEngine();
  const rows = Array.from({ length: 240 }, (_, at) => ({
    decided_at: at % 17 === 0 ? null : `2026-0${1 + (at % 2)}-${String(1 + (at % 28)).padStart(2, "0")} 10:00:00`,
    x: (at * 37) % 101,
    other: at % 7,
    country: ["DE", "FR", "US", null][at % 4]!,
    label: at % 3 === 0,
  }));
  await keep(started.engine, "rows", TYPES, rows);
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

/** Windows that overlap, touch, hold one another, or are as long as a chunk. */
const WINDOWS = [
  "2026-01",
  "2026-02",
  "2026-01-05/2026-02-10",
  "2026-02-01/2026-02-08",
  "2026-01/2026-03",
  "2026-01-21",
];
const every = fc.constantFrom("1 day", "3 days", "1 week", "1 month", "2 months");
const names = fc.array(fc.constantFrom("x", "other", "country", "label", "nothing", "decided_at"), {
  minLength: 1,
  maxLength: 5,
});
const metric = fc.constantFrom("psi", "ks", "wasserstein", "js", "two_proportions", "chi2");

const driftSpec = fc.record(
  {
    from: fc.constant("rows"),
    window: fc.constantFrom(...WINDOWS),
    reference: fc.constantFrom(...WINDOWS, "7 days before", "rows"),
    columns: names,
    metrics: fc.oneof(
      fc.array(metric, { minLength: 1, maxLength: 4 }),
      fc.record({ numeric: fc.array(metric), categorical: fc.array(metric) }),
    ),
    by: fc.constantFrom("country", "other", ["country", "country"], ["label", "country"]),
    every,
    min_rows: fc.constantFrom(1, 100),
    warn: fc.dictionary(fc.constantFrom("x.psi", "nothing.ks", "label.ks", "missing_share"), fc.constant(0.1)),
    types: fc.constantFrom({}, { x: "numeric" }, { country: "numeric", y: "categorical" }),
  },
  { requiredKeys: ["from", "window", "reference"] },
);
const share = fc.constantFrom(0, 0.5);
const expectations = fc.record(
  {
    rows: fc.constantFrom({ min: 1 }, { like: "previous", within: "10%" }),
    missing: fc.dictionary(fc.constantFrom("x", "country", "nothing"), share, { minKeys: 1 }),
    unique: fc.array(fc.constantFrom("x", "nothing", ["x", "country"], "x, country"), { minLength: 1, maxLength: 4 }),
    constant: fc.array(fc.constantFrom("x", "country", "nothing"), { minLength: 1, maxLength: 4 }),
    compare: fc.array(fc.constantFrom("x >= 0", "x >= nothing"), { minLength: 1, maxLength: 3 }),
    distance: fc.constant({ x: { window: "2026-01", max: 0.1 }, nothing: { window: "2026-01", max: 0.1 } }),
    no_rows: fc.constant({ a: "SELECT 1 WHERE false", b: "SELECT (" }),
  },
  { requiredKeys: ["rows"] },
);
const checkSpec = fc.record(
  {
    from: fc.constant("rows"),
    window: fc.constantFrom(...WINDOWS),
    by: fc.constantFrom("country", "other", ["country", "country"]),
    every: fc.constantFrom("1 week", "1 month", "2 months"),
    fail: expectations,
    warn: expectations,
  },
  { requiredKeys: ["from", "window", "fail"] },
);

test("each reading of a drift or check cell has an id of its own", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        driftSpec.map((spec) => ({ kind: "drift" as const, spec })),
        checkSpec.map((spec) => ({ kind: "check" as const, spec })),
      ),
      async ({ kind, spec }) => {
        const isItself = kind === "drift" && spec.reference === spec.window;
        if (isItself) return;
        const { readings } = await measure(started.engine, kind, spec);
        const ids = readings.map(({ id }) => id);
        const twice = readings.filter(({ id }, at) => ids.indexOf(id) !== at);
        expect(twice).toEqual([]);
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);

test("a kpi's piece of time as long as the window is a reading of its own", async () => {
  const { readings } = await measure(started.engine, "kpi", {
    from: "rows",
    window: "2026-01",
    columns: { truth: "label", score: "x" },
    threshold: 50,
    metrics: ["recall", "roc_auc"],
    every: "1 month",
  });
  expect(readings).toHaveLength(4);
  expect(new Set(readings.map(({ id }) => id)).size).toBe(4);
});

test("a bound in standard deviations needs two chunks of the reference", async () => {
  const spec = { from: "rows", window: "2026-02", every: "1 week", columns: ["x"], metrics: ["psi"], min_rows: 1 };
  const few = await measure(started.engine, "drift", {
    ...spec,
    reference: "2026-01-21",
    warn: { psi: "3 sigma" },
    fail: { psi: "4 sigma" },
  });
  const own = few.readings.filter(
    ({ metric, reason }) => metric === "psi" && !reason?.startsWith("A chunk of the reference"),
  );
  expect(own.length).toBeGreaterThan(3);
  for (const reading of own)
    expect(reading).toMatchObject({
      verdict: "no-data",
      bounds: { warn: null, fail: null },
      reason: "Not judged by 3 sigma: that needs 2 chunks of the reference with a value, and there is 1.",
    });
  const beside = await measure(started.engine, "drift", {
    ...spec,
    reference: "2026-01-21",
    warn: { psi: "3 sigma" },
    fail: { psi: 1e9 },
  });
  expect(found(beside.readings, { metric: "psi", subject: "x" })).toMatchObject({
    verdict: "ok",
    bounds: { warn: null, fail: { value: 1e9 } },
    reason: "Not judged by 3 sigma: that needs 2 chunks of the reference with a value, and there is 1.",
  });
  const enough = await measure(started.engine, "drift", { ...spec, reference: "2026-01", warn: { psi: "3 sigma" } });
  expect(found(enough.readings, { metric: "psi", subject: "x" }).bounds.warn).toMatchObject({ type: "outside" });
});
