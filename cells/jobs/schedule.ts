import { Cron } from "croner";
import { nearest } from "../yaml/nearest.ts";

export type ScheduleRead =
  | { readonly ok: true; readonly cron: string }
  | { readonly ok: false; readonly problem: string };

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
const EXPECTED =
  'write five fields such as "0 6 * * *", or every day at 06:00, every monday at 06:00, every weekday at 06:00, every hour, every 15 minutes';

/**
 * A schedule as people write it, as a cron text of five fields: minute, hour, day of the month, month, day of the week.
 * Where both days are given, either is enough, as in cron. Refused: six fields, names such as @daily, and what no date
 * ever meets.
 */
export function parseSchedule(text: string): ScheduleRead {
  const words = text.trim().toLowerCase().replaceAll(/\s+/g, " ");
  const cron = words.startsWith("every ") ? inWords(words) : words;
  if (cron === null) return { ok: false, problem: `"${text}" is no schedule; ${EXPECTED}${meant(words)}` };
  const fields = cron.split(" ");
  if (fields.length !== 5)
    return {
      ok: false,
      problem: `"${text}" has ${fields.length === 1 ? "one field" : `${fields.length} fields`}; ${EXPECTED}`,
    };
  try {
    const pattern = cronOf(cron, "UTC");
    if (pattern.nextRun(new Date(0)) === null)
      return {
        ok: false,
        problem: `"${text}" never comes: no month of these has such a day; take one that a month has, such as 28`,
      };
  } catch (error) {
    const because = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
    return { ok: false, problem: `"${text}" is no schedule: ${because}; ${EXPECTED}` };
  }
  return { ok: true, cron };
}

/**
 * The next `count` times after `after` (ISO 8601), in the zone's wall time, as ISO 8601 UTC. A time that the clock skips
 * comes at the end of the gap; one that it shows twice comes the first time, while a field of `*` or steps comes both
 * times, so that every hour stays every hour. `cron` is what `parseSchedule` gave.
 */
export function nextTimes(cron: string, zone: string, after: string, count: number): string[] {
  return cronOf(cron, zone)
    .nextRuns(count, new Date(after))
    .map((date) => date.toISOString());
}

/** The last `count` due times before `before` (ISO 8601), newest first, as ISO 8601 UTC. */
export function previousTimes(cron: string, zone: string, before: string, count: number): string[] {
  return cronOf(cron, zone)
    .previousRuns(count, new Date(before))
    .map((date) => date.toISOString());
}

const cronOf = (cron: string, timezone: string): Cron => new Cron(cron, { timezone, paused: true, mode: "5-part" });

function inWords(words: string): string | null {
  if (words === "every hour") return "0 * * * *";
  const steps = /^every (\d{1,2}) (minute|hour)s?$/.exec(words);
  if (steps !== null) {
    const [size, most] = [Number(steps[1]), steps[2] === "minute" ? 60 : 24];
    // Uneven steps would begin anew at every full hour or day.
    if (size < 1 || most % size !== 0) return null;
    if (steps[2] === "minute") return size === 60 ? "0 * * * *" : `*/${size} * * * *`;
    return size === 24 ? "0 0 * * *" : `0 */${size} * * *`;
  }
  const daily =
    /^every (day|weekday|sunday|monday|tuesday|wednesday|thursday|friday|saturday) at (\d{1,2}):(\d\d)$/.exec(words);
  if (daily === null) return null;
  const [, day, hour, minute] = daily as unknown as [string, string, string, string];
  if (Number(hour) > 23 || Number(minute) > 59) return null;
  const days = day === "day" ? "*" : day === "weekday" ? "1-5" : String(DAYS.indexOf(day as (typeof DAYS)[number]));
  return `${Number(minute)} ${Number(hour)} * * ${days}`;
}

function meant(words: string): string {
  const day = /^every (\w+) at /.exec(words)?.[1];
  const known = day === undefined ? null : nearest(day, [...DAYS, "day", "weekday"]);
  return known === null || known === day ? "" : `; did you mean ${known}?`;
}
