import { tableFromIPC } from "@uwdata/flechette";
import { afterEach, expect, test } from "vitest";
import { parseDocument } from "../../../cells/document/parse-document.ts";
import type { MeasurementDraft } from "../../../cells/results/measurement.ts";
import type { Reading } from "../../../cells/results/reading.ts";
import { type RunOptions, runNotebook } from "../../../kernels/session/run-notebook.ts";
import { closeAll, quietPorts } from "./quiet-ports.ts";

afterEach(closeAll);

/** Ten rows on the first of March, eleven on the second, and so on. */
const TEXT = `---
driftbook: 1
window: last 7 days
---

\`\`\`yaml input name=lately
type: window
default: yesterday
\`\`\`

\`\`\`sql name=rows
SELECT TIMESTAMPTZ '2026-03-01 00:00:00Z' + INTERVAL (d) DAY + INTERVAL (i) MINUTE AS at, i AS value
FROM range(9) days(d), range(100) rows(i) WHERE i < 10 + d
\`\`\`

\`\`\`sql name=times
SELECT \${lately.start}::TIMESTAMPTZ AS since, \${window.end}::TIMESTAMPTZ AS until, \${asOf}::TIMESTAMPTZ AS as_of
\`\`\`

\`\`\`yaml check name=load
from: rows
window: yesterday
fail: {rows: {min: 1}}
\`\`\`

\`\`\`yaml drift name=moved
from: rows
window: yesterday
reference: previous 3 days
columns: [value]
metrics: [psi]
min_rows: 1
\`\`\`

\`\`\`ts name=own
reading({ metric: "answer", value: 42 })
\`\`\`
`;
const AS_OF = "2026-03-06T09:30:00.000Z";
const DUE = "2026-03-03T06:00:00.000Z";

async function run(options: Partial<RunOptions> = {}) {
  const kept: { draft: MeasurementDraft; readings: readonly Reading[] }[] = [];
  const { ports } = quietPorts({
    readings: { keep: async (draft, readings) => void kept.push({ draft, readings }), before: async () => null },
  });
  const { outcome } = await runNotebook({
    path: "n.nb.md",
    document: parseDocument(TEXT).document,
    ports,
    log: { write: () => undefined },
    rowsOf: (arrow) => tableFromIPC(arrow, { useDate: true }).toArray(),
    asOf: AS_OF,
    ...options,
  });
  const cells = Object.fromEntries(outcome.cells.map((cell) => [cell.name, cell]));
  return { outcome, cells, kept };
}

const DAY = ["2026-03-02T00:00:00.000Z", "2026-03-03T00:00:00.000Z"];

test("all that is relative means what it did at the due time, and the as-of stays the as-of", async () => {
  const { outcome, cells } = await run({ dueAt: DUE });
  expect(outcome.window).toEqual(["2026-02-24T06:00:00.000Z", DUE]);
  expect(cells.times!.table!.rows).toEqual([
    { since: new Date(DAY[0]!), until: new Date(DUE), as_of: new Date(AS_OF) },
  ]);
  expect(cells.load!.readings).toMatchObject([{ metric: "rows", window: DAY, value: 11, asOf: AS_OF }]);
  const [psi] = cells.moved!.readings;
  expect(psi).toMatchObject({ metric: "psi", window: DAY, n: 11, nReference: 21, asOf: AS_OF });
});

test("without a due time the as-of stands for it", async () => {
  const { outcome, cells, kept } = await run();
  expect(outcome.window).toEqual(["2026-02-27T09:30:00.000Z", AS_OF]);
  expect(cells.load!.readings).toMatchObject([{ window: ["2026-03-05T00:00:00.000Z", "2026-03-06T00:00:00.000Z"] }]);
  expect(kept.map(({ draft }) => "dueAt" in draft)).toEqual([false, false, false]);
  const same = await run({ dueAt: AS_OF });
  expect(same.kept).toEqual(kept);
});

test("a window that is given for a run is resolved like the notebook's own", async () => {
  const { outcome } = await run({ dueAt: DUE, window: "previous month" });
  expect(outcome.window).toEqual(["2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"]);
});

test("readings are kept with the due time, and are other questions than those of the as-of", async () => {
  const late = await run({ dueAt: DUE });
  expect(late.kept.map(({ draft }) => [draft.cell, draft.dueAt, draft.measured])).toEqual([
    ["load", DUE, DAY],
    ["moved", DUE, DAY],
    ["own", DUE, null],
  ]);
  // The same window of its own, and another reference: one id for both would hide one of the two.
  const document = parseDocument(TEXT.replaceAll("window: yesterday", "window: 2026-03-02")).document;
  const psi = async (dueAt: string) => (await run({ dueAt, document })).cells.moved!.readings[0]!;
  const [one, other] = [await psi(DUE), await psi("2026-03-04T06:00:00.000Z")];
  expect([one.window, one.nReference, other.window, other.nReference]).toEqual([DAY, 21, DAY, 33]);
  expect(one.id).not.toBe(other.id);
  expect((await psi(DUE)).id).toBe(one.id);
});
