import { afterEach, expect, test } from "vitest";
import { apply } from "../../../cells/session/reducer.ts";
import type { SessionState } from "../../../cells/session/state.ts";
import type { ReadingKeeper } from "../../../kernels/session/ports.ts";
import { closeAll, openTest } from "./quiet-ports.ts";

afterEach(closeAll);

const CHAIN = `---
driftbook: 1
run: auto
window: last 7 days
---

\`\`\`yaml input name=threshold
type: number
default: 2
\`\`\`

\`\`\`ts name=doubled
threshold * 2
\`\`\`

\`\`\`ts name=tripled
doubled * 3
\`\`\`

The threshold doubled is **\${doubled}**.
`;

test("opening runs nothing and starts no kernel", async () => {
  const { session, operations, kernels } = await openTest(CHAIN);
  await session.idle();
  expect(operations.map((operation) => operation.type)).toEqual(["analysed", "analysed", "analysed", "analysed"]);
  expect(kernels).toEqual([]);
});

test("a run brings its parents and its dependents, and moving an input runs what reads it", async () => {
  const { session, run, text, status, kernels } = await openTest(CHAIN);
  await run(["tripled"]);
  expect([text("doubled"), text("tripled")]).toEqual(["4", "12"]);
  expect(session.state.asOf).toBe("2026-03-01T12:00:00.000Z");
  expect(session.state.window.resolved).toEqual({ start: "2026-02-22T12:00:00.000Z", end: "2026-03-01T12:00:00.000Z" });
  const prose = session.state.document.cells.at(-1)!.id;
  expect(session.state.runs[prose]?.result?.texts).toEqual(["4"]);

  await session.perform({ type: "move-input", request: 1, cell: "threshold", value: 5 }, "test");
  await session.idle();
  expect([text("doubled"), text("tripled"), session.state.runs[prose]?.result?.texts[0]]).toEqual(["10", "30", "10"]);
  expect(["threshold", "doubled", "tripled"].map(status)).toEqual(["fresh", "fresh", "fresh"]);
  expect(kernels).toHaveLength(1);
});

test("an input refuses a value that does not fit, and keeps one as its default in the file", async () => {
  const { session, saved } = await openTest(CHAIN);
  const move = (value: never) => session.perform({ type: "move-input", request: 1, cell: "threshold", value }, "test");
  await expect(move("high" as never)).rejects.toThrow('Cannot set "threshold": expected a number, got "high".');
  await move(7 as never);
  await session.perform({ type: "keep-as-default", request: 2, cell: "threshold" }, "test");
  await session.perform({ type: "save", request: 3 }, "test");
  expect(saved.at(-1)).toBe(CHAIN.replace("default: 2", "default: 7"));
  expect(session.state.saved?.hash).toBe("h1");
});

test("a failing cell says why, blocks what reads it, and runs again after the mending edit", async () => {
  const { session, run, status } = await openTest("```ts name=a\nnothing.x\n```\n\n```ts name=b\na + 1\n```\n");
  await run("all");
  expect([status("a"), status("b")]).toEqual(["failed: nothing is not defined", "blocked"]);
  const changes = [{ from: 0, to: 9, insert: "41" }];
  await session.perform({ type: "edit", request: 1, cell: "a", base: 0, changes }, "test");
  await session.analysed();
  expect([status("a"), status("b")]).toEqual(["stale", "never"]);
  await run(["a"]);
  expect([status("a"), status("b")]).toEqual(["fresh", "fresh"]);
});

test("an interrupt ends a cell that waits for ever, clears the queue, and the session goes on", async () => {
  const { session, run, status } = await openTest(
    "```ts name=a\nawait new Promise(() => {})\n```\n\n```ts name=b\n1\n```\n\n```ts name=c\na + b\n```\n",
  );
  const started = new Promise<void>((resolve) =>
    session.observe((operation) => operation.type === "run-started" && resolve()),
  );
  await session.perform({ type: "run", request: 1, cells: ["c"] }, "test");
  await started;
  await session.perform({ type: "interrupt", request: 2 }, "test");
  await session.idle();
  expect([status("a"), status("b"), status("c")]).toEqual(["stale", "never", "never"]);
  await run(["b"]);
  expect(status("b")).toBe("fresh");
});

