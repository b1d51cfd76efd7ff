import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Compiled,
  type CompiledCell,
  compileExpression,
  compileTypeScript,
} from "../../cells/analysis/typescript/compile-typescript.ts";
import type { Problem } from "../../cells/session/operation.ts";
import { explainExit } from "../lifecycle/explain-exit.ts";
import type { EndReason, ProcessState } from "../lifecycle/process-state.ts";
import { type Child, launch } from "../lifecycle/spawn.ts";
import { type KernelOutcome, KernelProblem, type KernelRun, type KernelValue } from "../session/session-kernel.ts";
import type { FromKernel, KernelAnswer, KernelRequest, ToKernel, WireParameter } from "./deno/protocol.ts";
import { denoBinary } from "./deno-binary.ts";
import { linksOut } from "./links-out.ts";
import { packageArguments } from "./package-arguments.ts";
import type { KernelParameter, TypeScriptKernel, TypeScriptKernelConfiguration } from "./typescript-kernel.ts";

const NAME = "The TypeScript kernel";
const READY_WITHIN_MILLIS = 20_000;

interface Open {
  readonly resolve: (reply: { readonly answer: KernelAnswer; readonly body: Uint8Array }) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A TypeScript kernel under Deno. The host compiles cells and speaks frames with the process; one request runs at a
 * time there. Ends with `close`, by its memory limit, or by itself; whatever was open then fails with the explanation.
 */
export class DenoTypeScriptKernel implements TypeScriptKernel {
  readonly ended: Promise<EndReason>;
  readonly #configuration: TypeScriptKernelConfiguration;
  readonly #end = Promise.withResolvers<EndReason>();
  readonly #listeners = new Set<(state: ProcessState) => void>();
  readonly #open = new Map<number, Open>();
  readonly #runs = new Map<string, KernelRun>();
  /** Queries under way, by the run that asked. */
  readonly #queries = new Map<string, Set<AbortController>>();
  #child: Child | null = null;
  #lastId = 0;

  constructor(configuration: TypeScriptKernelConfiguration) {
    this.#configuration = configuration;
    this.ended = this.#end.promise;
  }

  get state(): ProcessState {
    return this.#child?.state ?? { phase: "starting" };
  }

