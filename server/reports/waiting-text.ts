import { countOf } from "../../cells/views/number-text.ts";
import { momentText } from "../../cells/views/time-text.ts";

export interface Awaited {
  readonly job: string;
  /** Null where the job is gone. */
  readonly paused: boolean | null;
  /** Runs on their way that become revisions: those that fill the past, and the schedule's. */
  readonly past: number;
  readonly scheduled: number;
  /** When the job is due next, ISO 8601. */
  readonly nextTime: string | null;
  readonly zone: string;
}

/** What a report without a revision waits for; a sentence. */
export function waitingText({ job, paused, past, scheduled, nextTime, zone }: Awaited): string {
  const none = "No revision yet";
  if (past > 0)
    return `${none}: ${countOf(past, "run")} of the past ${past === 1 ? "is" : "are"} still on ${past === 1 ? "its" : "their"} way, and the first that has data makes one.`;
  if (scheduled > 0) return `${none}: a run of ${job} is on its way.`;
  if (paused === null) return `${none}, and none will come: its job ${job} is gone.`;
  if (paused) return `${none}: its job ${job} is paused.`;
  return nextTime === null
    ? `${none}: one is made when ${job} runs next.`
    : `${none}: one is made when ${job} runs next, at ${momentText(nextTime, zone)}.`;
}
