import { verdictOfReadings } from "../results/reading.ts";
import { digest } from "../staleness/digest.ts";
import { type Alert, type AlertChange, type AlertState, type AlertSubject, isEnded, keyOf } from "./alert.ts";
import {
  type AlertRules,
  type JudgedReading,
  type JudgedRun,
  momentOf,
  newestReadings,
  runsNeeded,
} from "./judged-run.ts";
import { observationOf } from "./observation-of.ts";
import { type Progress, type Seen, stepValue } from "./value-machine.ts";
import { worstOf } from "./worst-of.ts";

export interface Judgement {
  /** Those that are new or differ from what was known. */
  readonly alerts: readonly Alert[];
  readonly changes: readonly AlertChange[];
}

/** Trouble of a cell or a job: it is there or not, and is told at once, for then nothing is watched. */
interface Trouble {
  readonly state: "no-data" | "error";
  readonly reason: string;
}

/**
 * What a run makes of a job's alerts. `known` are those that have not ended, at most one of each subject. The same
 * arguments give the same answer, ids included. Where nothing could be measured values keep their state: the cell, or
 * the job, has its own alert then.
 */
export function judgeRun(known: readonly Alert[], run: JudgedRun, rules: AlertRules): Judgement {
  const judge = new Judge(known, run, rules);
  const { job } = run;
  judge.trouble({ ...NOBODY, job }, troubleOfRun(run), 0);
  if (run.noData !== null) return judge.judgement();
  const newest = [...newestReadings(run.readings).values()];
  for (const [cell, readings] of Map.groupBy(newest, (one) => one.cell)) {
    const trouble = troubleOfCell(readings);
    // A run that failed says so itself: its cells' errors are the same news.
    if (run.failure === null || trouble?.state !== "error")
      judge.trouble({ ...NOBODY, job, cell, kind: readings[0]!.kind }, trouble, readings.length);
    for (const reading of readings) judge.value(reading);
  }
  if (run.failure === null) judge.closeTheRest();
  return judge.judgement();
}

const NOBODY = { cell: null, kind: null, metric: null, subject: null, slice: null } as const;

function troubleOfRun({ failure, noData }: JudgedRun): Trouble | null {
  if (failure !== null) return { state: "error", reason: failure };
  return noData === null ? null : { state: "no-data", reason: noData };
}

/** As the verdict of a cell: without data when none of its readings has any. */
function troubleOfCell(readings: readonly JudgedReading[]): Trouble | null {
  const verdict = verdictOfReadings(readings);
  if (verdict !== "error" && verdict !== "no-data") return null;
  const those = readings.filter((one) => one.verdict === verdict);
  const [first] = those as [JudgedReading];
  const what = verdict === "error" ? "could not be measured" : "had no data";
  const count =
    those.length === readings.length
      ? `${readings.length === 1 ? "Its one reading" : `None of its ${readings.length} readings`}`
      : `${those.length} of its ${readings.length} readings`;
  const fact =
    those.length === readings.length && readings.length > 1
      ? `${count} ${verdict === "error" ? "could be measured" : "had data"}`
      : `${count} ${what}`;
  return { state: verdict, reason: first.reason === null ? `${fact}.` : `${fact}: ${first.reason}` };
}

class Judge {
  readonly #run: JudgedRun;
  readonly #rules: AlertRules;
  readonly #atMillis: number;
  readonly #open = new Map<string, Alert>();
  readonly #met = new Set<string>();
  readonly #alerts = new Map<string, Alert>();
  readonly #changes: AlertChange[] = [];

  constructor(known: readonly Alert[], run: JudgedRun, rules: AlertRules) {
    this.#run = run;
    this.#rules = rules;
    this.#atMillis = momentOf(run);
    for (const alert of known) if (!isEnded(alert.state)) this.#open.set(keyOf(alert), alert);
  }

