import { randomBytes } from "node:crypto";
import type { DueTimes } from "../../cells/jobs/due-times.ts";
import type { Version } from "../../cells/jobs/version.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import type { Queued, Run } from "../../cells/wire/http-jobs.ts";
import type { JobQueue } from "../../workspaces/jobs/job-queue.ts";
import { isoOf, type NewRun, type StoredJob } from "../../workspaces/jobs/job-rows.ts";
import { HttpError } from "../http-error.ts";
import type { KnownJobs } from "./known-jobs.ts";
import { runWindow } from "./run-window.ts";

export interface AskedRunsParts {
  readonly known: KnownJobs;
  readonly queue: Pick<JobQueue, "ask">;
  readonly due: DueTimes;
  /** Runs wait in the queue. */
  readonly begin: () => void;
  readonly cancel: (run: string, reason: string) => boolean;
}

const MOST_BACKFILLED = 1000;

/** Runs that somebody asks for: now, over the past, or again. */
export class AskedRuns {
  readonly #known: KnownJobs;
  readonly #due: DueTimes;
  readonly #parts: AskedRunsParts;

  constructor(parts: AskedRunsParts) {
    this.#known = parts.known;
    this.#due = parts.due;
    this.#parts = parts;
  }

  /** One run beside the schedule, at once, due at its as-of or now. @throws HttpError 422 where nothing can be known yet */
  runNow(
    name: string,
    { window, asOf }: { readonly window: ResolvedWindow | null; readonly asOf: string | null },
  ): Queued {
    const { stored, version } = this.#known.promoted(name);
    const now = Date.now();
    if (asOf !== null && Date.parse(asOf) > now)
      throw new HttpError(422, `asOf: ${asOf} is in the future; give a time up to now, ${isoOf(now)}.`);
    if (window !== null && Date.parse(window.start) >= now)
      throw new HttpError(422, `window: ${window.start} to ${window.end} is in the future; nothing of it is known.`, {
        hint: "Give a window of the past.",
      });
    const run: NewRun = {
      ...this.#newRun(stored, version, "manual", asOf === null ? now : Date.parse(asOf)),
      asOf,
      ...(asOf === null ? {} : { dueAt: asOf }),
      ...(window === null ? {} : { window: [window.start, window.end] as const }),
    };
    return this.#ask([{ ...run, scheduledForMillis: now }]);
  }

  /** The job's due times in a range of the past, at most one more than can be backfilled at once. */
  dueIn(name: string, range: ResolvedWindow): readonly number[] {
    const { cron, zone } = this.#known.stored(name).plan;
    const [from, to] = [Date.parse(range.start), Math.min(Date.parse(range.end), Date.now())];
    return this.#due.after(cron, zone, from - 1, MOST_BACKFILLED + 1, to).filter((time) => time < to);
  }

  /**
   * One run for each due time in the range, whatever ran for it before. With `begin: false` they wait for whoever opens
   * the workspace next.
   */
  backfill(
    name: string,
    range: ResolvedWindow,
    {
      as,
      alerts,
      begin = true,
    }: { readonly as: "known-then" | "known-now"; readonly alerts: boolean; readonly begin?: boolean },
  ): Queued {
    const { stored, version } = this.#known.promoted(name);
    const times = this.dueIn(name, range);
    if (times.length === 0)
      throw new HttpError(422, `Nothing of ${name} was due from ${range.start} to ${range.end}.`, {
        hint: "Give a range of the past that holds due times.",
      });
    if (times.length > MOST_BACKFILLED)
      throw new HttpError(422, `More than ${MOST_BACKFILLED} runs were due in that range; backfill it in parts.`);
    const now = new Date().toISOString();
    return this.#ask(
      times.map((time) => ({
        ...this.#newRun(stored, version, "backfill", time),
        asOf: as === "known-then" ? new Date(time).toISOString() : now,
        alerts,
      })),
      begin,
    );
  }

  /** The same version, window, due time and as-of once more; its readings are compared byte by byte. */
  replay(name: string, id: string): Queued {
    this.#known.stored(name);
    const run = this.#known.run(name, id);
    if (run.state !== "done" || run.asOf === null)
      throw new HttpError(409, `The run ${id} gave no readings that could be compared: it is ${run.state}.`);
    const { id: _id, ...rest } = run;
    return this.#ask([
      {
        ...rest,
        id: newId(),
        purpose: "replay",
        scheduledForMillis: Date.parse(run.scheduledFor),
        alerts: false,
        replayOf: id,
      },
    ]);
  }

  cancel(name: string, id: string, by: string): void {
    this.#known.run(name, id);
    if (!this.#parts.cancel(id, `Cancelled by ${by}.`)) throw new HttpError(409, `The run ${id} has ended already.`);
  }

  #ask(runs: readonly NewRun[], begin = true): Queued {
    this.#parts.queue.ask(runs, Date.now());
    if (begin) this.#parts.begin();
    return { runs: runs.map(({ id }) => id) };
  }

  #newRun(stored: StoredJob, version: Version, purpose: Run["purpose"], timeMillis: number): NewRun {
    return {
      id: newId(),
      job: stored.name,
      purpose,
      scheduledForMillis: timeMillis,
      version: version.number,
      window: runWindow(version.frozen, stored.plan, timeMillis),
      asOf: null,
      dueAt: new Date(timeMillis).toISOString(),
      alerts: false,
      replayOf: null,
    };
  }
}

/** In the order of time, so that files and rows are. */
export const newId = (): string => `${Date.now().toString(36).padStart(9, "0")}-${randomBytes(6).toString("hex")}`;
