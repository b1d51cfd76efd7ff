/**
 * Where cells run: one worker without permissions but those granted by name. It holds the names of the session, loads
 * each cell as a `data:` module, and calls it with what it reads. Requests are answered one after the other; an
 * interrupt ends the waiting of the request at hand, and its values stay.
 */

import type { Display } from "../../../cells/results/display.ts";
import type { Problem } from "../../../cells/session/operation.ts";
import * as formatters from "../../../cells/values/formatters.ts";
import { toJson } from "../../../cells/values/to-json.ts";
import { Chart, plotForCells } from "./charts.ts";
import { describeVariable } from "./describe-value.ts";
import { displayOf, html, Measured, md } from "./displays.ts";
import type {
  CompiledCode,
  FromKernel,
  KernelAnswer,
  KernelRequest,
  ToKernel,
  WireParameter,
  WireValue,
} from "./protocol.ts";
import { RunOutput } from "./run-output.ts";
import { runtime } from "./runtime.ts";
import { decodeTable, encodeTable, isTable } from "./tables.ts";

interface Passed<Message> {
  readonly message: Message;
  readonly body: Uint8Array | null;
}
interface Reply {
  readonly answer: KernelAnswer;
  readonly body?: Uint8Array | null;
}
interface Running {
  readonly id: number;
  readonly cell: string;
  readonly output: RunOutput;
  readonly interrupted: PromiseWithResolvers<never>;
}

const post = runtime.postMessage.bind(globalThis);
const { inspect } = runtime.Deno;

function send(message: FromKernel, body: Uint8Array | null = null): void {
  const copy = body === null ? null : new Uint8Array(body);
  post({ message, body: copy } satisfies Passed<FromKernel>, copy === null ? [] : [copy.buffer]);
}

class Interrupted extends Error {}

const names = new Map<string, unknown>();
const modules = new Map<string, Promise<CellFunction>>();
const charts = new Map<string, { cell: string; index: number; chart: Chart }[]>();
const queries = new Map<number, PromiseWithResolvers<Uint8Array>>();
let width = 720;
let running: Running | null = null;
let queue: Promise<void> = Promise.resolve();
let lastQuery = 0;
const MOST_MODULES = 500;

type CellFunction = (
  scope: Readonly<Record<string, unknown>>,
) => Promise<{ names: Record<string, unknown>; value: unknown }>;

/** Loaded once for each text: a loaded module stays in memory for the life of the worker. */
function load(code: string): Promise<CellFunction> {
  let loaded = modules.get(code);
  if (loaded === undefined) {
    if (modules.size >= MOST_MODULES) modules.clear();
    const url = `data:text/javascript;charset=utf-8,${encodeURIComponent(code)}`;
    loaded = import(url).then((module: { default: CellFunction }) => module.default);
    modules.set(code, loaded);
    loaded.catch(() => modules.delete(code));
  }
  return loaded;
}

const GIVEN: Readonly<Record<string, unknown>> = {
  Plot: plotForCells,
  html,
  md,
  percent: formatters.percent,
  compact: formatters.compact,
  fixed: formatters.decimal,
  money: formatters.money,
  integer: formatters.integer,
  date: formatters.date,
  dateTime: formatters.dateTime,
  duration: formatters.duration,
};

function scopeFor(needs: readonly string[], own: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const scope: Record<string, unknown> = {};
  for (const name of needs) {
    if (names.has(name)) scope[name] = names.get(name);
    else if (Object.hasOwn(own, name)) scope[name] = own[name];
    else if (Object.hasOwn(GIVEN, name)) scope[name] = GIVEN[name];
    else if (name in globalThis) scope[name] = (globalThis as Record<string, unknown>)[name];
    else throw new ReferenceError(`${name} is not defined`);
  }
  return scope;
}

function ownNames(current: Running): Record<string, unknown> {
  const { output, cell } = current;
  return {
    // Answers nothing, so that `display(x)` as the last expression shows x once.
    display: (value: unknown) => show(current, value),
    progress: (share: unknown, message?: unknown) => {
      const fraction = typeof share === "number" ? Math.min(1, Math.max(0, share)) : null;
      const text = message ?? (typeof share === "string" ? share : null);
      output.progress(fraction, text === null ? null : String(text));
    },
    drift: (spec: unknown) => measure("drift", cell, output.run, spec),
    kpi: (spec: unknown) => measure("kpi", cell, output.run, spec),
    check: (spec: unknown) => measure("check", cell, output.run, spec),
    reading: (value: unknown) => makeReading(output.run, value),
    sql: (strings: TemplateStringsArray, ...values: readonly unknown[]) => query(cell, output.run, strings, values),
  };
}

function show(current: Running, value: unknown): void {
  const { output, cell } = current;
  if (value === undefined) return;
  const index = output.display(() => displayOf(value, width));
  if (index === null || !(value instanceof Chart) || !value.followsWidth) return;
  const known = charts.get(output.run) ?? [];
  charts.set(output.run, known);
  known.push({ cell, index, chart: value });
}

