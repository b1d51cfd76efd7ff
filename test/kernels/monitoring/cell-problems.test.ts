import { afterEach, expect, test } from "vitest";
import { cellStatus } from "../../../cells/session/cell-status.ts";
import { closeAll, openTest } from "../session/quiet-ports.ts";

afterEach(closeAll);

const notebook = (kind: string, lines: readonly string[]): string => `---
driftbook: 1
window: 2026-02
---

\`\`\`sql name=loans
SELECT i AS x, TIMESTAMP '2026-01-01' + INTERVAL (i) HOURS AS decided_at FROM range(1400) t(i)
\`\`\`

\`\`\`yaml ${kind} name=watched
${lines.join("\n")}
\`\`\`

\`\`\`sql name=read
SELECT metric, verdict FROM watched
\`\`\`
`;

const problemOf = async (kind: string, lines: readonly string[]) => {
  const { session, run } = await openTest(notebook(kind, lines));
  await run("all");
  const status = cellStatus(session.state, "watched");
  if (status.state === "failed") return status.problem;
  return status.state === "blocked" ? status.because : null;
};
const DRIFT = ["from: loans", "reference: 28 days before"];

test.each([
  ["drift", [...DRIFT, "metircs: [psi]"], { line: 3, message: "metircs: unknown key; did you mean metrics?" }],
  [
    "drift",
    [...DRIFT, "warn:", "  psi: 0.1", "  pis: 0.2"],
    { line: 5, message: 'warn.pis: there is no metric "pis"' },
  ],
  ["kpi", ["from: loans", "metrics: [recal]"], { line: 2, message: 'got "recal"; did you mean recall?' }],
  ["check", ["from: loans", "fail:", "  mising: {x: 0}"], { line: 3, message: "did you mean missing?" }],
  ["drift", [...DRIFT, "where: x > ("], { message: "where: " }],
  ["drift", ["from: loans", "reference: 2026-02"], { message: "reference: it is the measured window itself" }],
  ["kpi", ["from: loans", "columns: {truth: y}"], { message: 'columns.truth: loans has no column "y"' }],
] as const)("%s %j", async (kind, lines, { message, ...more }) => {
  const problem = await problemOf(kind, lines);
  expect(problem).toMatchObject(more);
  expect(problem!.message).toContain(message);
});

test("a cell's readings are a relation that other cells read, with no row where nothing was measured", async () => {
  const { session, run } = await openTest(notebook("drift", [...DRIFT, "metrics: [ks]"]));
  await run("all");
  expect(session.state.runs.watched).toMatchObject({ error: null });
  expect(session.state.runs.read?.result?.table?.rowCount).toBe(session.state.runs.watched!.result!.readings.length);
  expect(session.state.runs.watched!.result!.readings.map(({ metric, verdict }) => [metric, verdict])).toEqual([
    ["ks", "fail"],
    ["missing_share", "ok"],
  ]);
});

test("a column that is not there, headless: an error among the readings, the others measured", async () => {
  const { session, run } = await openTest(notebook("drift", [...DRIFT, "columns: [x, y]", "metrics: [ks]"]));
  await run("all");
  const { error, result } = session.state.runs.watched!;
  expect(error).toBeNull();
  expect(result!.readings.map(({ subject, metric, verdict }) => [subject, metric, verdict])).toEqual([
    ["x", "ks", "fail"],
    ["x", "missing_share", "ok"],
    ["y", "ks", "error"],
  ]);
  expect(result!.readings.at(-1)!.reason).toBe('columns: loans has no column "y". It has x, decided_at.');
  expect(session.state.runs.read?.result?.table?.rowCount).toBe(3);
});

test("a check that cannot be measured, headless: an error among the readings, the others measured", async () => {
  const lines = ["from: loans", "fail:", "  missing: {x: 0, y: 0}", "  no_rows:", "    wrong: SELECT FROM"];
  const { session, run } = await openTest(notebook("check", lines));
  await run("all");
  const { error, result } = session.state.runs.watched!;
  expect(error).toBeNull();
  expect(result!.readings.map(({ metric, subject, verdict }) => [metric, subject, verdict])).toEqual([
    ["missing", "x", "ok"],
    ["missing", "y", "error"],
    ["no_rows", "wrong", "error"],
  ]);
  for (const { verdict, reason } of result!.readings) expect(reason === null).toBe(verdict === "ok");
});
