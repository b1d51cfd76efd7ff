import { tableFromIPC } from "@uwdata/flechette";
import { afterEach, expect, test } from "vitest";
import { parseDocument } from "../../../cells/document/parse-document.ts";
import { type RunOptions, runNotebook } from "../../../kernels/session/run-notebook.ts";
import { AS_OF, closeAll, quietPorts } from "./quiet-ports.ts";

afterEach(closeAll);

const TEXT = `---
driftbook: 1
window: last 7 days
---

Plain prose.

\`\`\`yaml input name=threshold
type: slider
default: 2
min: 0
max: 10
\`\`\`

\`\`\`sql name=numbers
SELECT i::INT AS i FROM range(5) t(i) WHERE i >= \${threshold}
\`\`\`

\`\`\`ts name=count
console.log("counting");
numbers.length
\`\`\`

\`\`\`ts name=broken
const x = ;
\`\`\`

\`\`\`ts name=after
broken + 1
\`\`\`
`;

const run = (options: Partial<RunOptions> = {}) =>
  runNotebook({
    path: "n.nb.md",
    document: parseDocument(TEXT).document,
    ports: quietPorts({}).ports,
    log: { write: () => undefined },
    rowsOf: (arrow) => tableFromIPC(arrow).toArray(),
    ...options,
  });

test("a headless run gives every cell's outcome as the command line prints it", async () => {
  const { outcome } = await run();
  expect(outcome).toMatchObject({
    notebook: "n.nb.md",
    asOf: AS_OF,
    window: ["2026-02-22T12:00:00.000Z", "2026-03-01T12:00:00.000Z"],
    verdict: "error",
  });
  const cells = Object.fromEntries(outcome.cells.map((cell) => [cell.id, cell]));
  expect(Object.keys(cells)).toEqual(["threshold", "numbers", "count", "broken", "after"]);
  expect(cells.threshold).toMatchObject({ kind: "input", status: "ok", value: 2 });
  expect(cells.numbers!.table).toEqual({
    columns: [{ name: "i", type: "INTEGER" }],
    rows: [{ i: 2 }, { i: 3 }, { i: 4 }],
    rowCount: 3,
  });
  expect(cells.count).toMatchObject({ status: "ok", value: 3, logs: [{ stream: "out", text: "counting\n" }] });
  expect(cells.broken).toMatchObject({ status: "error", error: { line: 1 } });
  expect(cells.after).toMatchObject({
    status: "skipped",
    error: { message: 'Not run, because "broken" has a problem.' },
  });
});

test("arguments set inputs, window and as-of, and one cell runs with what it reads alone", async () => {
  const { outcome } = await run({ set: { threshold: "4" }, window: "2026-01", asOf: "2026-02-01", cell: "count" });
  expect(outcome.asOf).toBe("2026-02-01T00:00:00.000Z");
  expect(outcome.window).toEqual(["2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"]);
  expect(outcome.cells.map(({ id, status }) => `${id} ${status}`)).toEqual(["threshold ok", "numbers ok", "count ok"]);
  expect([outcome.cells[2]!.value, outcome.verdict]).toEqual([1, "ok"]);
});

test.each([
  [{ set: { threshold: "eleven" } }, 'Cannot set "threshold": expected a number from 0 to 10, got "eleven".'],
  [{ set: { treshold: 1 } }, 'There is no input "treshold"; this notebook has threshold.'],
  [{ window: "next week" }, '"next week" is no window'],
  [{ asOf: "yesterdayish" }, '"yesterdayish" is no time'],
  [{ cell: "nothing" }, 'There is no cell "nothing" in n.nb.md.'],
] as [Partial<RunOptions>, string][])(
  "arguments that do not fit are refused before anything runs: %j",
  async (options, message) => {
    const ran: string[] = [];
    const observe: RunOptions["observe"] = (operation) => operation.type === "run-started" && ran.push(operation.cell);
    await expect(run({ ...options, observe })).rejects.toThrow(message);
    expect(ran).toEqual([]);
  },
);

test("the same notebook gives the same result twice", async () => {
  const [first, second] = [await run({ cell: "count" }), await run({ cell: "count" })];
  const plain = ({ outcome }: typeof first) => outcome.cells.map(({ durationMillis: _, ...cell }) => cell);
  expect(plain(first)).toEqual(plain(second));
});

test("a run that is ended before its first cell begins runs none of them", async () => {
  const over = AbortSignal.abort(new Error("cancelled"));
  await expect(run({ signal: over })).rejects.toThrow("cancelled");

  const soon = new AbortController();
  const started: string[] = [];
  const ran = run({
    signal: soon.signal,
    observe: (operation) => {
      if (operation.type === "mode-set") soon.abort(new Error("cancelled"));
      if (operation.type === "run-started") started.push(operation.cell);
    },
  });
  await expect(ran).rejects.toThrow("cancelled");
  expect(started).toEqual([]);
});