async function query(
  cell: string,
  run: string,
  strings: TemplateStringsArray,
  values: readonly unknown[],
): Promise<unknown> {
  const sql = strings.map((text, at) => text + (at < values.length ? `$${at + 1}` : "")).join("");
  const id = ++lastQuery;
  const answer = Promise.withResolvers<Uint8Array>();
  queries.set(id, answer);
  send({ type: "query", query: id, cell, run, sql, parameters: values.map((value, at) => parameterOf(value, at)) });
  return decodeTable(await answer.promise);
}

async function measure(kind: "drift" | "kpi" | "check", cell: string, run: string, spec: unknown): Promise<Measured> {
  const id = ++lastQuery;
  const answer = Promise.withResolvers<Uint8Array>();
  queries.set(id, answer);
  send({ type: "measure", query: id, cell, run, kind, spec: toJson(spec) });
  const { readings, display } = JSON.parse(new TextDecoder().decode(await answer.promise)) as {
    readings: object[];
    display: Display;
  };
  return Measured.with(readings, display);
}

/** Makes a value a reading of this cell: it has a verdict, and stands among the readings of the run. */
function makeReading(run: string, reading: unknown): unknown {
  const { metric, value, n } = (reading ?? {}) as { metric?: unknown; value?: unknown; n?: unknown };
  if (typeof metric !== "string" || metric === "")
    throw new TypeError("reading({metric, value, n}): metric is its name, a text.");
  if (value !== null && typeof value !== "number")
    throw new TypeError(`reading: the value of ${metric} must be a number or null.`);
  if (n !== undefined && typeof n !== "number" && typeof n !== "bigint")
    throw new TypeError(`reading: n of ${metric} is how many rows it is of, a number.`);
  send({ type: "reading", run, reading: toJson(reading) });
  return reading;
}

function parameterOf(value: unknown, at: number): WireParameter {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "bigint") return { type: "bigint", digits: String(value) };
  if (value instanceof Date) return { type: "timestamp", iso: value.toISOString() };
  if (Array.isArray(value)) return { type: "list", items: value.map((item) => parameterOf(item, at)) };
  throw new TypeError(
    `Value ${at + 1} of sql\`…\` is ${typeof value === "object" ? "an object" : `a ${typeof value}`}; give a number, text, boolean, date, null or a list of those.`,
  );
}

async function perform(id: number, request: KernelRequest, body: Uint8Array | null): Promise<Reply> {
  switch (request.type) {
    case "assign":
      names.set(request.name, valueFrom(request.value, body));
      return ok(null);
    case "run":
      return run(id, request);
    case "evaluate":
      return evaluate(id, request.expressions, request.as);
    case "export-table": {
      const arrow = encodeTable(names.get(request.name));
      if (arrow !== null) return { ...ok(null), body: arrow };
      return failed({ message: `"${request.name}" is no table and no array of objects, so SQL cannot read it.` });
    }
    case "export-value":
      if (!names.has(request.name)) return failed({ message: `There is no "${request.name}".` });
      return ok(jsonOf(names.get(request.name)));
    case "forget":
      for (const name of request.names) names.delete(name);
      return ok(null);
  }
}

const ok = (value: unknown): Reply => ({ answer: { status: "ok", value, variables: [] } });
const failed = (problem: Problem): Reply => ({ answer: { status: "error", problem } });

async function run(id: number, request: Extract<KernelRequest, { type: "run" }>): Promise<Reply> {
  width = request.width;
  const output = new RunOutput(request.run, send);
  const current: Running = { id, cell: request.cell, output, interrupted: Promise.withResolvers<never>() };
  // Nobody waits for it between two steps; that is no unhandled failure.
  current.interrupted.promise.catch(() => undefined);
  for (const [run, known] of charts) if (known[0]?.cell === request.cell) charts.delete(run);
  running = current;
  try {
    const call = load(request.code).then((cell) => cell(scopeFor(request.needs, ownNames(current))));
    const { names: defined, value } = await Promise.race([call, current.interrupted.promise]);
    for (const [name, one] of Object.entries(defined)) names.set(name, one);
    if (request.name !== null) names.set(request.name, value);
    show(current, value);
    const all = request.name === null ? defined : { ...defined, [request.name]: value };
    const variables = Object.entries(all).map(([name, one]) => describeVariable(name, one));
    return { answer: { status: "ok", value: null, variables } };
  } catch (error) {
    return error instanceof Interrupted ? { answer: { status: "interrupted" } } : failed(problemOf(error));
  } finally {
    output.close();
    running = null;
  }
}