  trouble(subject: AlertSubject, trouble: Trouble | null, readings: number): void {
    const key = keyOf(subject);
    this.#met.add(key);
    const known = this.#open.get(key);
    if (trouble === null && known === undefined) return;
    const before = known ?? this.#begin(subject, 1);
    this.#keep(before, {
      ...before,
      run: this.#run.run,
      version: this.#run.version,
      state: trouble?.state ?? "resolved",
      bad: trouble === null ? before.bad : before.bad + 1,
      good: trouble === null ? 1 : 0,
      reason: trouble?.reason ?? (subject.cell === null ? "The job ran." : `${readings} readings were measured.`),
    });
  }

  value(reading: JudgedReading): void {
    const { cell, kind, metric, subject, slice, verdict } = reading;
    const who: AlertSubject = { job: this.#run.job, cell, kind, metric, subject, slice };
    const key = keyOf(who);
    this.#met.add(key);
    const known = this.#open.get(key);
    if (verdict === "error" || verdict === "no-data") {
      if (known !== undefined) this.#keep(known, { ...known, unmeasuredRuns: known.unmeasuredRuns + 1 });
      return;
    }
    if (known === undefined && verdict !== "fail") return;
    const asRuled = runsNeeded(kind, this.#rules);
    // An alert that calmed down before anybody was told begins anew; what has fired keeps the number that fired it.
    const before = known === undefined || known.state === "inactive" ? this.#begin(who, asRuled, known?.id) : known;
    const needed = before.firedMillis === null ? asRuled : before.needed;
    const after = stepValue(progressOf(before), verdict satisfies Seen, needed);
    const observation = observationOf(reading);
    this.#keep(before, {
      ...before,
      ...after,
      needed,
      run: this.#run.run,
      version: this.#run.version,
      unmeasuredRuns: 0,
      observation,
      worst: verdict === "fail" ? worstOf(before.worst, observation, this.#atMillis) : before.worst,
      reason: reading.reason,
    });
  }

  /** What a complete run does not have any more was renamed or removed. */
  closeTheRest(): void {
    for (const [key, alert] of this.#open)
      if (!this.#met.has(key))
        this.#keep(alert, {
          ...alert,
          run: this.#run.run,
          version: this.#run.version,
          state: "gone",
          reason: `Subject gone: the run of version ${this.#run.version} does not have it any more.`,
        });
  }

  judgement(): Judgement {
    return { alerts: [...this.#alerts.values()], changes: this.#changes };
  }

  #begin(subject: AlertSubject, needed: number, id?: string): Alert {
    return {
      ...subject,
      id: id ?? digest(`${keyOf(subject)} ${this.#run.run}`).slice(0, 12),
      state: "inactive",
      bad: 0,
      good: 0,
      needed,
      sinceMillis: this.#atMillis,
      firedMillis: null,
      endedMillis: null,
      run: this.#run.run,
      version: this.#run.version,
      unmeasuredRuns: 0,
      observation: null,
      worst: null,
      reason: null,
      told: null,
      acknowledged: null,
      closed: null,
    };
  }

  /** The one place where a state changes. */
  #keep(before: Alert, after: Alert): void {
    const from = before.state;
    const to = after.state;
    const fires = to !== from && (to === "no-data" || to === "error" || (to === "firing" && from !== "recovering"));
    const alert: Alert = {
      ...after,
      firedMillis: fires ? (before.firedMillis ?? this.#atMillis) : after.firedMillis,
      endedMillis: isEnded(to) ? this.#atMillis : null,
    };
    this.#alerts.set(alert.id, alert);
    if (from === to) return;
    this.#changes.push({
      alert: alert.id,
      run: this.#run.run,
      atMillis: this.#atMillis,
      from,
      to,
      notify: before.closed === null && (fires || (isEnded(to) && before.told !== null)),
      reason: alert.reason,
      observation: alert.observation,
    });
  }
}

function progressOf({ state, bad, good }: Alert): Progress {
  return { state: valueStateOf(state), bad, good };
}

function valueStateOf(state: AlertState): Progress["state"] {
  switch (state) {
    case "inactive":
    case "pending":
    case "firing":
    case "recovering":
    case "resolved":
      return state;
    case "no-data":
    case "error":
    case "gone":
      throw new Error(`A value is never "${state}".`);
  }
}
