import { expect, test } from "vitest";
import { millisOf } from "../../../cells/jobs/job-plan.ts";
import type { FrozenVersion } from "../../../cells/jobs/version.ts";
import { RunRefused } from "../../../kernels/session/run-notebook.ts";
import { type ExecuteParts, executeRun } from "../../../server/jobs/execute-run.ts";
import type { FrozenRun, RanFrozen } from "../../../server/sessions.ts";
import { TransientFailure } from "../../../workspaces/jobs/scheduler.ts";

const FROZEN: FrozenVersion = {
  notebook: "a.nb.md",
  cell: null,
  text: "",
  set: {},
  window: null,
  contracts: [{ stream: "cards", hash: "h", contract: null }],
  lock: null,
};
const IDLE = { phase: "idle", message: null, hint: null } as const;

/** What a run without cells gives. */
function ran(engine: RanFrozen["state"]["processes"]["engine"] = IDLE): RanFrozen {
  const outcome = {
    notebook: "a",
    asOf: "2026-03-01T00:00:00.000Z",
    window: null,
    verdict: "ok",
    durationMillis: 1,
    cells: [],
  };
  return {
    outcome,
    state: { processes: { engine, kernel: IDLE }, runs: {} },
    snapshot: "s",
    rows: [],
  } as unknown as RanFrozen;
}

function execute(
  runFrozen: (wish: FrozenRun) => Promise<RanFrozen>,
  options: { timeoutMillis?: number; signal?: AbortSignal; streams?: string[] } = {},
) {
  const parts: ExecuteParts = {
    runFrozen,
    engine: () => {
      throw new Error("No engine is asked for here.");
    },
    priority: 10,
    readings: { keep: async () => {}, before: async () => null },
    program: { driftbook: "1", engine: "1" },
    streams: () => new Set(options.streams ?? ["cards"]),
  };
  const { timeoutMillis = 60_000, signal = new AbortController().signal } = options;
  return executeRun(
    { job: "a", window: null, asOf: null, dueAt: null },
    FROZEN,
    { timeoutMillis, signal, earlier: null },
    parts,
  );
}

/** Goes on until it is interrupted, as a session does. */
const untilInterrupted = ({ signal }: FrozenRun): Promise<RanFrozen> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(ran())));

test("a run that goes on beyond its timeout is interrupted, and fails with what to do", async () => {
  const failed = execute(untilInterrupted, { timeoutMillis: 30 });
  await expect(failed).rejects.toThrow("It took longer than its timeout of 0 seconds and was ended; give it more");
  await expect(failed).rejects.not.toBeInstanceOf(TransientFailure);
});

test("a cancelled run gives its reason and no result", async () => {
  const abort = new AbortController();
  const failed = execute(untilInterrupted, { signal: abort.signal });
  abort.abort(new Error("Cancelled by somebody."));
  await expect(failed).rejects.toThrow("Cancelled by somebody.");
});

test("a process that died under the run is worth another attempt, whatever the cells say", async () => {
  const failed = execute(async () => ran({ phase: "ended", message: "The SQL engine was killed.", hint: null }));
  await expect(failed).rejects.toBeInstanceOf(TransientFailure);
});

test.each([
  [Object.assign(new Error("no space left"), { code: "ENOSPC" }), true],
  [new Error("The log is not loaded up to 10:00 yet."), true],
  [new RunRefused("There is no data to run over."), false],
  [new TypeError("x is not a function"), false],
])("%s: another attempt %s", async (error, again) => {
  const failed = execute(() => Promise.reject(error));
  await expect(failed).rejects.toThrow(error.message);
  expect(await failed.catch((thrown: unknown) => thrown instanceof TransientFailure)).toBe(again);
});

test("a stream that is gone is said before anything runs", async () => {
  const failed = execute(() => Promise.reject(new Error("It ran.")), { streams: [] });
  await expect(failed).rejects.toThrow('The stream "cards" is gone: bring streams/cards.yaml back');
});

test.each(["25 days", "1 month", "1 year"])("a timeout of %s ends no run before its time", async (timeout) => {
  const slow = async ({ signal }: FrozenRun): Promise<RanFrozen> => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    signal.throwIfAborted();
    return ran();
  };
  const { result } = await execute(slow, { timeoutMillis: millisOf(timeout) });
  expect(result.verdict).toBe("ok");
});