async function evaluate(id: number, expressions: readonly CompiledCode[], as: "values" | "texts"): Promise<Reply> {
  const output = new RunOutput("", () => undefined);
  const current: Running = { id, cell: "", output, interrupted: Promise.withResolvers<never>() };
  current.interrupted.promise.catch(() => undefined);
  running = current;
  try {
    const values: WireValue[] = [];
    for (const { code, needs } of expressions) {
      const call = load(code).then((cell) => cell(scopeFor(needs, {})));
      const { value } = await Promise.race([call, current.interrupted.promise]);
      values.push(as === "texts" ? { type: "json", value: proseText(value) } : wireValue(value));
    }
    return ok(values);
  } catch (error) {
    return error instanceof Interrupted ? { answer: { status: "interrupted" } } : failed(problemOf(error));
  } finally {
    running = null;
  }
}

function valueFrom(value: WireValue, body: Uint8Array | null): unknown {
  switch (value.type) {
    case "json":
      return value.value;
    case "time":
    case "date":
      return new Date(value.iso);
    case "bigint":
      return BigInt(value.digits);
    case "window":
      return Object.freeze({ start: new Date(value.start), end: new Date(value.end) });
    case "table":
      return withProperties(decodeTable(body ?? new Uint8Array()), value.properties ?? {});
  }
}

/** The values of a kpi as properties of its table of readings; a name that tables have keeps its meaning. */
function withProperties(table: object, properties: Readonly<Record<string, unknown>>): unknown {
  for (const [name, value] of Object.entries(properties))
    if (!(name in table)) Object.defineProperty(table, name, { value, enumerable: false });
  return table;
}

function wireValue(value: unknown): WireValue {
  if (value instanceof Date) return { type: "time", iso: value.toISOString() };
  if (typeof value === "bigint") return { type: "bigint", digits: String(value) };
  return { type: "json", value: jsonOf(value) };
}

function proseText(value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? inspect(value, { depth: 2, compact: true }) : String(value);
}

function jsonOf(value: unknown): unknown {
  return toJson(isTable(value) ? [...value] : value);
}

/** Where a cell's module stands in a stack: its lines are those of the cell. */
const IN_CELL = /data:text\/javascript[^\s)]*?:(\d+):(\d+)\)?$/;

function problemOf(error: unknown): Problem {
  if (!(error instanceof Error)) return { message: `The cell threw ${inspect(error, { depth: 1 })}.` };
  const place = (error.stack ?? "")
    .split("\n")
    .map((line) => IN_CELL.exec(line))
    .find((found) => found !== null);
  const message = error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
  return {
    message: message.replaceAll(/data:text\/javascript\S*/g, "the cell"),
    ...(place == null ? {} : { line: Number(place[1]), column: Number(place[2]) }),
  };
}

function print(stream: "out" | "error", values: readonly unknown[]): void {
  const text = values.map((value) => (typeof value === "string" ? value : inspect(value, { depth: 4 }))).join(" ");
  running?.output.log(stream, `${text}\n`);
}

const own = globalThis as unknown as Record<string, unknown>;
const console = own.console as Record<string, unknown>;
for (const name of ["log", "info", "debug", "dir", "table"])
  console[name] = (...values: unknown[]) => print("out", values);
for (const name of ["warn", "error", "trace"]) console[name] = (...values: unknown[]) => print("error", values);
// The worker's own doors are closed to cells: what they say goes through `display` and the console.
for (const name of ["postMessage", "close"]) own[name] = undefined;
Object.defineProperty(runtime.Deno, "exit", {
  value: () => {
    throw new Error("A cell cannot end the kernel; throw an error to end the cell.");
  },
});
(
  own.addEventListener as (
    type: string,
    listener: (event: { preventDefault(): void; reason?: unknown }) => void,
  ) => void
)("unhandledrejection", (event) => {
  event.preventDefault();
  print("error", [`A promise failed and nobody waited for it: ${problemOf(event.reason).message}`]);
});

function receive({ message, body }: Passed<ToKernel>): void {
  switch (message.type) {
    case "request": {
      const { id, request } = message;
      queue = queue.then(async () => {
        let reply: Reply;
        try {
          reply = await perform(id, request, body);
        } catch (error) {
          reply = failed(problemOf(error));
        }
        send({ type: "answer", id, answer: reply.answer }, reply.body ?? null);
      });
      return;
    }
    case "interrupt":
      if (running?.id === message.id) running.interrupted.reject(new Interrupted());
      return;
    case "resize":
      width = message.width;
      for (const [run, known] of charts)
        for (const { cell, index, chart } of known)
          send({ type: "redrawn", cell, run, index, display: chart.draw(width) });
      return;
    case "query-result": {
      const waiting = queries.get(message.query);
      queries.delete(message.query);
      if (message.error === null) waiting?.resolve(body ?? new Uint8Array());
      else waiting?.reject(new Error(message.error));
      return;
    }
  }
}

runtime.onmessage = ({ data }) => receive(data as Passed<ToKernel>);
