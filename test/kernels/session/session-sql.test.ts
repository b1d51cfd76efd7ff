import { tableFromIPC } from "@uwdata/flechette";
import { afterEach, expect, test, vi } from "vitest";
import { closeAll, openTest } from "./quiet-ports.ts";

afterEach(closeAll);

const NUMBERS = `---
driftbook: 1
window: 2026-02
---

\`\`\`yaml input name=threshold
type: number
default: 3
\`\`\`

\`\`\`sql name=numbers
SELECT i, i * 1.5 AS half FROM range(10) t(i) WHERE i >= \${threshold}
\`\`\`

\`\`\`sql name=total
SELECT sum(i)::INT AS total, count(*) AS n, \${window.start}::TIMESTAMPTZ AS since FROM numbers
\`\`\`
`;

async function rows(of: Awaited<ReturnType<typeof openTest>>, cell: string, sort: string | null = null) {
  const run = of.session.state.runs[cell]!.run;
  const view = { cell, run, sort: sort === null ? [] : [{ column: sort, descending: true }], filters: [] };
  const { arrow, rowCount } = await of.session.rows(view, 0, 100);
  return { rowCount, rows: tableFromIPC(arrow, { useBigInt: false }).toArray() as Record<string, unknown>[] };
}

test("SQL cells read each other, inputs and the window without a kernel", async () => {
  const notebook = await openTest(NUMBERS);
  const { session, run, status, kernels, engines } = notebook;
  await run(["total"]);
  expect([status("numbers"), status("total")]).toEqual(["fresh", "fresh"]);
  expect(session.state.runs.numbers!.result!.table).toEqual({
    columns: [
      { name: "i", type: "BIGINT" },
      { name: "half", type: expect.any(String) },
    ],
    rowCount: 7,
  });
  expect((await rows(notebook, "total")).rows[0]).toMatchObject({ total: 42, n: 7 });
  expect((await rows(notebook, "numbers", "i")).rows.map((row) => row.i)).toEqual([9, 8, 7, 6, 5, 4, 3]);

  await session.perform({ type: "move-input", request: 1, cell: "threshold", value: 8 }, "test");
  await session.idle();
  expect((await rows(notebook, "total")).rows[0]).toMatchObject({ total: 17, n: 2 });
  expect([kernels.length, engines.length]).toEqual([0, 1]);
  expect((await session.summarise("numbers", session.state.runs.numbers!.run)).map(({ name }) => name)).toEqual([
    "i",
    "half",
  ]);
});

test("TypeScript reads SQL results as tables, and SQL reads arrays of TypeScript", async () => {
  const { run, status, text, session } = await openTest(
    [
      "```sql name=numbers\nSELECT i FROM range(5) t(i)\n```",
      "```ts name=doubled\nnumbers.map((row) => ({ value: Number(row.i) * 2 }))\n```",
      "```sql name=total\nSELECT sum(value)::INT AS total FROM doubled\n```",
      "```ts name=asked\nconst found = await sql`SELECT total + ${1} AS more FROM total`;\nNumber(found[0].more)\n```",
    ].join("\n\n"),
  );
  await run("all");
  expect(["numbers", "doubled", "total", "asked"].map(status)).toEqual(["fresh", "fresh", "fresh", "fresh"]);
  expect(text("asked")).toBe("21");
  expect(session.state.analyses.asked!.reads).toContain("total");
  expect(await session.valueOf("doubled")).toEqual([0, 2, 4, 6, 8].map((value) => ({ value })));
});

test("a result that is too large for TypeScript says what to do, and sql reads a part of it", async () => {
  const { run, status, text } = await openTest(
    [
      "```sql name=large\nSELECT i FROM range(1000001) t(i)\n```",
      "```ts name=whole\nlarge.length\n```",
      "```ts name=part\nconst rows = await sql`SELECT count(*)::INT AS n FROM LARGE`;\nrows[0].n\n```",
    ].join("\n\n"),
  );
  await run("all");
  expect(status("whole")).toBe('failed: "large" has 1,000,001 rows; TypeScript cells get at most 1,000,000.');
  expect([status("part"), text("part")]).toEqual(["fresh", "1000001"]);
});

test("what is wrong with a statement stands at its line in the cell, before it runs", async () => {
  const { session, run, status } = await openTest(
    "```yaml input name=x\ntype: number\n```\n\n```sql name=bad\nSELECT 1,\n${x} FROM WHERE\n```\n\n```sql name=unknown\nSELECT 1\nFROM nowhere\n```\n",
  );
  await session.analysed();
  expect(session.state.analyses.bad!.problem).toMatchObject({ line: 2 });
  expect(status("bad")).toBe("blocked");
  await run(["unknown"]);
  expect(status("unknown")).toContain("nowhere");
  expect(session.state.runs.unknown!.error).toMatchObject({ line: 2 });
});

test("a value is bound and never becomes text of the statement", async () => {
  const notebook = await openTest(
    "```yaml input name=word\ntype: text\ndefault: \"'; DROP TABLE x; --\"\n```\n\n```sql name=said\nSELECT ${word} AS said, ${word} = 'x' AS same\n```\n",
  );
  await notebook.run("all");
  expect((await rows(notebook, "said")).rows).toEqual([{ said: "'; DROP TABLE x; --", same: false }]);
});