  onState(listener: (state: ProcessState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    const { cacheFolder, grants, memoryLimitBytes, priority } = this.#configuration;
    mkdirSync(cacheFolder, { recursive: true });
    const bundle = bundleFolder();
    const child = launch({
      name: NAME,
      command: denoBinary(),
      args: denoArguments(this.#configuration, bundle),
      // Nothing of the server's environment: only what is granted by name.
      env: { ...grants.env, DENO_DIR: cacheFolder, HOME: cacheFolder, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      cwd: cacheFolder,
      onFrame: (header, body) => this.#receive(header as unknown as FromKernel, body),
      onState: (state) => {
        for (const listener of this.#listeners) listener(state);
      },
      readyWithinMillis: READY_WITHIN_MILLIS,
      memoryLimitBytes,
      ...(priority === undefined ? {} : { priority }),
    });
    this.#child = child;
    void child.ended.then((reason) => this.#processEnded(reason));
    if ((await child.ready) !== null) return;
    const { message, hint } = explainExit(NAME, await child.ended);
    throw new Error(`${message} ${hint}`);
  }

  async assign(name: string, value: KernelValue): Promise<void> {
    if (value.type !== "table") await this.#ask({ type: "assign", name, value });
    else {
      const { type, arrow, properties } = value;
      const wire = properties === undefined ? { type } : { type, properties };
      await this.#ask({ type: "assign", name, value: wire }, arrow);
    }
  }

  async run(request: KernelRun): Promise<KernelOutcome> {
    const { cell, run, source, name, width, signal } = request;
    const compiled = compileTypeScript(source);
    if (!compiled.ok) return { status: "error", error: compiled.problem, variables: [], lost: null };
    this.#runs.set(run, request);
    try {
      const { code, needs } = compiled.cell;
      const { answer } = await this.#ask({ type: "run", cell, run, name, width, code, needs }, undefined, signal, run);
      switch (answer.status) {
        case "ok":
          return { status: "ok", error: null, variables: answer.variables, lost: null };
        case "error":
          return { status: "error", error: placed(answer.problem, compiled.cell), variables: [], lost: null };
        case "interrupted":
          return { status: "interrupted", error: null, variables: [], lost: null };
        case "lost":
          return { status: "interrupted", error: null, variables: [], lost: answer.because };
      }
    } finally {
      this.#runs.delete(run);
    }
  }

  async evaluate({
    expressions,
    signal,
    as,
  }: Parameters<TypeScriptKernel["evaluate"]>[0]): Promise<readonly KernelValue[]> {
    const cells = expressions.map((expression) => cellOf(compileExpression(expression)));
    const { answer } = await this.#ask(
      { type: "evaluate", expressions: cells.map(({ code, needs }) => ({ code, needs })), as },
      undefined,
      signal,
    );
    return resultOf(answer) as readonly KernelValue[];
  }

  async exportTable(name: string): Promise<Uint8Array> {
    const { answer, body } = await this.#ask({ type: "export-table", name });
    resultOf(answer);
    return body;
  }

  async exportValue(name: string): Promise<unknown> {
    return resultOf((await this.#ask({ type: "export-value", name })).answer);
  }

  async forget(names: readonly string[]): Promise<void> {
    await this.#ask({ type: "forget", names });
  }

  resize(width: number): void {
    this.#child?.send({ type: "resize", width } satisfies ToKernel);
  }

  async close(): Promise<EndReason> {
    if (this.#child === null) {
      this.#end.resolve({ kind: "requested" });
      return { kind: "requested" };
    }
    return this.#child.end();
  }

  async #ask(
    request: KernelRequest,
    body?: Uint8Array,
    signal?: AbortSignal,
    run?: string,
  ): Promise<{ readonly answer: KernelAnswer; readonly body: Uint8Array }> {
    const child = this.#child;
    if (child === null || child.state.phase === "ended") throw new Error(`${NAME} is not running.`);
    const id = ++this.#lastId;
    if (this.#open.size === 0) child.note("work");
    const reply = new Promise<{ answer: KernelAnswer; body: Uint8Array }>((resolve, reject) =>
      this.#open.set(id, { resolve, reject }),
    );
    const interrupt = (): void => {
      if (!this.#open.has(id)) return;
      child.note("interrupt");
      for (const query of this.#queries.get(run ?? "") ?? []) query.abort();
      child.send({ type: "interrupt", id } satisfies ToKernel);
    };
    child.send({ type: "request", id, request } satisfies ToKernel, body);
    if (signal?.aborted === true) interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      return await reply;
    } finally {
      signal?.removeEventListener("abort", interrupt);
    }
  }

  #receive(message: FromKernel, body: Uint8Array): void {
    switch (message.type) {
      case "ready":
        return;
      case "answer": {
        const waiting = this.#open.get(message.id);
        this.#open.delete(message.id);
        if (this.#open.size === 0) this.#child?.note("settle");
        waiting?.resolve({ answer: message.answer, body });
        return;
      }
      // What a run says after its end reaches nobody.
      case "display":
        this.#runs.get(message.run)?.onDisplay(message.display);
        return;
      case "log":
        this.#runs.get(message.run)?.onLog(message.stream, message.text);
        return;
      case "progress":
        this.#runs.get(message.run)?.onProgress(message.fraction, message.message);
        return;
      case "redrawn": {
        const { cell, run, index, display } = message;
        this.#configuration.onRedrawn({ cell, run, index, display });
        return;
      }
      case "query":
        void this.#query(message);
        return;
      case "measure":
        void this.#measure(message);
        return;
      case "reading":
        this.#runs.get(message.run)?.onReading(message.reading);
        return;
    }
  }

  #query({ query, cell, run, sql, parameters }: Extract<FromKernel, { type: "query" }>): Promise<void> {
    return this.#answer(query, run, (signal) =>
      this.#configuration.onQuery({ cell, run, sql, parameters: parameters.map(parameterOf), signal }),
    );
  }

  #measure({ query, cell, run, kind, spec }: Extract<FromKernel, { type: "measure" }>): Promise<void> {
    return this.#answer(query, run, async (signal) => {
      const measured = await this.#configuration.onMeasure({ cell, run, kind, spec, signal });
      this.#runs.get(run)?.onReadings(measured.readings);
      return Buffer.from(JSON.stringify(measured));
    });
  }

  /** Answers what a cell awaits; an interrupt of its run aborts the work. */
  async #answer(query: number, run: string, work: (signal: AbortSignal) => Promise<Uint8Array>): Promise<void> {
    const abort = new AbortController();
    const known = this.#queries.get(run) ?? new Set();
    this.#queries.set(run, known.add(abort));
    try {
      const body = await work(abort.signal);
      this.#child?.send({ type: "query-result", query, error: null } satisfies ToKernel, body);
    } catch (error) {
      // The cell sees it where it awaited the query.
      const message = error instanceof Error ? error.message : String(error);
      this.#child?.send({ type: "query-result", query, error: message } satisfies ToKernel);
    } finally {
      known.delete(abort);
      if (known.size === 0) this.#queries.delete(run);
    }
  }

  #processEnded(reason: EndReason): void {
    const { message, hint } = explainExit(NAME, reason);
    for (const { reject } of this.#open.values()) reject(new KernelProblem({ message, hint }));
    this.#open.clear();
    for (const known of this.#queries.values()) for (const query of known) query.abort();
    this.#end.resolve(reason);
  }
}

/** `dist/kernel`, from the sources and from the compiled files. */
function bundleFolder(): string {
  for (const place of ["../../dist/kernel/", "../../kernel/"]) {
    const folder = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(path.join(folder, "main.js"))) return folder;
  }
  throw new Error("The kernel's files are not built; run npm run build.");
}

function denoArguments(
  { workspaceFolder, grants, memoryLimitBytes }: TypeScriptKernelConfiguration,
  bundle: string,
): string[] {
  const env = Object.keys(grants.env);
  const leaving = grants.folders.flatMap(linksOut);
  const heapMegabytes = Math.max(64, Math.floor(memoryLimitBytes / 2 / 1_048_576));
  // A child has at most its parent's rights: the main thread gets what is granted, and its own two files.
  const permissions = {
    // Inherited with what is denied in it; the two files that come along are our own.
    read: grants.folders.length === 0 ? false : "inherit",
    net: grants.hosts.length === 0 ? false : [...grants.hosts],
    env: env.length === 0 ? false : env,
    write: false,
    run: false,
    ffi: false,
    sys: false,
    import: false,
  };
  return [
    "run",
    ...packageArguments(workspaceFolder),
    "--unstable-worker-options",
    `--v8-flags=--max-old-space-size=${heapMegabytes}`,
    `--allow-read=${[bundle, ...grants.folders].join(",")}`,
    ...(leaving.length === 0 ? [] : [`--deny-read=${leaving.join(",")}`]),
    ...(grants.hosts.length === 0 ? [] : [`--allow-net=${grants.hosts.join(",")}`]),
    ...(env.length === 0 ? [] : [`--allow-env=${env.join(",")}`]),
    path.join(bundle, "main.js"),
    JSON.stringify(permissions),
  ];
}

function cellOf(compiled: Compiled): CompiledCell {
  if (compiled.ok) return compiled.cell;
  throw new KernelProblem(compiled.problem);
}

function placed(problem: Problem, cell: CompiledCell): Problem {
  if (problem.line === undefined || problem.column === undefined) return problem;
  return { ...problem, column: cell.originalColumn(problem.line, problem.column) };
}

/** @throws KernelProblem when the request failed. */
function resultOf(answer: KernelAnswer): unknown {
  switch (answer.status) {
    case "ok":
      return answer.value;
    case "error":
      throw new KernelProblem(answer.problem);
    case "interrupted":
      throw new KernelProblem({ message: "Interrupted." });
    case "lost":
      throw new KernelProblem({ message: answer.because });
  }
}

function parameterOf(parameter: WireParameter): KernelParameter {
  if (parameter === null || typeof parameter !== "object") return parameter;
  if (parameter.type === "bigint") return BigInt(parameter.digits);
  if (parameter.type === "list") return { type: "list", items: parameter.items.map(parameterOf) };
  return parameter;
}
