import { tableFromArrays, tableFromIPC, tableToIPC } from "@uwdata/flechette";
import { analyseTypeScript } from "../../../cells/analysis/typescript/analyse-typescript.ts";
import type { EndReason, ProcessState } from "../../../kernels/lifecycle/process-state.ts";
import type { KernelHooks } from "../../../kernels/session/ports.ts";
import {
  type KernelOutcome,
  KernelProblem,
  type KernelRun,
  type KernelValue,
} from "../../../kernels/session/session-kernel.ts";
import type { TypeScriptKernel } from "../../../kernels/typescript/typescript-kernel.ts";

/**
 * A kernel in this process for plain JavaScript of the simplest kind: `const x = …;` lines and a last expression, all
 * over one record of names. It keeps a diary of what was asked of it. No isolation: for tests of the session only.
 */
export class QuietKernel implements TypeScriptKernel {
  state: ProcessState = { phase: "starting" };
  readonly ended: Promise<EndReason>;
  readonly diary: string[] = [];
  readonly names: Record<string, unknown> = {};
  #end!: (reason: EndReason) => void;
  readonly #listeners = new Set<(state: ProcessState) => void>();
  readonly #hooks: KernelHooks;

  constructor(hooks: KernelHooks) {
    this.#hooks = hooks;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async start(): Promise<void> {
    this.#become({ phase: "idle" });
  }
  onState(listener: (state: ProcessState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  async close(): Promise<EndReason> {
    return this.die({ kind: "requested" });
  }
  /** As if the process had ended by itself. */
  die(because: EndReason): EndReason {
    if (this.state.phase !== "ended") {
      this.#become({ phase: "ended", because });
      this.#end(because);
    }
    return because;
  }
  resize(width: number): void {
    this.diary.push(`resize ${width}`);
  }

  async assign(name: string, value: KernelValue): Promise<void> {
    this.diary.push(`assign ${name}`);
    this.names[name] = plainOf(value);
  }

  async run(request: KernelRun): Promise<KernelOutcome> {
    this.diary.push(`run ${request.cell}`);
    const { defines } = analyseTypeScript(request.source, request.name);
    const aborted = new Promise<"aborted">((resolve) =>
      request.signal.addEventListener("abort", () => resolve("aborted")),
    );
    const died = this.ended.then(() => "died" as const);
    const print = (...words: unknown[]): void => request.onLog("out", `${words.join(" ")}\n`);
    const sql = (strings: readonly string[], ...values: unknown[]) =>
      this.#hooks
        .onQuery({
          cell: request.cell,
          run: request.run,
          sql: strings.reduce((text, part, at) => `${text}$${at}${part}`),
          parameters: values as never,
          signal: request.signal,
        })
        .then((arrow) => tableFromIPC(arrow, { useBigInt: false }).toArray());
    const scope = {
      ...this.names,
      display: (value: unknown) => request.onDisplay({ type: "text", text: String(value) }),
      progress: request.onProgress,
      reading: (written: unknown) => request.onReading(written as never),
      console: { log: print },
      sql,
    };
    const lines = request.source.trim().split("\n");
    const last = lines.at(-1)!;
    const body = /^(const|let|var|function|class|throw|await|if|for|return)\b/.test(last)
      ? request.source
      : `${lines.slice(0, -1).join("\n")}\nreturn_ = ${last}`;
    const text = `let return_; ${body.startsWith("return_") ? "" : ""}${body}\n; return {${["return_", ...defines.filter((name) => name !== request.name)].join(", ")}}`;
    const work = (async () => run(scope, text))();
    const result = await Promise.race([work.then((value) => ({ value })), aborted, died]).catch((error: unknown) => ({
      error,
    }));
    const outcome = { variables: [], lost: null, error: null };
    if (result === "aborted") return { ...outcome, status: "interrupted" };
    if (result === "died") return { ...outcome, status: "error", error: { message: "The TypeScript kernel left." } };
    if ("error" in result) return { ...outcome, status: "error", error: { message: (result.error as Error).message } };
    const { return_, ...defined } = result.value as Record<string, unknown>;
    Object.assign(this.names, defined);
    if (request.name !== null) this.names[request.name] = return_;
    if (return_ !== undefined) scope.display(return_);
    const variables = defines.map((name) => ({
      name,
      type: typeof this.names[name],
      size: null,
      preview: String(this.names[name]),
    }));
    return { ...outcome, status: "ok", variables };
  }

  async evaluate({ expressions, as }: Parameters<TypeScriptKernel["evaluate"]>[0]): Promise<readonly KernelValue[]> {
    this.diary.push(`evaluate ${expressions.join(" ; ")}`);
    const values: KernelValue[] = [];
    for (const expression of expressions) {
      try {
        const value = await run(this.names, `return (${expression})`);
        if (as === "values" && value instanceof Date) values.push({ type: "time", iso: value.toISOString() });
        else values.push({ type: "json", value: as === "texts" ? String(value) : value });
      } catch (error) {
        throw new KernelProblem({ message: (error as Error).message });
      }
    }
    return values;
  }

  async exportTable(name: string): Promise<Uint8Array> {
    this.diary.push(`export ${name}`);
    const rows = this.names[name];
    if (!Array.isArray(rows)) throw new KernelProblem({ message: `"${name}" is no table.` });
    const columns = Object.keys(rows[0] as object).map((key) => [key, rows.map((row) => row[key])]);
    return tableToIPC(tableFromArrays(Object.fromEntries(columns) as never), { format: "stream" })!;
  }
  async exportValue(name: string): Promise<unknown> {
    if (!(name in this.names)) throw new KernelProblem({ message: `There is no "${name}".` });
    return this.names[name];
  }
  async forget(names: readonly string[]): Promise<void> {
    this.diary.push(`forget ${names.join(" ")}`);
    for (const name of names) delete this.names[name];
  }

  #become(state: ProcessState): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function plainOf(value: KernelValue): unknown {
  switch (value.type) {
    case "json":
      return value.value;
    case "time":
      return new Date(value.iso);
    case "date":
      return value.iso;
    case "bigint":
      return BigInt(value.digits);
    case "window":
      return { start: new Date(value.start), end: new Date(value.end) };
    case "table":
      return tableFromIPC(value.arrow, { useBigInt: false }).toArray();
  }
}

const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<unknown>;

function run(scope: Record<string, unknown>, body: string): Promise<unknown> {
  return new AsyncFunction(...Object.keys(scope), body)(...Object.values(scope));
}
