import { type Cell, type Document, findCell } from "../../cells/document/document.ts";
import { acceptGivenValue } from "../../cells/kinds/input/accept-input-value.ts";
import { type Reading, type Verdict, verdictOfReadings, worstOf } from "../../cells/results/reading.ts";
import { cellStatus, isStatic } from "../../cells/session/cell-status.ts";
import { sessionGraph } from "../../cells/session/derived.ts";
import { inputSpecOf } from "../../cells/session/input-value.ts";
import type { Operation, Problem } from "../../cells/session/operation.ts";
import type { CellStatus, SessionState } from "../../cells/session/state.ts";
import type { StreamRows } from "./count-rows.ts";
import type { SessionLog, SessionPorts } from "./ports.ts";
import { createSession, type Session } from "./session.ts";

/** Rows of a table that a headless run hands over where nothing else is said. */
const MOST_ROWS = 10_000;
const WHO = "run";

export interface RunOptions {
  readonly path: string;
  readonly document: Document;
  /** Nothing is restored from `results` or written to `file`: a run depends on its arguments alone. */
  readonly ports: Omit<SessionPorts, "results" | "file">;
  readonly log: SessionLog;
  /** Values of inputs by name; text is read as the input's type, as on a command line. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly window?: string;
  /** A time as people write it; the watermark if absent. */
  readonly asOf?: string;
  /** What relative windows count from, ISO 8601: a run that begins late measures what it was due to. The as-of if absent. */
  readonly dueAt?: string;
  /** Only this cell and what it reads. */
  readonly cell?: string;
  readonly signal?: AbortSignal;
  /** Streams whose rows are counted at the as-of, asked at the end. */
  readonly counted?: () => readonly string[];
  /** Rows of each table that are handed over; 10 000 if absent. */
  readonly mostRows?: number;
  /** Rows of an Arrow IPC stream as JSON objects. */
  readonly rowsOf: (arrow: Uint8Array) => unknown[];
  readonly observe?: (operation: Operation, state: SessionState) => void;
}

export interface CellOutcome {
  readonly id: string;
  readonly name: string | null;
  readonly kind: Cell["kind"];
  readonly status: "ok" | "error" | "skipped";
  readonly durationMillis: number;
  readonly value?: unknown;
  readonly table?: {
    readonly columns: readonly { readonly name: string; readonly type: string }[];
    readonly rows: readonly unknown[];
    readonly rowCount: number;
  };
  readonly readings: readonly Reading[];
  readonly logs: readonly { readonly stream: "out" | "error"; readonly text: string }[];
  readonly error?: Problem;
}

/** What `driftbook run --json` prints. */
export interface NotebookOutcome {
  readonly notebook: string;
  readonly asOf: string;
  readonly window: readonly [start: string, end: string] | null;
  readonly verdict: Verdict;
  readonly durationMillis: number;
  readonly cells: readonly CellOutcome[];
}

/** The arguments do not fit the notebook or the data; the message says what would be right. */
export class RunRefused extends Error {
  override readonly name = "RunRefused";
}

/**
 * Runs a notebook from top to bottom in processes of its own, through the same session that browsers use, and ends
 * them. `state` is the session at its end: what a page of the run is drawn from. @throws RunRefused, and the signal's
 * reason where it ends before the first cell begins
 */
export async function runNotebook(options: RunOptions): Promise<{
  readonly outcome: NotebookOutcome;
  readonly state: SessionState;
  readonly rows: readonly StreamRows[];
}> {
  const { path, document, ports, log, asOf, dueAt, signal } = options;
  const startedMillis = ports.clock();
  const session = await createSession({
    path,
    document,
    log,
    ports: { ...ports, file: { save: async () => ({ hash: "" }) } },
    ...(asOf === undefined ? {} : { asOf }),
    ...(dueAt === undefined ? {} : { dueAt }),
  });
  const stop = session.observe((operation) => options.observe?.(operation, session.state));
  const abort = (): void => void session.perform({ type: "interrupt", request: 1 }, WHO);
  signal?.addEventListener("abort", abort);
  try {
    await prepare(session, options);
    // Until here there was nothing to interrupt; what was asked to end then must not begin.
    signal?.throwIfAborted();
    await session.perform({ type: "run", request: 1, cells: options.cell === undefined ? "all" : [options.cell] }, WHO);
    await session.idle();
    const { state } = session;
    if (state.asOf === null) throw new RunRefused(state.processes.engine.message ?? "There is no data to run over.");
    const cells: CellOutcome[] = [];
    for (const cell of state.document.cells)
      if (concerns(state, cell, options.cell)) cells.push(await outcomeOf(session, cell, options));
    const outcome: NotebookOutcome = {
      notebook: path,
      asOf: state.asOf,
      window: state.window.resolved === null ? null : [state.window.resolved.start, state.window.resolved.end],
      verdict: worstOf(cells.map((cell) => (cell.status === "error" ? "error" : verdictOfReadings(cell.readings)))),
      durationMillis: ports.clock() - startedMillis,
      cells,
    };
    const rows = signal?.aborted === true ? [] : await session.countRows(options.counted?.() ?? []);
    return { outcome, state, rows };
  } finally {
    signal?.removeEventListener("abort", abort);
    stop();
    await session.close();
  }
}

