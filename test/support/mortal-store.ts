import type { NewRun, OpenTick } from "../../workspaces/jobs/job-rows.ts";
import type { SchedulerStore } from "../../workspaces/jobs/scheduler.ts";

/** The process died; nothing it holds acts any more. */
export class Crash extends Error {
  override readonly name = "Crash";
}

export interface Mortal {
  /** Asked before and after each call: whether the process dies there. */
  readonly dies: () => boolean;
  readonly isDead: () => boolean;
  readonly onDeath: () => void;
  readonly onStale: () => void;
  readonly overlapOf: (job: string) => "skip" | "queue" | "cancel";
}

/**
 * The store as a process sees it that may die around each call. What the scheduler decides is held against the rules
 * of `overlap` on the way. @throws Crash; Error where a decision breaks a rule
 */
export function mortalStore<S extends SchedulerStore>(store: S, mortal: Mortal): S {
  const die = (): never => {
    mortal.onDeath();
    throw new Crash("The process died.");
  };
  return new Proxy(store, {
    get: (target, key) => {
      const value = Reflect.get(target, key, target) as unknown;
      if (typeof value !== "function") return value;
      return (...words: unknown[]): unknown => {
        if (mortal.isDead()) throw new Crash("It is dead.");
        if (mortal.dies()) die();
        checkOverlap(store, String(key), words, mortal);
        const answer: unknown = Reflect.apply(value, target, words);
        if (key === "publish" && answer === false) mortal.onStale();
        if (mortal.dies()) die();
        return answer;
      };
    },
  });
}

/** What serves a job's ticks goes on one after the other; what comes due meanwhile is skipped, waits, or takes its place. */
function checkOverlap(store: SchedulerStore, call: string, words: readonly unknown[], { overlapOf }: Mortal): void {
  if (call !== "serve" && call !== "wait" && call !== "skip") return;
  const [tick, second] = words as [OpenTick, string | NewRun];
  const reason = typeof second === "string" ? second : "";
  const others = store.activeOf([tick.job]).filter(({ purpose }) => purpose === "scheduled");
  const waited = tick.late || tick.reason !== null;
  const overlap = overlapOf(tick.job);
  const wrong = (what: string): never => {
    throw new Error(`${tick.job} (overlap: ${overlap}): ${what}: ${JSON.stringify({ tick, others, reason })}`);
  };
  if (call === "serve" && others.length > 0) wrong("it is served while another is");
  if (call === "wait" && reason.startsWith("It waits for the run of")) {
    if (others.length === 0) wrong("it waits for nothing");
    if (!waited && overlap !== "queue") wrong("it came due while another went on, and waits");
  }
  if (call === "skip" && reason.includes("(overlap:")) {
    if (others.length === 0) wrong("nothing went on");
    if (waited || overlap === "cancel") wrong("it must not be skipped");
    if (
      overlap === "queue" &&
      !store.openTicksOf([tick.job], 1e9).some((one) => one.scheduledForMillis < tick.scheduledForMillis)
    )
      wrong("nothing waits before it");
  }
}
