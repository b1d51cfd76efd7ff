import type { Alert, AlertChange } from "../../../cells/alerts/alert.ts";
import { judgeRun } from "../../../cells/alerts/judge-run.ts";
import type { AlertRules, JudgedReading, JudgedRun } from "../../../cells/alerts/judged-run.ts";
import { type NotedAlert, type Notification, notedAlertOf } from "../../../cells/alerts/notification.ts";
import type { PastValue } from "../../../cells/alerts/past-value.ts";
import type { Verdict } from "../../../cells/results/reading.ts";

export const RULES: AlertRules = { to: ["team"], afterRuns: null, repeatMillis: null };

/** Due on the day `day` of March 2026. */
export function aRun(day: number, readings: readonly JudgedReading[], more: Partial<JudgedRun> = {}): JudgedRun {
  const at = new Date(Date.UTC(2026, 2, day, 6)).toISOString();
  return {
    job: "daily",
    run: `r${day}`,
    scheduledFor: at,
    endedAt: at,
    version: 1,
    failure: null,
    noData: null,
    readings,
    ...more,
  };
}

export function aReading(verdict: Verdict, more: Partial<JudgedReading> = {}): JudgedReading {
  const value = { ok: 0.05, warn: 0.15, fail: 0.31, error: null, "no-data": null }[verdict];
  return {
    cell: "score_drift",
    kind: "drift",
    id: "reading-1",
    metric: "psi",
    subject: "amount",
    slice: null,
    window: ["2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z"],
    asOf: "2026-03-02T06:00:00.000Z",
    value,
    lower: value === null ? null : value - 0.01,
    upper: value === null ? null : value + 0.01,
    n: value === null ? 0 : 5000,
    bounds: { warn: { type: "above", value: 0.1 }, fail: { type: "above", value: 0.25 } },
    verdict,
    reason: verdict === "ok" ? null : `It is ${verdict}.`,
    ...more,
  };
}

/** Verdicts by letter: o(k), w(arn), f(ail), n(o-data), e(rror); `-` is a run without the reading. */
const LETTERS: Readonly<Record<string, Verdict>> = { o: "ok", w: "warn", f: "fail", n: "no-data", e: "error" };
export const verdictOf = (letter: string): Verdict => LETTERS[letter]!;

/**
 * What one run a day from 1 March 2026 on made of a value, in a notation: verdicts by letter, then the values in order.
 * "of-n 1 2": ok with 1, fail with 2, a run without it, no data. "f 12:0.4": bounds are held against 0.4.
 */
export function course(notation: string): PastValue[] {
  const [letters = "", ...values] = notation.split(" ");
  return [...letters].map((letter, index): PastValue => {
    const verdict = letter === "-" ? null : verdictOf(letter);
    const isMeasured = verdict === "ok" || verdict === "warn" || verdict === "fail";
    const [value = null, judged = null] = isMeasured ? values.shift()!.split(":").map(Number) : [];
    return { scheduledFor: new Date(Date.UTC(2026, 2, index + 1, 6)).toISOString(), value, judged, verdict };
  });
}

/** A value that fires, with its past in the notation of `course`; what was measured last is what was observed. */
export function aNotedValue(notation: string, more: Partial<JudgedReading> = {}): NotedAlert {
  const history = course(notation);
  const last = history.findLast(({ value }) => value !== null);
  const value = last === undefined ? {} : { value: last.value, lower: null, upper: null };
  const { alerts, changes } = judgeRun([], aRun(1, [aReading("fail", { kind: "check", ...value, ...more })]), RULES);
  return notedAlertOf(alerts[0]!, changes[0]!, history);
}

export const aMessage = (...alerts: readonly NotedAlert[]): Notification => ({
  ...{ key: "msg_1", type: "changed", destination: "team", job: "daily", run: "r30", at: "2026-03-30T06:00:00.000Z" },
  alerts: [...alerts],
  unlisted: {},
});

/** Runs one after the other, as the store does it: a reading of these verdicts beside one that is always fine. */
export function afterRuns(
  letters: string,
  rules: AlertRules = RULES,
): { alerts: Alert[]; told: string[]; changes: AlertChange[] } {
  const alerts = new Map<string, Alert>();
  const told: string[] = [];
  const changes: AlertChange[] = [];
  const fine = aReading("ok", { subject: "country" });
  for (const [index, letter] of [...letters].entries()) {
    const readings = letter === "-" ? [fine] : [aReading(verdictOf(letter)), fine];
    const judged = judgeRun([...alerts.values()], aRun(index + 1, readings), rules);
    for (const alert of judged.alerts) alerts.set(alert.id, alert);
    changes.push(...judged.changes);
    for (const change of judged.changes) {
      if (!change.notify) continue;
      told.push(`${index + 1} ${change.to}`);
      const alert = alerts.get(change.alert)!;
      alerts.set(alert.id, { ...alert, told: { state: change.to, atMillis: change.atMillis } });
    }
  }
  return { alerts: [...alerts.values()], told, changes };
}