/** Takes the arguments before anything runs. Manual mode: what runs is what was asked for, each cell once. */
async function prepare(session: Session, { set = {}, window, cell }: RunOptions): Promise<void> {
  await session.analysed();
  const { document } = session.state;
  if (cell !== undefined && findCell(document, cell) === undefined)
    throw new RunRefused(`There is no cell "${cell}" in ${session.state.path}.`);
  await session.perform({ type: "set-mode", request: 1, mode: "manual" }, WHO);
  if (window !== undefined) await session.perform({ type: "set-window", request: 1, window }, WHO).catch(refuse);
  const inputs = document.cells.filter((one) => one.kind === "input" && one.name !== null);
  for (const [name, given] of Object.entries(set)) {
    const input = inputs.find((one) => one.name === name);
    if (input === undefined) {
      const names = inputs.map((one) => one.name).join(", ");
      throw new RunRefused(`There is no input "${name}"; this notebook has ${names === "" ? "none" : names}.`);
    }
    await session.perform(
      { type: "move-input", request: 1, cell: input.id, value: valueFor(input, given) as never },
      WHO,
    );
  }
}

function valueFor(input: Cell, given: unknown): unknown {
  const spec = inputSpecOf(input);
  if (spec === null) throw new RunRefused(`The input "${input.name}" has a problem in its text.`);
  const accepted = acceptGivenValue(spec, given);
  if (!accepted.ok) throw new RunRefused(`Cannot set "${input.name}": ${accepted.problem}.`);
  return accepted.value;
}

function refuse(error: unknown): never {
  throw new RunRefused(error instanceof Error ? error.message : String(error));
}

/** Plain prose has no outcome; with one cell asked for, only it and what it reads have. */
function concerns(state: SessionState, cell: Cell, asked: string | undefined): boolean {
  if (cell.kind === "prose" && isStatic(cell)) return false;
  if (asked === undefined || asked === cell.id) return true;
  const { parents } = sessionGraph(state);
  const above = new Set([asked]);
  for (const id of above) for (const parent of parents.get(id) ?? []) above.add(parent);
  return above.has(cell.id);
}

async function outcomeOf(
  session: Session,
  cell: Cell,
  { rowsOf, mostRows = MOST_ROWS }: RunOptions,
): Promise<CellOutcome> {
  const { state } = session;
  const run = state.runs[cell.id];
  const { status, error } = verdictOf(state, cell, cellStatus(state, cell.id));
  const common = {
    id: cell.id,
    name: cell.name,
    kind: cell.kind,
    status,
    readings: run?.result?.readings ?? [],
    logs: run?.logs ?? [],
  };
  const outcome = { ...common, durationMillis: run?.durationMillis ?? 0, ...(error === null ? {} : { error }) };
  if (status !== "ok") return outcome;
  const table = run?.result?.table;
  if (run !== undefined && table != null) {
    const view = { cell: cell.id, run: run.run, sort: [], filters: [] };
    const { arrow } = await session.rows(view, 0, mostRows);
    return { ...outcome, table: { ...table, rows: rowsOf(arrow) } };
  }
  const name = valueName(state, cell);
  return name === null ? outcome : { ...outcome, value: await session.valueOf(name) };
}

/** The cell's own name, or the only one that it defines. */
function valueName(state: SessionState, cell: Cell): string | null {
  if (cell.kind !== "ts" && cell.kind !== "input") return null;
  const defines = state.analyses[cell.id]?.defines ?? [];
  return cell.name ?? (defines.length === 1 ? defines[0]! : null);
}

function verdictOf(
  state: SessionState,
  cell: Cell,
  status: CellStatus,
): { readonly status: CellOutcome["status"]; readonly error: Problem | null } {
  switch (status.state) {
    case "fresh":
      return { status: "ok", error: null };
    case "failed":
      return { status: "error", error: status.problem };
    case "blocked": {
      // A problem of its own is an error; one of a cell above makes this one skipped.
      const own = sessionGraph(state).problems.has(cell.id);
      return { status: own ? "error" : "skipped", error: status.because };
    }
    case "stale":
      return { status: "skipped", error: { message: `Not run to its end: ${status.because}.` } };
    case "never":
    case "queued":
    case "running":
      return { status: "skipped", error: null };
  }
}
