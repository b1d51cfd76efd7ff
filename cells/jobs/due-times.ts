import type { JobPlan } from "./job-plan.ts";
import { nextTimes } from "./schedule.ts";

const AT_ONCE = 128;
const NEXT_SHOWN = 5;

/**
 * Due times of many jobs, each schedule computed once: the calendar costs some 0.1 ms for every time. All times are
 * milliseconds since 1970.
 */
export class DueTimes {
  readonly #known = new Map<string, { from: number; times: number[] }>();

  /**
   * The first `count` due times after `after`, ascending; fewer where the schedule ends. Of those later than `until` only
   * the first need be there: more would be computed for nothing.
   */
  after(
    cron: string,
    zone: string,
    after: number,
    count: number,
    until: number = Number.POSITIVE_INFINITY,
  ): readonly number[] {
    const key = `${zone} ${cron}`;
    let held = this.#known.get(key);
    if (held === undefined || after < held.from || after > (held.times.at(-1) ?? held.from)) {
      held = { from: after, times: [] };
      this.#known.set(key, held);
    }
    let first = firstAfter(held.times, after);
    while (held.times.length - first < count && (held.times.length === first || held.times.at(-1)! <= until)) {
      const last = held.times.at(-1) ?? held.from;
      const more = nextTimes(cron, zone, new Date(last).toISOString(), AT_ONCE).map(Date.parse);
      if (more.length === 0) break;
      if (first > 4 * AT_ONCE) {
        held.from = held.times[first - 1]!;
        held.times.splice(0, first);
        first = 0;
      }
      held.times.push(...more);
    }
    return held.times.slice(first, first + count);
  }

  /** The next five, as ISO 8601 UTC. */
  next({ cron, zone }: Pick<JobPlan, "cron" | "zone">, after: number): string[] {
    return this.after(cron, zone, after, NEXT_SHOWN).map((time) => new Date(time).toISOString());
  }
}

function firstAfter(times: readonly number[], after: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