test("a kernel that dies in a cell is explained, started again, and what it held is made again when needed", async () => {
  const { session, run, status, kernels, text, operations } = await openTest(
    "```ts name=a\n20\n```\n\n```ts name=b\na + 1\n```\n",
  );
  await run(["a"]);
  kernels[0]!.die({ kind: "killed", signal: "SIGKILL", stderrTail: "" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(session.state.processes.kernel.message).toContain("was killed from outside by SIGKILL");
  expect(operations.some((operation) => operation.type === "values-lost")).toBe(true);
  await run(["b"]);
  expect([status("a"), status("b"), text("b")]).toEqual(["fresh", "fresh", "21"]);
  expect(kernels).toHaveLength(2);
  expect(kernels[1]!.diary).toEqual(["run a", "run b"]);
});

test("a restart loses the values and keeps what is shown", async () => {
  const { session, run, text, kernels } = await openTest("```ts name=a\n1\n```\n\n```ts name=b\na + 1\n```\n");
  await run("all");
  await session.perform({ type: "restart", request: 1 }, "test");
  await session.idle();
  expect(session.state.processes.kernel.phase).toBe("absent");
  expect(text("b")).toBe("2");
  await run(["b"]);
  expect(kernels[1]!.diary).toEqual(["run a", "run b"]);
});

test("ten thousand printed lines are few operations, in order, before the end of the run", async () => {
  const { run, session, operations } = await openTest(
    "```ts name=a\nfor (let i = 0; i < 10000; i++) console.log(i)\n```\n\n```ts name=b\n1\n```\n",
  );
  await run("all");
  const log = session.state.runs.a!.logs;
  expect(log).toHaveLength(1);
  expect(log[0]!.text.split("\n").slice(0, -1)).toEqual(Array.from({ length: 10_000 }, (_, at) => String(at)));
  expect(operations.length).toBeLessThan(40);
  const kinds = operations.filter((operation) => "cell" in operation && operation.cell === "a").map(({ type }) => type);
  expect(kinds.at(-1)).toBe("run-ended");
});

test("two people type in one cell at once and both texts stay", async () => {
  const { session } = await openTest("```ts name=a\nabc\n```\n");
  const edit = (base: number, from: number, insert: string, client: string) =>
    session.perform({ type: "edit", request: 1, cell: "a", base, changes: [{ from, to: from, insert }] }, client);
  await edit(0, 3, "X", "one");
  await edit(0, 0, "Y", "two");
  expect(session.state.document.cells[0]!.source).toBe("YabcX");
  expect(session.state.revisions.a).toBe(2);
  await expect(edit(9, 0, "Z", "two")).rejects.toThrow("is based on revision 9, and 2 is reached");
});

test("a change of the file on disk meets the edits of the session as operations", async () => {
  const { session, run, status } = await openTest(CHAIN);
  await run(["tripled"]);
  session.fileChanged(CHAIN.replace("doubled * 3", "doubled * 4").replace("run: auto", "run: manual"));
  await session.idle();
  expect(session.state.mode).toBe("manual");
  expect([status("doubled"), status("tripled")]).toEqual(["fresh", "stale"]);
});

test("an edit here and an edit of the file at the same time both stay", async () => {
  const text = "```ts name=a\nabc\n```\n\n```ts name=b\n1\n```\n";
  const { session, saved } = await openTest(text);
  const type = (cell: string, from: number, insert: string) => {
    const base = session.state.revisions[cell] ?? 0;
    return session.perform({ type: "edit", request: 1, cell, base, changes: [{ from, to: from, insert }] }, "test");
  };
  await type("a", 3, "HERE");
  // The file knows nothing of HERE yet, and gives b another name and text.
  session.fileChanged("```ts name=a\nFILEabc\n```\n\n```ts name=c\n2\n```\n");
  expect(session.state.document.cells.map(({ name, source }) => `${name} ${source}`)).toEqual(["a FILEabcHERE", "c 2"]);
  await session.perform({ type: "save", request: 2 }, "test");
  expect(saved).toEqual(["```ts name=a\nFILEabcHERE\n```\n\n```ts name=c\n2\n```\n"]);

  // A cell that is deleted in the file while somebody types in it stays.
  await type("b", 1, " + 2");
  session.fileChanged("```ts name=a\nFILEabcHERE\n```\n");
  expect(session.state.document.cells.map(({ name, source }) => `${name} ${source}`)).toEqual([
    "a FILEabcHERE",
    "c 2 + 2",
  ]);
});

test("a file that somebody formatted is not written again for that", async () => {
  const { session, saved } = await openTest("```ts name=a\n1\n```\n");
  session.fileChanged("~~~\nplain\n~~~\n\n\n```ts   name=a\n2\n```\n");
  await session.close();
  expect([session.state.document.cells.at(-1)!.source, saved]).toEqual(["2", []]);
});

test("what a client missed brings it to the server's state", async () => {
  const { session, run } = await openTest(CHAIN);
  const before = JSON.parse(JSON.stringify(session.state)) as SessionState;
  const seen = session.sequence;
  await run("all");
  const missed = session.since(seen)!;
  const client = missed.reduce((state, operation) => apply(state, operation).state, before);
  expect(JSON.parse(JSON.stringify(client))).toEqual(JSON.parse(JSON.stringify(session.state)));
  expect(session.since(session.sequence)).toEqual([]);
  expect(session.since(session.sequence + 1)).toBeNull();
});

test("a name that nothing defines any more leaves the kernel", async () => {
  const { session, run, kernels } = await openTest("```ts name=a\n1\n```\n");
  await run("all");
  await session.perform({ type: "delete", request: 1, cell: "a" }, "test");
  await session.idle();
  expect(kernels[0]!.diary).toEqual(["run a", "forget a"]);
  await session.perform({ type: "restore", request: 2, cell: "a" }, "test");
  expect(session.state.document.cells.map((cell) => cell.id)).toEqual(["a"]);
});

test("a file that cannot be written is said, kept trying, and written once that is possible", async () => {
  let full = true;
  const written: string[] = [];
  const { session } = await openTest(CHAIN, {
    save: async (text) => {
      if (full) throw new Error("The disk is full.");
      written.push(text);
      return { hash: "h" };
    },
  });
  await session.perform({ type: "set-title", request: 1, title: "New" }, "test");
  await expect(session.perform({ type: "save", request: 2 }, "test")).rejects.toThrow("The disk is full.");
  expect(session.state.saveProblem).toBe("The disk is full.");
  full = false;
  await session.perform({ type: "save", request: 3 }, "test");
  expect(session.state.saveProblem).toBeNull();
  expect(written[0]).toContain("title: New");
});

test("an as-of that was chosen before the first run is the one that the run sees", async () => {
  const { session, run } = await openTest(CHAIN);
  await session.perform({ type: "refresh", request: 1, asOf: "2026-01-05T00:00:00.000Z" }, "test");
  await run(["doubled"]);
  expect(session.state.asOf).toBe("2026-01-05T00:00:00.000Z");
  expect(session.state.window.resolved?.end).toBe("2026-01-05T00:00:00.000Z");
});

test("a renamed cell is read by its new name, and its old name is free", async () => {
  const { session, run, kernels, status } = await openTest("```ts name=a\n1\n```\n\n```ts name=b\nfirst + 1\n```\n");
  await run(["a"]);
  await session.perform({ type: "rename", request: 1, cell: "a", name: "first" }, "test");
  await run(["b"]);
  expect([status("a"), status("b")]).toEqual(["fresh", "fresh"]);
  expect(kernels[0]!.diary).toEqual(["run a", "forget a", "run a", "run b"]);
});

test("a run asked for right after a text was mended is not lost to what was wrong before", async () => {
  const { session, text } = await openTest("```ts name=a\n1\n```\n");
  const type = (base: number, from: number, insert: string) =>
    session.perform({ type: "edit", request: base, cell: "a", base, changes: [{ from, to: from, insert }] }, "test");
  await type(0, 1, " + (");
  await session.idle();
  expect(session.state.analyses.a?.problem).not.toBeNull();
  await type(1, 5, "2)");
  // The mended text is not looked at yet.
  await session.perform({ type: "run", request: 3, cells: ["a"] }, "test");
  await session.idle();
  expect(text("a")).toBe("3");
  await type(2, 7, " + (");
  await session.perform({ type: "run", request: 4, cells: ["a"] }, "test");
  await session.idle();
  expect([session.state.queue, session.state.runs.a?.status]).toEqual([[], "ok"]);
});

test("readings are kept with the closure that they were measured from, and not when that changed meanwhile", async () => {
  const kept: { readonly cell: string; readonly text: string; readonly values: (number | null)[] }[] = [];
  let slow: () => void = () => undefined;
  const keep: ReadingKeeper["keep"] = async ({ cell, version }, readings) =>
    void kept.push({ cell, text: version.text, values: readings.map(({ value }) => value) });
  const { session, run, kernels } = await openTest(
    "```ts name=base\n1\n```\n\n```ts name=told\nawait wait()\nreading({metric: 'm', value: base, n: 1})\n```\n",
    { readings: { keep, before: async () => null } },
  );
  await run(["base"]);
  kernels[0]!.names.wait = () => new Promise<void>((resolve) => (slow = resolve));
  const started = async (): Promise<void> => {
    slow = () => undefined;
    const unset = slow;
    await session.perform({ type: "run", request: 1, cells: ["told"] }, "test");
    while (slow === unset) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await started();
  slow();
  await session.idle();
  expect(kept).toEqual([{ cell: "told", text: expect.stringContaining("name=base\n1\n"), values: [1] }]);

  await started();
  const changes = [{ from: 0, to: 1, insert: "2" }];
  await session.perform({ type: "edit", request: 2, cell: "base", base: 0, changes }, "test");
  slow();
  await session.idle();
  expect(session.state.runs.told?.status).toBe("ok");
  expect(kept).toHaveLength(1);
});

test("without data at an as-of the session says so and the next run tries again", async () => {
  let there = false;
  const { session, run, status } = await openTest(CHAIN, {
    relations: async (asOf) => {
      if (!there) throw new Error("The lake cannot be read: part 7 is gone.");
      return {
        asOf: asOf ?? "2026-03-01T00:00:00Z",
        statements: [],
        folders: [],
        streams: [],
        marks: [],
        surroundings: "",
      };
    },
  });
  await run(["doubled"]);
  expect([status("doubled"), session.state.processes.engine.message]).toEqual([
    "never",
    "The lake cannot be read: part 7 is gone.",
  ]);
  there = true;
  await run(["doubled"]);
  expect(status("doubled")).toBe("fresh");
});
