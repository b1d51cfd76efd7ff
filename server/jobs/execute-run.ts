import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { FrozenVersion } from "../../cells/jobs/version.ts";
import { verdictOfReadings } from "../../cells/results/reading.ts";
import type { SessionState } from "../../cells/session/state.ts";
import { compareInstants } from "../../cells/time/instant.ts";
import type { Run, RunDetail } from "../../cells/wire/http-jobs.ts";
import type { ReadingKeeper } from "../../kernels/session/ports.ts";
import { type CellOutcome, type NotebookOutcome, RunRefused } from "../../kernels/session/run-notebook.ts";
import type { OpenRun } from "../../workspaces/jobs/job-rows.ts";
import type { CellReading, RunResult } from "../../workspaces/jobs/run-result.ts";
import { TransientFailure } from "../../workspaces/jobs/scheduler.ts";
import type { FrozenRun, RanFrozen } from "../sessions.ts";
import { goneStream } from "./gone-stream.ts";
import type { RunOutput } from "./run-outputs.ts";

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Timers hold no longer time: a later one would end at once. */
const LONGEST_TIMER_MILLIS = 2 ** 31 - 1;

/** Rows of a table that a run keeps. */
const MOST_ROWS = 1000;

export interface ExecuteParts {
  readonly runFrozen: (wish: FrozenRun) => Promise<RanFrozen>;
  readonly engine: NonNullable<FrozenRun["engine"]>;
  /** Of other processes of the run, as `os.setPriority` takes it. */
  readonly priority: number;
  /** Where readings find what they were derived from. */
  readonly readings: ReadingKeeper;
  readonly program: NonNullable<Run["program"]>;
  /** Streams that have a contract now. */
  readonly streams: () => ReadonlySet<string>;
}

export interface Executed {
  readonly result: RunResult;
  readonly output: RunOutput;
  readonly outcome: NotebookOutcome;
  readonly state: SessionState;
}

/**
 * One attempt of a run: the frozen version in processes of its own, over its window, due at and as of its times. `earlier`: the
 * kept readings of the run that this one repeats. @throws TransientFailure where another attempt may do better
 */
export async function executeRun(
  run: Pick<OpenRun, "job" | "window" | "asOf" | "dueAt">,
  frozen: FrozenVersion,
  { timeoutMillis, signal, earlier }: { timeoutMillis: number; signal: AbortSignal; earlier: Uint8Array | null },
  parts: ExecuteParts,
): Promise<Executed> {
  const gone = goneStream(frozen, parts.streams());
  if (gone !== null) throw new Error(gone);
  const readings: CellReading[] = [];
  const name = `jobs/${run.job}`;
  const timeout = AbortSignal.timeout(Math.min(timeoutMillis, LONGEST_TIMER_MILLIS));
  try {
    const { outcome, state, rows, snapshot } = await parts.runFrozen({
      frozen,
      name,
      asOf: run.asOf,
      dueAt: run.dueAt,
      window: run.window,
      engine: parts.engine,
      priority: parts.priority,
      mostRows: MOST_ROWS,
      signal: AbortSignal.any([signal, timeout]),
      readings: {
        keep: async (draft, found) => {
          readings.push(...found.map((reading) => ({ cell: draft.cell, kind: draft.kind, reading })));
          await parts.readings.keep(draft, found);
        },
        before: (draft) => parts.readings.before(draft),
      },
    });
    signal.throwIfAborted();
    if (timeout.aborted) throw new Error(tooLong(timeoutMillis));
    refuseCrash(state);
    const body = await zip(Buffer.from(bodyText(readings)));
    const result: RunResult = {
      verdict: outcome.verdict,
      reason: reasonOf(outcome, readings),
      window: outcome.window ?? run.window,
      asOf: outcome.asOf,
      readings,
      body,
      measured: measuredWindows(readings),
      inputs: rows.map((counts) => ({ ...counts, snapshot })),
      program: parts.program,
      same: earlier === null ? null : (await unzip(earlier)).equals(await unzip(body)),
    };
    return { result, output: { cells: outcome.cells.map(cellOf), runs: state.runs }, outcome, state };
  } catch (error) {
    if (timeout.aborted && !signal.aborted) throw new Error(tooLong(timeoutMillis), { cause: error });
    if (error instanceof RunRefused || error instanceof TransientFailure || signal.aborted) throw error;
    throw isPassing(error) ? new TransientFailure((error as Error).message, { cause: error }) : error;
  }
}