test("results survive the session and say so, with their first rows", async () => {
  const pieces = new Map<string, Uint8Array>();
  const first = await openTest(NUMBERS, { pieces });
  await first.session.perform({ type: "move-input", request: 1, cell: "threshold", value: 5 }, "test");
  await first.run("all");
  await closeAll();

  const second = await openTest(NUMBERS, { pieces });
  await second.session.analysed();
  const { state } = second.session;
  expect([state.asOf, state.begun, state.inputs]).toEqual(["2026-03-01T12:00:00.000Z", false, { threshold: 5 }]);
  expect([second.status("numbers"), second.status("total")]).toEqual(["fresh", "fresh"]);
  expect((await rows(second, "numbers", "i")).rows.map((row) => row.i)).toEqual([9, 8, 7, 6, 5]);
  // What a fresh but restored result needs comes back when something reads it.
  await second.run(["total"]);
  expect(second.operations.filter((operation) => operation.type === "run-started").map(({ cell }) => cell)).toEqual([
    "numbers",
    "total",
  ]);
  expect([...pieces.keys()].filter((name) => name.startsWith("run-"))).toHaveLength(2);
});

test("an engine that dies takes its results with it, the session stays, and running makes them again", async () => {
  const notebook = await openTest(NUMBERS);
  await notebook.run(["total"]);
  await notebook.engines[0]!.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(notebook.session.state.runs.numbers!.valuesLost).toBe(true);
  expect(notebook.status("total")).toBe("fresh");
  await notebook.run(["total"]);
  expect((await rows(notebook, "total")).rows[0]).toMatchObject({ total: 42 });
  expect(notebook.engines).toHaveLength(2);
});

test("a running query ends when it is interrupted", async () => {
  const { session, status } = await openTest(
    "```sql name=long\nSELECT count(*) FROM range(100000000) a, range(100000) b\n```\n",
  );
  await session.perform({ type: "run", request: 1, cells: "all" }, "test");
  await vi.waitFor(() => expect(status("long")).toBe("running"), { timeout: 20_000 });
  await session.perform({ type: "interrupt", request: 2 }, "test");
  await session.idle();
  expect(session.state.runs.long!.status).toBe("interrupted");
});

test("a moved as-of reaches the engine's views, and what reads them runs again", async () => {
  const at = (asOf: string) => ({
    asOf,
    statements: ["CREATE SCHEMA IF NOT EXISTS s", `CREATE OR REPLACE VIEW s.decisions AS SELECT '${asOf}' AS seen`],
    folders: [],
    streams: [],
    marks: [],
    surroundings: "",
  });
  const notebook = await openTest(
    "```sql name=seen\nSELECT seen FROM s.decisions\n```\n\n```sql name=one\nSELECT 1\n```\n",
    {
      relations: async (asOf) => at(asOf ?? "2026-03-01T00:00:00.000Z"),
    },
  );
  await notebook.run("all");
  expect((await rows(notebook, "seen")).rows).toEqual([{ seen: "2026-03-01T00:00:00.000Z" }]);
  notebook.operations.length = 0;
  await notebook.session.perform({ type: "refresh", request: 1, asOf: "2026-03-02T00:00:00.000Z" }, "test");
  await notebook.session.idle();
  expect((await rows(notebook, "seen")).rows).toEqual([{ seen: "2026-03-02T00:00:00.000Z" }]);
  expect(notebook.operations.filter((operation) => operation.type === "run-started").map(({ cell }) => cell)).toEqual([
    "seen",
  ]);
});

test("a result that is given a name keeps its rows, and others read it by that name", async () => {
  const notebook = await openTest(
    "```sql id=q\nSELECT i FROM range(5) t(i)\n```\n\n```sql name=total\nSELECT sum(i)::INT AS total FROM numbers\n```\n",
  );
  const { session, run, status } = notebook;
  await run(["q"]);
  const before = session.state.runs.q!.run;
  await session.perform({ type: "rename", request: 2, cell: "q", name: "numbers" }, "test");
  expect((await rows(notebook, "q")).rowCount).toBe(5);
  expect([session.state.runs.q!.run, session.state.runs.q!.valuesLost]).toEqual([before, false]);
  await session.analysed();
  await run(["total"]);
  expect(status("total")).toBe("fresh");
  expect((await rows(notebook, "total")).rows).toEqual([{ total: 10 }]);
});

test("relations that the engine refuses change nothing: the former stay, and their successors are let go", async () => {
  const released: string[] = [];
  const pinned = (asOf: string, view: string) => ({
    asOf,
    statements: ["CREATE SCHEMA IF NOT EXISTS s", `CREATE OR REPLACE VIEW s.decisions AS ${view}`],
    ...{ folders: [], streams: [], marks: [], surroundings: "v1" },
    release: () => void released.push(asOf),
  });
  const good = pinned("2026-03-01T00:00:00.000Z", "SELECT 1 AS seen");
  const notebook = await openTest("---\ndriftbook: 1\n---\n\n```sql name=seen\nSELECT seen FROM s.decisions\n```\n", {
    relations: async (asOf) => (asOf === null ? good : pinned(asOf, "SELECT nothing FROM nowhere")),
  });
  await notebook.run(["seen"]);
  const refresh = { type: "refresh", request: 1, asOf: "2026-03-02T00:00:00.000Z" } as const;
  await expect(notebook.session.perform(refresh, "test")).rejects.toThrow();
  expect([notebook.session.state.asOf, released]).toEqual([good.asOf, ["2026-03-02T00:00:00.000Z"]]);
  await notebook.session.perform({ type: "restart", request: 2 }, "test");
  await notebook.run(["seen"]);
  expect(notebook.status("seen")).toBe("fresh");
});
