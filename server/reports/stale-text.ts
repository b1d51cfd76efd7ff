import { momentText } from "../../cells/views/time-text.ts";
import type { Tick } from "../../cells/wire/http-jobs.ts";

export interface Followed {
  readonly job: string;
  /** Null where the job is gone. */
  readonly paused: boolean | null;
  /** Of the job, newest first. */
  readonly ticks: readonly Tick[];
  /** The newest due time of which there is a revision, or when the report began if that is later. */
  readonly since: string;
  /** Due times whose run or revision is on its way. */
  readonly coming: ReadonlySet<string>;
  /** Why a run that is done has no page, by its due time; a sentence. */
  readonly problems: ReadonlyMap<string, string>;
  readonly zone: string;
}

/**
 * Since when a report lacks a revision that its schedule promised, and why; null where nothing lacks. Without `reasons`
 * what a run says of itself is kept back: it may quote values that readers of a report must not see.
 */
export function staleText(followed: Followed, { reasons }: { readonly reasons: boolean }): string | null {
  const { job, paused, ticks, since, coming, problems, zone } = followed;
  if (paused === null) return `its job ${job} is gone: no newer revision will come.`;
  const missed = ticks.filter((tick) => tick.scheduledFor > since && !coming.has(tick.scheduledFor) && isSettled(tick));
  const [last, first] = [missed[0], missed.at(-1)];
  if (last === undefined || first === undefined) return paused ? `its job ${job} is paused.` : null;
  const why = (tick: Tick): string => whyText(tick, problems.get(tick.scheduledFor) ?? null, reasons);
  const [begun, then] = [why(first), why(last)];
  const more =
    missed.length === 1
      ? ""
      : ` ${missed.length} due times have no revision by now${then === begun ? "" : `; the run due at ${momentText(last.scheduledFor, zone)} ${then}`}.`;
  return `since ${momentText(first.scheduledFor, zone)}. The run that was due then ${begun}.${more}`;
}

/** By whom follows. */
const CANCELLED = "Cancelled by ";

const isSettled = ({ state }: Tick): boolean => state === "failed" || state === "skipped" || state === "done";

function whyText({ state, reason, verdict }: Tick, problem: string | null, reasons: boolean): string {
  const said = (text: string | null): string => (text === null ? "" : `: ${text.replace(/\.$/, "")}`);
  if (state === "skipped" && !reasons && reason?.startsWith(CANCELLED)) return "was cancelled";
  // Why a tick was skipped is said by the scheduler, in its own words.
  if (state === "skipped") return `was skipped${said(reason)}`;
  if (state === "failed") return `failed${said(reasons ? reason : null)}`;
  if (verdict === "no-data") return `had no data${said(reasons ? reason : null)}`;
  return `gave no revision${said(reasons ? (problem ?? reason) : null)}`;
}