/** From the first to the last that a cell measured, each such window once: what they are of, whatever was asked for. */
function measuredWindows(readings: readonly CellReading[]): NonNullable<Run["window"]>[] {
  const windows = new Map<string, NonNullable<Run["window"]>>();
  const judged = readings.filter(({ reading: { beside, window } }) => beside !== true && window !== null);
  for (const those of Map.groupBy(judged, ({ cell }) => cell).values()) {
    const starts = those.map(({ reading }) => reading.window![0]).sort(compareInstants);
    const ends = those.map(({ reading }) => reading.window![1]).sort(compareInstants);
    const window: [string, string] = [starts[0]!, ends.at(-1)!];
    windows.set(window.join("/"), window);
  }
  return [...windows.values()];
}

/** The same bytes for the same readings. */
function bodyText(readings: readonly CellReading[]): string {
  return JSON.stringify(readings);
}

/** A process that died took results with it; what is shown then is no measurement. @throws TransientFailure */
function refuseCrash({ processes }: SessionState): void {
  for (const { phase, message } of [processes.engine, processes.kernel])
    if (phase === "ended") throw new TransientFailure(message ?? "A process of the run ended.");
}

const PASSING = new Set(["ENOSPC", "EMFILE", "ENFILE", "EAGAIN", "EBUSY", "ETIMEDOUT", "ENOMEM"]);

/** Whether the same attempt may succeed later: the machine was short of something, or the loader was not there. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    PASSING.has((error as NodeJS.ErrnoException).code ?? "") ||
    /not loaded|did not start|not ready/i.test(error.message)
  );
}

function reasonOf({ cells, verdict }: NotebookOutcome, readings: readonly CellReading[]): string | null {
  const failed = cells.find(({ error }) => error !== undefined);
  if (failed !== undefined) {
    const { message, hint } = failed.error!;
    return `${failed.name ?? failed.id}: ${message}${hint === undefined ? "" : ` ${hint}`}`;
  }
  if (verdict === "ok") return null;
  const worst = readings.filter(({ reading }) => reading.beside !== true && reading.verdict === verdict);
  const [first] = worst;
  if (first === undefined) return null;
  const { metric, subject, slice, value, reason } = first.reading;
  const what = `${metric}${subject === null ? "" : ` of ${subject}`}${slice === null ? "" : `, ${slice}`}`;
  // What the reading says names the value as it is judged.
  const said = reason ?? (value === null ? "has no value" : `is ${Number(value.toPrecision(4))}`);
  const more = worst.length === 1 ? "" : ` (and ${worst.length - 1} more)`;
  return `${what}${reason === null ? " " : ": "}${said.replace(/\.$/, "")}${more}`;
}

function cellOf({
  id,
  name,
  kind,
  status,
  durationMillis,
  error,
  logs,
  table,
}: CellOutcome): RunDetail["cells"][number] {
  return {
    id,
    name,
    kind,
    status,
    durationMillis,
    error:
      error === undefined
        ? null
        : { message: error.message, ...(error.line === undefined ? {} : { line: error.line }) },
    logs: logs.slice(0, 200).map(({ stream, text }) => ({ stream, text: text.slice(0, 10_000) })),
    table:
      table === undefined
        ? null
        : {
            columns: table.columns.map((column) => ({ name: column.name, type: column.type })),
            rows: table.rows.slice(0, MOST_ROWS) as NonNullable<RunDetail["cells"][number]["table"]>["rows"],
            rowCount: table.rowCount,
          },
  };
}

function tooLong(millis: number): string {
  const minutes = millis / 60_000;
  const length = minutes >= 1 ? `${Math.round(minutes * 10) / 10} minutes` : `${Math.round(millis / 1000)} seconds`;
  return `It took longer than its timeout of ${length} and was ended; give it more (timeout), or a smaller window.`;
}

/** What stands for a run whose data did not come. */
export function withoutData(
  window: OpenRun["window"],
  reason: string,
  program: NonNullable<Run["program"]>,
  body: Uint8Array,
): RunResult {
  return {
    verdict: verdictOfReadings([{ verdict: "no-data" }]),
    reason,
    window,
    asOf: null,
    readings: [],
    body,
    measured: [],
    inputs: [],
    program,
    same: null,
  };
}
