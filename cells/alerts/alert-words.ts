import { boundWords } from "../views/bound-words.ts";
import { judgedName } from "../views/metric-name.ts";
import { countOf, countText, intervalText, plainText, unitText } from "../views/number-text.ts";
import { readingName } from "../views/reading-words.ts";
import { type Alert, type AlertState, type AlertSubject, type ClosedAs, levelOf, type Observation } from "./alert.ts";

export const STATE_WORDS: Readonly<Record<AlertState, string>> = {
  inactive: "calm",
  pending: "pending",
  firing: "firing",
  recovering: "recovering",
  resolved: "resolved",
  "no-data": "no data",
  error: "error",
  gone: "subject gone",
};

export const CLOSED_WORDS: Readonly<Record<ClosedAs, string>> = {
  useful: "useful",
  "false-alarm": "false alarm",
  "known-event": "known event",
};

/** "false alarm: the feed moved" of what was noted when it was closed. */
export function closedText(noted: string): string {
  return noted.replace(/^(false-alarm|known-event)(?=: |$)/, (as) => CLOSED_WORDS[as as ClosedAs]);
}

/** "PSI of amount in score_drift, country = DE", "score_drift", "the runs of daily-drift". */
export function subjectWords({ job, cell, metric, subject, slice }: Omit<AlertSubject, "kind">): string {
  if (cell === null) return `the runs of ${job}`;
  return metric === null ? cell : readingName({ metric, subject, slice }, cell);
}

/** "0.310 (95% interval 0.300–0.320, n 5,000), fail above 0.25": value with its noise, against its bound. */
export function valueWords(metric: string, observed: Observation): string {
  const { value, judged, lower, upper, n, bounds, unit } = observed;
  const interval = intervalText(lower, upper, unit);
  const noise = `${interval === null ? "" : `95% interval ${interval}, `}n ${countText(n)}`;
  const limit = bounds.fail ?? bounds.warn;
  const level = bounds.fail === null ? "warn" : "fail";
  // A bound in σ is no share, whatever the value is in.
  const differs = judged !== null && judged !== value;
  const held = differs ? `, ${judgedName(metric)} ${plainText(judged)}` : "";
  const against = limit === null ? "" : `, ${level} ${boundWords(limit, differs ? "number" : unit)}`;
  return `${unitText(value, unit)} (${noise})${held}${against}`;
}

/** What would end the alert; null where nothing is to be ended. */
export function whatResolves(alert: Alert): string | null {
  const { state, needed, good, observation, unmeasuredRuns } = alert;
  switch (state) {
    case "inactive":
    case "resolved":
    case "gone":
      return null;
    case "no-data":
    case "error":
      return levelOf(alert) === "job"
        ? "The next run that is done resolves it."
        : "The next run in which the cell is measured resolves it.";
    case "pending":
      return `${countOf(needed - alert.bad, "more failing run")} would fire it; a run that does not fail calms it.`;
    case "firing":
    case "recovering": {
      const runs = countOf(needed - good, state === "recovering" ? "more good run" : "good run");
      const row = needed - good === 1 ? "" : " in a row";
      const unmeasured =
        unmeasuredRuns === 0
          ? ""
          : ` It was not measured in the last ${unmeasuredRuns === 1 ? "run" : countOf(unmeasuredRuns, "run")}.`;
      return `${runs}${row} would resolve it: ${goodMeans(observation)}.${unmeasured}`;
    }
  }
}

/** Why a state was left by itself; null where the run gave a reason of its own, or it is about no value. */
export function whyWithin(
  { metric, needed }: Pick<Alert, "metric" | "needed">,
  { to, observation }: { readonly to: AlertState; readonly observation: Observation | null },
): string | null {
  if (metric === null || observation === null) return null;
  const value = valueWords(metric, observation);
  switch (to) {
    case "inactive":
      return `Within its bound: ${value}.`;
    case "recovering":
      return `Within its bound for 1 of ${countOf(needed, "run")}: ${value}.`;
    case "resolved":
      return `Within its bound for ${countOf(needed, "run")}: ${value}.`;
    case "pending":
    case "firing":
    case "no-data":
    case "error":
    case "gone":
      return null;
  }
}

function goodMeans(observed: Observation | null): string {
  const limit = observed === null ? null : (observed.bounds.warn ?? observed.bounds.fail);
  if (observed === null || limit === null) return "with the verdict ok";
  const unit = observed.judged === observed.value ? observed.unit : "number";
  return `with a value that is not ${boundWords(limit, unit)}`;
}
