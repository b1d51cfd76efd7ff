import { mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Display } from "../../../cells/results/display.ts";
import type { KernelOutcome } from "../../../kernels/session/session-kernel.ts";
import type {
  KernelQuery,
  TypeScriptKernel,
  TypeScriptKernelConfiguration,
} from "../../../kernels/typescript/typescript-kernel.ts";

export type KernelFactory = (configuration: TypeScriptKernelConfiguration) => TypeScriptKernel;

interface Ran {
  readonly outcome: KernelOutcome;
  /** Displays and logs in the order in which they came. */
  readonly said: readonly (Display | { readonly log: string; readonly stream: string })[];
  readonly progress: readonly (readonly [number | null, string | null])[];
}

/** What every TypeScript kernel must hold, whatever runtime stands behind it. */
export function kernelConformance(name: string, make: KernelFactory): void {
  describe(name, () => {
    let folder: string;
    let kernel: TypeScriptKernel;
    let queries: KernelQuery[] = [];
    let answer: (query: KernelQuery) => Promise<Uint8Array> = async () => new Uint8Array();
    const redrawn: { run: string; index: number; display: Display }[] = [];
    let runs = 0;

    const configuration = (change: Partial<TypeScriptKernelConfiguration> = {}): TypeScriptKernelConfiguration => ({
      workspaceFolder: folder,
      grants: { hosts: [], folders: [], env: {} },
      cacheFolder: path.join(folder, "cache"),
      memoryLimitBytes: 2e9,
      onMeasure: async () => ({ readings: [], display: { type: "text", text: "measured", cut: null } }),
      onQuery: (query) => {
        queries.push(query);
        return answer(query);
      },
      onRedrawn: (one) => redrawn.push(one),
      ...change,
    });

    async function run(
      source: string,
      options: { name?: string; signal?: AbortSignal; in?: TypeScriptKernel } = {},
    ): Promise<Ran> {
      const said: (Display | { log: string; stream: string })[] = [];
      const progress: [number | null, string | null][] = [];
      const outcome = await (options.in ?? kernel).run({
        cell: "cell",
        run: `run-${++runs}`,
        source,
        name: options.name ?? null,
        width: 600,
        signal: options.signal ?? new AbortController().signal,
        onDisplay: (display) => said.push(display as Display),
        onLog: (stream, log) => said.push({ log, stream }),
        onReadings: () => undefined,
        onReading: () => undefined,
        onProgress: (fraction, message) => progress.push([fraction, message]),
      });
      return { outcome, said, progress };
    }
    const text = ({ said }: Ran): string => said.map((one) => ("log" in one ? one.log : "")).join("");
    const leaf = (ran: Ran): string | undefined => {
      const last = ran.said.at(-1);
      return last !== undefined && "type" in last && last.type === "tree" && last.tree.type === "leaf"
        ? last.tree.text
        : undefined;
    };
    const message = (ran: Ran): string => ran.outcome.error?.message ?? "";

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), "driftbook-kernel-"));
      kernel = make(configuration());
      await kernel.start();
    });
    afterAll(async () => {
      await kernel.close();
    });

    test("a value is shown and names stay for later cells", async () => {
      expect(leaf(await run("const a: number = 2;\nconst twice = (x: number): number => 2 * x;\ntwice(a)"))).toBe("4");
      const second = await run("a + 1", { name: "b" });
      expect(second.outcome.variables).toMatchObject([{ name: "b", type: "number", preview: "3" }]);
      expect(leaf(await run("b"))).toBe("3");
    });

    test("what a cell says comes in order, before the run ends", async () => {
      const { said, outcome, progress } = await run(
        "console.log('one'); display('two'); console.error('three'); progress(0.5, 'half'); await 0; display({four: 4}); 'five'",
      );
      expect(outcome.status).toBe("ok");
      expect(
        said.map((one) => ("log" in one ? `${one.stream} ${one.log}` : one.type === "text" ? one.text : one.type)),
      ).toEqual(["out one\n", "two", "error three\n", "tree", "five"]);
      expect(progress).toEqual([[0.5, "half"]]);
    });

    test("ten thousand printed lines arrive in order while the next cell waits", async () => {
      const [first, second] = await Promise.all([run("for (let i = 0; i < 10000; i++) console.log(i)"), run("1 + 1")]);
      expect(text(first)).toBe(Array.from({ length: 10000 }, (_, i) => `${i}\n`).join(""));
      expect(leaf(second)).toBe("2");
    });

    test("an error names the cell's line and column", async () => {
      const { outcome } = await run("const x: number = 1;\n\n  throw new Error('boo')");
      expect(outcome).toMatchObject({ status: "error", error: { message: "boo", line: 3, column: 9 } });
      expect((await run("const x = ;")).outcome).toMatchObject({ status: "error", error: { line: 1 } });
      expect(message(await run("nobody"))).toBe("ReferenceError: nobody is not defined");
    });

    test("a failed promise that nobody awaited is told and ends nothing", async () => {
      const ran = await run("Promise.reject(new Error('late')); await new Promise((done) => setTimeout(done, 50)); 1");
      expect(ran.outcome.status).toBe("ok");
      expect(text(ran)).toContain("late");
    });

    test("an interrupt ends a pending await and keeps values", async () => {
      await run("const kept = 7");
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 100);
      const begun = performance.now();
      const { outcome } = await run("await new Promise(() => {})", { signal: stop.signal });
      expect(outcome).toMatchObject({ status: "interrupted", lost: null });
      expect(performance.now() - begun).toBeLessThan(1100);
      expect(leaf(await run("kept"))).toBe("7");
    });

    test("an interrupt ends a loop that never yields, and says what that cost", async () => {
      await run("const gone = 7");
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 100);
      const begun = performance.now();
      const { outcome } = await run("for (;;) {}", { signal: stop.signal });
      expect(outcome.status).toBe("interrupted");
      expect(outcome.lost).toContain("replaced");
      expect(performance.now() - begun).toBeLessThan(1100);
      expect(message(await run("gone"))).toContain("gone is not defined");
    });

    test("an interrupt ends a running query", async () => {
      const stop = new AbortController();
      answer = (query) =>
        new Promise((_, reject) => query.signal.addEventListener("abort", () => reject(new Error("aborted"))));
      setTimeout(() => stop.abort(), 100);
      const { outcome } = await run("await sql`SELECT 1`", { signal: stop.signal });
      expect(outcome).toMatchObject({ status: "interrupted", lost: null });
    });

    test("sql binds its values and never writes them into the text", async () => {
      queries = [];
      answer = async () => {
        throw new Error("no table t");
      };
      const ran = await run(
        "await sql`SELECT * FROM t WHERE a = ${'x; DROP'} AND b = ${[1, 2]} AND c > ${new Date(0)} AND d = ${2n ** 60n}`",
      );
      expect(message(ran)).toBe("no table t");
      expect(queries[0]).toMatchObject({
        sql: "SELECT * FROM t WHERE a = $1 AND b = $2 AND c > $3 AND d = $4",
        parameters: [
          "x; DROP",
          { type: "list", items: [1, 2] },
          { type: "timestamp", iso: "1970-01-01T00:00:00.000Z" },
          2n ** 60n,
        ],
      });
    });

    test("tables go out as Arrow and come back as rows", async () => {
      await run("const rows = [{day: new Date(0), n: 1, who: 'a'}, {day: new Date(86400000), n: 2, who: null}]");
      const arrow = await kernel.exportTable("rows");
      await kernel.assign("table", { type: "table", arrow });
      const ran = await run(
        "[table.numRows, table.get(1).n, table.get(0).day instanceof Date, [...table].length].join()",
        {},
      );
      expect(ran.said.at(-1)).toMatchObject({ type: "text", text: "2,2,true,2" });
      await expect(kernel.exportTable("nothing")).rejects.toThrow("no table");
    });

    test("expressions are evaluated as values and as texts", async () => {
      await kernel.assign("share", { type: "json", value: 0.1234 });
      const signal = new AbortController().signal;
      expect(await kernel.evaluate({ expressions: ["share * 2", "new Date(0)"], signal, as: "values" })).toEqual([
        { type: "json", value: 0.2468 },
        { type: "time", iso: "1970-01-01T00:00:00.000Z" },
      ]);
      expect(await kernel.evaluate({ expressions: ["percent(share)"], signal, as: "texts" })).toEqual([
        { type: "json", value: "12.3%" },
      ]);
      await expect(kernel.evaluate({ expressions: ["missing"], signal, as: "values" })).rejects.toThrow(
        "missing is not defined",
      );
      expect(await kernel.exportValue("share")).toBe(0.1234);
      await kernel.forget(["share"]);
      await expect(kernel.exportValue("share")).rejects.toThrow("share");
    });

    test("a chart is SVG with the places of its points, and is drawn again at another width without running", async () => {
      const { said, outcome } = await run(
        "Plot.plot({color: {legend: true}, marks: [Plot.lineY([{x: 1, y: 2, k: 'a'}, {x: 2, y: 5, k: 'a'}, {x: 1, y: 3, k: 'b'}], {x: 'x', y: 'y', stroke: 'k', tip: true})]})",
      );
      expect(outcome.error).toBeNull();
      const [chart] = said;
      if (chart === undefined || !("type" in chart) || chart.type !== "chart") throw new Error("no chart");
      expect(chart).toMatchObject({
        width: 600,
        legends: [{ type: "swatches", items: [{ text: "a" }, { text: "b" }] }],
      });
      expect(chart.svg).toMatch(/^<svg/);
      expect(chart.svg).not.toContain("<style");
      expect(chart.hits.marks[0]).toMatchObject({ mark: "line", by: "x" });
      expect(chart.hits.marks[0]!.x).toHaveLength(3);
      expect(chart.hits.marks[0]!.values[1]).toContain("5");
      redrawn.length = 0;
      kernel.resize(300);
      await expect.poll(() => redrawn.at(-1)?.display).toMatchObject({ type: "chart", width: 300 });
    });

    test("floods are cut, and say so", async () => {
      const printed = await run("const big = 'x'.repeat(1e6); for (let i = 0; i < 1000; i++) console.log(big)");
      expect(text(printed).length).toBeLessThan(5e6);
      expect(text(printed)).toMatch(/\d+ more characters were printed and left out/);
      const shown = await run("for (let i = 0; i < 100000; i++) display(i)");
      expect(shown.said.length).toBeLessThan(600);
      expect(text(shown)).toMatch(/99500 more displays were left out/);
    });

    test("html, md, errors and deep values have displays of their own", async () => {
      const { said } = await run(
        "const cycle = {a: [1]}; cycle.self = cycle; display(html`<b>${'<i>'}</b>`); display(md`*x*`); display(new TypeError('t')); display(cycle); undefined",
      );
      expect(said).toMatchObject([
        { type: "html", html: "<b>&lt;i&gt;</b>" },
        { type: "markdown", markdown: "*x*" },
        { type: "error", name: "TypeError", message: "t" },
        { type: "tree" },
      ]);
      expect(JSON.stringify(said[3])).toContain("[cycle]");
    });

    describe("cell code reaches nothing that is not granted", () => {
      test.each([
        ["await Deno.readTextFile('/etc/hostname')", /read access/],
        ["Deno.readTextFileSync('link')", /read access/],
        ["await Deno.writeTextFile('/tmp/driftbook-escape', 'x')", /write access/],
        ["Deno.env.get('HOME')", /env access/],
        ["Deno.env.toObject()", /env access/],
        ["new Deno.Command('/bin/ls').outputSync()", /run access|--allow-run/],
        ["await fetch('http://127.0.0.1:18080/')", /net access/],
        ["await Deno.connect({port: 9})", /net access/],
        ["import secret from 'file:///etc/hostname' with {type: 'text'};\nsecret", /no files/],
        ["await import('file:///etc/hostname', {with: {type: 'text'}})", /read access/],
        ["await import('https://example.invalid/x.js')", /net access|import access|not found|Importing|remote/i],
        [
          "await import('data:text/javascript,' + encodeURIComponent('import x from \"file:///etc/hostname\" with {type:\"text\"}; export default x'))",
          /read access|Importing|not allowed/i,
        ],
        ["Deno.exit(3)", /cannot end the kernel/],
        ["Deno.hostname()", /sys access/],
        ["Deno.dlopen('/lib/x86_64-linux-gnu/libc.so.6', {})", /ffi access/],
      ])("%s", async (source, refusal) => {
        const ran = await run(source);
        expect(ran.outcome.status).toBe("error");
        expect(message(ran)).toMatch(refusal);
      });

      test("a worker of its own gets no more", async () => {
        const ran =
          await run(`const worker = new Worker("data:text/javascript," + encodeURIComponent("try { Deno.readTextFileSync('/etc/hostname'); postMessage('read') } catch (error) { postMessage(error.message) }"), {type: "module"});
          await new Promise((done) => { worker.onmessage = (event) => done(event.data); worker.onerror = (event) => { event.preventDefault(); done(event.message) } })`);
        expect(JSON.stringify([ran.said, ran.outcome.error])).toMatch(/read access|escalate|permission/i);
      });
    });

    test("a granted folder can be read, a link out of it and the rest cannot", async () => {
      const granted = await mkdtemp(path.join(tmpdir(), "driftbook-granted-"));
      await writeFile(path.join(granted, "ok.txt"), "fine");
      await symlink("/etc/hostname", path.join(granted, "out"));
      const other = make(configuration({ grants: { hosts: [], folders: [granted], env: { RATES_KEY: "k" } } }));
      await other.start();
      try {
        const ok = await run(
          `Deno.readTextFileSync(${JSON.stringify(path.join(granted, "ok.txt"))}) + Deno.env.get("RATES_KEY")`,
          { in: other },
        );
        expect(ok.said).toMatchObject([{ type: "text", text: "finek" }]);
        const out = await run(`Deno.readTextFileSync(${JSON.stringify(path.join(granted, "out"))})`, { in: other });
        expect(message(out)).toMatch(/read access/);
        expect(message(await run("Deno.env.get('PATH')", { in: other }))).toMatch(/env access/);
      } finally {
        await other.close();
      }
    });

    test("a hoard of memory ends the kernel with an explanation, and a new one starts", async () => {
      const small = make(configuration({ memoryLimitBytes: 300e6 }));
      await small.start();
      await expect(
        run("const hoard = []; for (;;) hoard.push(new Array(1e5).fill({}))", { in: small }),
      ).rejects.toThrow(/out of memory/);
      expect(await small.ended).not.toMatchObject({ kind: "requested" });
      const next = make(configuration());
      await next.start();
      expect(leaf(await run("1 + 1", { in: next }))).toBe("2");
      await next.close();
    });
  });
}
