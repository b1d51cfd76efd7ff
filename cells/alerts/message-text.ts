import { countOf } from "../views/number-text.ts";
import { momentText } from "../views/time-text.ts";
import { STATE_WORDS, subjectWords, valueWords } from "./alert-words.ts";
import { MOST_LISTED, type NotedAlert, type Notification } from "./notification.ts";

/** Where links lead and what times are shown in. */
export interface MessagePlace {
  /** `https://driftbook.example.com`, without a slash. */
  readonly origin: string;
  /** IANA name. */
  readonly zone: string;
}

export interface MessageText {
  /** "daily-drift: 2 firing, 1 resolved" */
  readonly title: string;
  readonly items: readonly { readonly state: string; readonly text: string; readonly link: string | null }[];
  /** "and 30 more" */
  readonly rest: string | null;
  readonly links: readonly { readonly text: string; readonly href: string }[];
}

/** What every format says, in its words: what changed, value against bound with its noise, since when, and links. */
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
  const more = alerts.length - MOST_LISTED;
  return {
    title,
    items: alerts.slice(0, MOST_LISTED).map((alert) => ({
      state: STATE_WORDS[alert.to],
      text: alertText(job, alert, place),
      link:
        alert.observation === null ? null : `${place.origin}/readings/${encodeURIComponent(alert.observation.reading)}`,
    })),
    rest: more > 0 ? `and ${more} more` : null,
    links: [
      { text: "Run", href: run === null ? at : `${at}/runs/${encodeURIComponent(run)}` },
      { text: "Alerts", href: `${place.origin}/alerts` },
    ],
  };
}

/** "daily-drift: 2 firing, 1 resolved", "daily-drift: still 2 firing". */
export function messageTitle({ type, job, alerts }: Pick<Notification, "type" | "job" | "alerts">): string {
  if (job === null) return "A test from Driftbook";
  const groups = [...Map.groupBy(alerts, ({ to }) => to)];
  const counts = groups.map(([state, those]) => `${those.length} ${STATE_WORDS[state]}`).join(", ");
  return `${job}: ${type === "repeated" ? "still " : ""}${counts}`;
}

function alertText(job: string, alert: NotedAlert, { zone }: MessagePlace): string {
  const { metric, observation, since, runs, reason } = alert;
  const subject = subjectWords({ job, ...alert });
  const value = metric === null || observation === null ? "" : `: ${valueWords(metric, observation)}`;
  const began = `since ${momentText(since, zone)}${runs > 1 ? ` (${countOf(runs, "run")})` : ""}`;
  const because = reason === null ? "" : ` ${reason}`;
  return `${subject}${value}, ${began}.${because}`;
}
