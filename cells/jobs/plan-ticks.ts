import type { DueTimes } from "./due-times.ts";
import type { JobPlan } from "./job-plan.ts";

/** A due time that was found, and why nothing will run for it; null where something will. */
export interface PlannedTick {
  readonly scheduledForMillis: number;
  /** It came due while nothing could run; its run waits its turn whatever `overlap` says. */
  readonly late: boolean;
  readonly skipped: string | null;
}

export interface Planned {
  readonly ticks: readonly PlannedTick[];
  /** Up to here every due time is a tick. */
  readonly throughMillis: number;
  /** Null where the schedule has no further time. */
  readonly nextMillis: number | null;
}

/** Later than this after its time a tick was missed, and `catch_up` speaks. */
export const LATE_MILLIS = 60_000;
/** A minute apart at the least: so many can be on time at one moment. */
const MOST_ON_TIME = 2;
/** Due times looked at in one go; the rest comes with the next. */
const AT_ONCE = 300;

/**
 * The ticks that came due after `throughMillis` up to `nowMillis`, with what `catch_up` decides for those that were
 * missed. Time only moves forward here: a clock that was set back finds nothing due until it is past `throughMillis`.
 */
export function planTicks(
  plan: Pick<JobPlan, "cron" | "zone" | "catchUp">,
  due: DueTimes,
  { throughMillis, nowMillis, paused }: { throughMillis: number; nowMillis: number; paused: boolean },
): Planned {
  const { cron, zone, catchUp } = plan;
  const keeps = paused || catchUp.type === "skip" ? 0 : catchUp.type === "all" ? catchUp.most : 1;
  const undecided = keeps + MOST_ON_TIME;
  const times = due.after(cron, zone, throughMillis, AT_ONCE + undecided + 1, nowMillis);
  const found = times.filter((time) => time <= nowMillis);
  // All that were asked for are due: there may be more, so that only those are decided which surely are not the newest
  // missed ones, whatever of the rest is on time.
  const more = found.length === times.length && times.length > undecided;
  const decided = more ? found.slice(0, found.length - undecided) : found;
  const newest = found.at(-1);
  const late = decided.filter((time) => nowMillis - time > LATE_MILLIS);
  const onTime = decided.length > late.length;
  const ticks = decided.map((time, at): PlannedTick => {
    if (paused) return { scheduledForMillis: time, late: false, skipped: "The job was paused." };
    if (at >= late.length) return { scheduledForMillis: time, late: false, skipped: null };
    const fromEnd = late.length - at - 1;
    const skipped = more
      ? missed(catchUp, Number.POSITIVE_INFINITY, 0, false)
      : missed(catchUp, fromEnd, nowMillis - time, onTime);
    return { scheduledForMillis: time, late: true, skipped };
  });
  const nextMillis = more ? newest! : (times[found.length] ?? null);
  return { ticks, throughMillis: decided.at(-1) ?? throughMillis, nextMillis };
}

/** Why a missed tick is not served; null where it is. `fromEnd`: how many missed ones came after it. */
function missed(catchUp: JobPlan["catchUp"], fromEnd: number, ageMillis: number, onTime: boolean): string | null {
  const why = "It came due while nothing could run";
  switch (catchUp.type) {
    case "skip":
      return `${why}; catch_up is skip.`;
    case "all":
      return fromEnd < catchUp.most ? null : `${why}; catch_up serves the newest ${catchUp.most} of such ticks.`;
    case "latest":
      if (fromEnd > 0 || onTime) return `${why}; a later tick stands for it (catch_up: latest).`;
      if (catchUp.withinMillis !== null && ageMillis > catchUp.withinMillis)
        return `${why}, longer ago than catch_up allows.`;
      return null;
  }
}
