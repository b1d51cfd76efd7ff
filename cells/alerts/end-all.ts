import { type Alert, isEnded } from "./alert.ts";
import type { Judgement } from "./judge-run.ts";

/** All of a job's alerts when the job itself is gone: those that somebody was told of are told as gone. */
export function endAll(known: readonly Alert[], reason: string, atMillis: number): Judgement {
  const open = known.filter(({ state }) => !isEnded(state));
  return {
    alerts: open.map((alert) => ({ ...alert, state: "gone", reason, endedMillis: atMillis })),
    changes: open.map((alert) => ({
      alert: alert.id,
      run: alert.run,
      atMillis,
      from: alert.state,
      to: "gone",
      notify: alert.told !== null && alert.closed === null,
      reason,
      observation: alert.observation,
    })),
  };
}
