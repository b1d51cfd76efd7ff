/**
 * The life of a child process as one pure table. Everyone who shows or drives a child (engine, kernel, loader)
 * uses these words.
 */

/** Why a process is not there any more. `stderrTail` is the end of what it printed, at most 4 kB. */
export type EndReason =
  | { readonly kind: "requested" }
  | { readonly kind: "time-limit"; readonly limitMillis: number }
  | { readonly kind: "out-of-memory"; readonly limitBytes: number | null }
  | { readonly kind: "failed-to-start"; readonly problem: string; readonly stderrTail: string }
  | { readonly kind: "killed"; readonly signal: string; readonly stderrTail: string }
  | { readonly kind: "left"; readonly code: number; readonly stderrTail: string }
  | { readonly kind: "broken-protocol"; readonly problem: string };

export type ProcessPhase = "starting" | "idle" | "busy" | "interrupting" | "ended";
export type ProcessState =
  | { readonly phase: "starting" }
  | { readonly phase: "idle" }
  | { readonly phase: "busy" }
  | { readonly phase: "interrupting" }
  | { readonly phase: "ended"; readonly because: EndReason };

/** `work` and `settle` bracket the time in which the process has something to do; `interrupt` asks it to stop that. */
export type ProcessEvent =
  | { readonly type: "ready" }
  | { readonly type: "work" }
  | { readonly type: "interrupt" }
  | { readonly type: "settle" }
  | { readonly type: "end"; readonly because: EndReason };

type LivePhase = Exclude<ProcessPhase, "ended">;
type LiveEvent = Exclude<ProcessEvent["type"], "end">;

/** What an event makes of a living process; null: the event means nothing in that phase and changes nothing. */
const LIVE: Record<LivePhase, Record<LiveEvent, LivePhase | null>> = {
  starting: { ready: "idle", work: null, interrupt: null, settle: null },
  idle: { ready: null, work: "busy", interrupt: null, settle: null },
  busy: { ready: null, work: null, interrupt: "interrupting", settle: "idle" },
  interrupting: { ready: null, work: null, interrupt: null, settle: "idle" },
};

/** The state after `event`; the same object when the event changes nothing. The first end reason stands for good. */
export function nextState(state: ProcessState, event: ProcessEvent): ProcessState {
  if (state.phase === "ended") return state;
  if (event.type === "end") return { phase: "ended", because: event.because };
  const phase = LIVE[state.phase][event.type];
  return phase === null ? state : { phase };
}
