import { readingAddress } from "../results/reading-address.ts";
import { countOf } from "../views/number-text.ts";
import { sentenceText } from "../views/sentence-times.ts";
import { zonedMomentText } from "../views/time-text.ts";
import type { AlertState } from "./alert.ts";
import { STATE_WORDS, subjectWords, valueWords } from "./alert-words.ts";
import { blockChart } from "./block-chart.ts";
import { chartWords } from "./chart-words.ts";
import { countOfTold, MOST_LISTED, type NotedAlert, type Notification } from "./notification.ts";
import { type ValueChart, valueChart } from "./value-chart.ts";

/** Where links lead and what times are shown in. */
export interface MessagePlace {
  /** `https://driftbook.example.com`, without a slash. */
  readonly origin: string;
  /** IANA name. */
  readonly zone: string;
}

/** One alert, in the parts that formats put together. */
export interface MessageItem {
  readonly state: AlertState;
  readonly subject: string;
  /** Against its bound and with its noise; null where it is about no value. */
  readonly value: string | null;
  /** Since when: "1 Mar 2026, 07:00 CET (2 runs)". */
  readonly began: string;
  readonly reason: string | null;
  readonly chart: ValueChart | null;
  /** Of its own page, and of the reading's where there is one. */
  readonly links: readonly MessageLink[];
}

export interface MessageLink {
  readonly text: string;
  readonly href: string;
}

export interface MessageText {
  /** "daily-drift: 2 firing, 1 resolved" */
  readonly title: string;
  readonly items: readonly MessageItem[];
  /** "and 30 more" */
  readonly rest: string | null;
  readonly links: readonly MessageLink[];
}

/** What every format says: what changed, value against bound with its noise, since when, the chart, and links. */
export function messageText(message: Notification, place: MessagePlace): MessageText {
  const { job, run, alerts } = message;
  const title = messageTitle(message);
  if (job === null)
    return {
      title,
      items: [],
      rest: `The destination ${message.destination} works.`,
      links: [{ text: "Alerts", href: `${place.origin}/alerts` }],
    };
  const at = `${place.origin}/jobs/${encodeURIComponent(job)}`;
  const more = countOfTold(message) - MOST_LISTED;
  return {
    title,
    items: alerts.slice(0, MOST_LISTED).map((alert) => itemOf(job, alert, place)),
    rest: more > 0 ? `and ${more} more` : null,
    links: [
      { text: "Run", href: run === null ? at : `${at}/runs/${encodeURIComponent(run)}` },
      { text: "Alerts", href: `${place.origin}/alerts` },
    ],
  };
}

/** "daily-drift: 2 firing, 1 resolved", "daily-drift: still 2 firing". */
export function messageTitle({
  type,
  job,
  alerts,
  unlisted,
}: Pick<Notification, "type" | "job" | "alerts" | "unlisted">): string {
  if (job === null) return "A test from Driftbook";
  const listed = Map.groupBy(alerts, ({ to }) => to);
  const states = new Set([...listed.keys(), ...(Object.keys(unlisted) as AlertState[])]);
  const counts = [...states]
    .map((state) => `${(listed.get(state)?.length ?? 0) + (unlisted[state] ?? 0)} ${STATE_WORDS[state]}`)
    .join(", ");
  return `${job}: ${type === "repeated" ? "still " : ""}${counts}`;
}

function itemOf(job: string, alert: NotedAlert, place: MessagePlace): MessageItem {
  const { to, metric, observation, since, runs, reason } = alert;
  const { zone } = place;
  return {
    state: to,
    subject: subjectWords({ job, ...alert }),
    value: metric === null || observation === null ? null : valueWords(metric, observation),
    began: `${zonedMomentText(since, zone)}${runs > 1 ? ` (${countOf(runs, "run")})` : ""}`,
    reason: reason === null ? null : sentenceText(reason, zone),
    chart: valueChart(alert),
    links: alertLinks({ job, ...alert }, place),
  };
}

export function alertLinks(
  { job, alert, observation }: Pick<NotedAlert, "alert" | "observation"> & { readonly job: string | null },
  { origin }: Pick<MessagePlace, "origin">,
): readonly MessageLink[] {
  const own = { text: "Alert", href: `${origin}/alerts/${encodeURIComponent(alert)}` };
  if (observation === null) return [own];
  return [own, { text: "Reading", href: `${origin}${readingAddress(observation.reading, { job })}` }];
}

/** "PSI of amount in score_drift: 0.310 (…), fail above 0.25, since 1 Mar 2026, 07:00 CET (2 runs). It is too high." */
export function itemLine({ subject, value, began, reason }: MessageItem): string {
  return `${subject}${value === null ? "" : `: ${value}`}, since ${began}.${reason === null ? "" : ` ${reason}`}`;
}

/** The chart for text of fixed width, with what it shows in words; none where nothing is known of the past. */
export function chartLines({ chart }: MessageItem, { zone }: MessagePlace): readonly string[] {
  if (chart === null) return [];
  const blocks = blockChart(chart);
  const { values, runs } = chartWords(chart, zone);
  return [...(blocks === null ? [] : [blocks]), ...values, runs];
}
