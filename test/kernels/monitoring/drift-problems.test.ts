import { afterAll, beforeAll, expect, test } from "vitest";
import { driftView } from "../../../cells/kinds/drift/drift-view.ts";
import type { DriftDisplay } from "../../../cells/results/monitor-display.ts";
import { toHtml } from "../../../cells/views/markup.ts";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { CURRENT, found, keep, measure, REFERENCE, type Value } from "./measuring.ts";

let started: TestEngine;
const TYPES = { decided_at: "TIMESTAMP", amount: "DOUBLE", country: "VARCHAR", seen: "DATE", gone: "DOUBLE" };
beforeAll(async () => {
  started = await startEngine();
  const rows = Array.from({ length: 240 }, (_, at) => ({
    decided_at: at % 2 === 0 ? "2026-01-05 00:00:00" : "2026-02-05 00:00:00",
    amount: at,
    country: ["DE", "FR", "US"][at % 3]!,
    seen: "2026-01-01",
    gone: null as Value,
  }));
  await keep(started.engine, "rows", TYPES, rows);
  const { gone: _, ...fewer } = TYPES;
  await keep(started.engine, "before", fewer, rows);
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

const NEAREST = 'columns: rows has no column "amuont". Did you mean amount?';
/** The spec, and the readings that are errors: subject, metric and sentence. */
const PROBLEMS: readonly (readonly [spec: object, errors: readonly (readonly [string, string, string])[]])[] = [
  [{ columns: ["amount", "amuont"] }, [["amuont", "wasserstein", NEAREST]]],
  [{ columns: ["amount", "amuont"], warn: { "amuont.psi": 0.1 } }, [["amuont", "wasserstein", NEAREST]]],
  [
    { columns: ["amount"], warn: { "amuont.psi": 0.1 }, fail: { "amuont.psi": 0.2 } },
    [["amuont", "psi", 'warn: amuont.psi: there is no compared column "amuont". Did you mean amount?']],
  ],
  [
    { columns: ["amount"], types: { amuont: "numeric" } },
    [["amuont", "wasserstein", 'types: there is no compared column "amuont". Did you mean amount?']],
  ],
  [
    { columns: ["amount", "country"], types: { country: "numeric" } },
    [["country", "wasserstein", "types: country is VARCHAR and cannot be compared as numbers."]],
  ],
  [
    { columns: ["amount", "seen"] },
    [["seen", "wasserstein", "columns: seen is DATE; drift compares numbers, texts and booleans."]],
  ],
  [
    { columns: ["amount", "country"], metrics: { categorical: ["psi", "ks"] } },
    [["country", "ks", "ks is for numeric columns, and country is compared as categories."]],
  ],
  [
    { columns: ["country"], metrics: ["ks", "psi"] },
    [["country", "ks", "ks is for numeric columns, and country is compared as categories."]],
  ],
  [
    { columns: ["amount", "country"], metrics: ["ks", "psi"], warn: { "country.ks": 0.1 } },
    [["country", "ks", "ks is for numeric columns, and country is compared as categories."]],
  ],
  [
    { columns: ["amount", "country"], warn: { "amount.js": 0.1, "amount.new_category_share": 0.1 } },
    [
      ["amount", "js", "js of amount has a bound and is not measured; add js to metrics."],
      [
        "amount",
        "new_category_share",
        "new_category_share is for categorical columns, and amount is compared as numbers.",
      ],
    ],
  ],
  [
    { columns: ["amount", "gone"], reference: { from: "before", window: REFERENCE } },
    [["gone", "wasserstein", 'reference: before has no column "gone". It has decided_at, amount, country, seen.']],
  ],
  [{ columns: ["amuont"] }, [["amuont", "wasserstein", NEAREST]]],
];

test.each(PROBLEMS)("%j: a sentence of its own, and the others are computed", async (more, errors) => {
  const { readings, display } = await measure(started.engine, "drift", {
    from: "rows",
    window: CURRENT,
    reference: REFERENCE,
    ...more,
  });
  const broken = readings.filter(({ verdict }) => verdict === "error");
  expect(broken.map(({ subject, metric, reason }) => [subject, metric, reason])).toEqual(errors);
  for (const reading of broken) expect(reading).toMatchObject({ value: null, slice: null, pValue: null });
  expect(new Set(readings.map(({ id }) => id)).size).toBe(readings.length);
  expect(display).toMatchObject({ type: "drift", verdict: "error" });
  const { columns } = more as { columns: readonly string[] };
  const page = toHtml(driftView(display as DriftDisplay, { zone: "UTC" }), () => "");
  for (const [, , sentence] of errors) expect(page).toContain(sentence.replaceAll('"', "&quot;"));
  for (const subject of columns.filter((name) => !errors.some(([wrong]) => wrong === name)))
    expect(found(readings, { metric: "psi", subject }).value).not.toBeNull();
});

test("a slice or a chunk of time repeats no error", async () => {
  const { readings } = await measure(started.engine, "drift", {
    from: "rows",
    window: CURRENT,
    reference: REFERENCE,
    columns: ["amount", "country", "nothing"],
    metrics: { numeric: ["psi"], categorical: ["ks", "psi"] },
    by: "country",
    every: "1 week",
  });
  const broken = readings.filter(({ verdict }) => verdict === "error");
  expect(broken.map(({ subject, slice }) => [subject, slice])).toEqual([
    ["country", null],
    ["nothing", null],
  ]);
  expect(readings.some(({ slice, verdict }) => slice !== null && verdict !== "error")).toBe(true);
});
