import { closedAs } from "../../cells/alerts/alert.ts";
import { STATE_WORDS } from "../../cells/alerts/alert-words.ts";
import type { Mark } from "../../cells/monitoring/mark.ts";
import { momentText } from "../../cells/views/time-text.ts";
import {
  type AlertDetail,
  type AlertFilter,
  type AlertList,
  type AlertView,
  alertFilter,
  type CloseWish,
  type Silence,
} from "../../cells/wire/http-alerts.ts";
import { nearest } from "../../cells/yaml/nearest.ts";
import { type Api, withApi } from "./api.ts";
import { type Command, type Invocation, textOption, UsageError } from "./command.ts";
import { tableText } from "./print-table.ts";

const VERBS = ["list", "show", "ack", "silence", "close"] as const;
type Verb = (typeof VERBS)[number];

export const alertCommand: Command = {
  usage: [
    "driftbook alert list [--state open] [--job JOB]",
    "driftbook alert show ID",
    "driftbook alert ack ID [COMMENT]",
    "driftbook alert silence ID COMMENT --for 2d [--job-wide]",
    "driftbook alert close ID useful|false-alarm|known-event [COMMENT] [--mark STREAM] [--window W] [--exclude]",
  ],
  summary: "What fires and why; say who looks at it, keep it silent for a time, say what it was",
  about: [
    `--state S      ${alertFilter.options.join(", ")}`,
    "--job JOB      of this job alone",
    "--for T        how long it is silent: 30m, 12h, 7d",
    "--job-wide     silence all alerts of its job",
    "--mark STREAM  a known event becomes a mark on this stream",
    "--window W     of the mark; the measured window otherwise",
    "--exclude      the mark leaves its rows out of references and KPIs",
  ],
  options: {
    state: { type: "string" },
    job: { type: "string" },
    for: { type: "string" },
    "job-wide": { type: "boolean" },
    mark: { type: "string" },
    window: { type: "string" },
    exclude: { type: "boolean" },
  },
  arguments: { min: 1, max: 100 },
  async run(invocation) {
    const act = actOf(invocation);
    return withApi(invocation, invocation.workspace(), async (api) => {
      await act(api);
      return 0;
    });
  },
};

type Act = (api: Api) => Promise<void>;

/** What is asked for. @throws UsageError before anything is opened */
function actOf(invocation: Invocation): Act {
  const [verb, id, ...words] = invocation.positionals as [string, string?, ...string[]];
  if (!isVerb(verb)) {
    const guess = nearest(verb, VERBS);
    throw new UsageError(
      `"${verb}" is none of ${VERBS.join(", ")}${guess === null ? "" : `; did you mean ${guess}?`}.`,
    );
  }
  if (verb === "list") return list(invocation);
  if (id === undefined)
    throw new UsageError(`Which alert? driftbook alert ${verb} ID; driftbook alert list shows them.`);
  const path = `/api/alerts/${encodeURIComponent(id)}`;
  const say = (value: unknown, text: string): void => invocation.print(invocation.json ? JSON.stringify(value) : text);
  switch (verb) {
    case "show":
      return async (api) => {
        const detail = await api.ask<AlertDetail>({ method: "GET", path });
        say(detail, detailText(detail));
      };
    case "ack":
      return async (api) => {
        const json = { comment: words.join(" ") };
        const alert = await api.ask<AlertView>({ method: "POST", path: `${path}/acknowledge`, json });
        say(alert, `${alert.title} is yours: it is not told again until it is over.`);
      };
    case "silence": {
      const length = textOption(invocation, "for");
      const comment = words.join(" ");
      if (length === undefined || comment === "")
        throw new UsageError('For how long, and why? driftbook alert silence ID "the new model goes live" --for 2d');
      const json = { for: length, comment, scope: invocation.values["job-wide"] === true ? "job" : "alert" };
      return async (api) => {
        const made = await api.ask<Silence>({ method: "POST", path: `${path}/silence`, json });
        const what = made.alert === null ? `All alerts of ${made.job} are` : `The alert ${made.alert} is`;
        say(made, `${what} silent until ${made.until}: ${made.comment}.`);
      };
    }
    case "close": {
      const json = closing(invocation, words);
      return async (api) => {
        const done = await api.ask<{ alert: AlertView; mark: Mark | null }>({
          method: "POST",
          path: `${path}/close`,
          json,
        });
        const marked = done.mark === null ? "" : ` It is mark ${done.mark.id} on ${done.mark.stream}.`;
        say(done, `${done.alert.title} is closed as ${json.as}.${marked}`);
      };
    }
  }
}

const isVerb = (text: string): text is Verb => (VERBS as readonly string[]).includes(text);

function closing(invocation: Invocation, [as, ...comment]: readonly string[]): CloseWish {
  const read = closedAs.safeParse(as);
  if (!read.success)
    throw new UsageError(
      `${as === undefined ? "Close it as what?" : `"${as}" is none of those:`} ${closedAs.options.join(", ")}.`,
    );
  const stream = textOption(invocation, "mark");
  const window = textOption(invocation, "window");
  const wish: CloseWish = { as: read.data, comment: comment.join(" ") };
  if (stream === undefined) return wish;
  return {
    ...wish,
    mark: { stream, excludes: invocation.values.exclude === true, ...(window === undefined ? {} : { window }) },
  };
}

function list(invocation: Invocation): Act {
  const state = alertFilter.safeParse(textOption(invocation, "state") ?? "open");
  if (!state.success)
    throw new UsageError(`--state "${textOption(invocation, "state")}" is none of ${alertFilter.options.join(", ")}.`);
  const query = new URLSearchParams({ state: state.data });
  const job = textOption(invocation, "job");
  if (job !== undefined) query.set("job", job);
  return async (api) => {
    const found = await api.ask<AlertList>({ method: "GET", path: `/api/alerts?${query}` });
    invocation.print(invocation.json ? JSON.stringify(found.alerts) : listText(found, state.data));
  };
}

function listText({ alerts, zone }: AlertList, state: AlertFilter): string {
  if (alerts.length === 0) return state === "open" ? "No alert is open." : `There is no alert in "${state}".`;
  return tableText(
    ["id", "job", "state", "what", "value", "since"],
    alerts.map((one) => [
      one.id,
      one.job,
      stateText(one),
      one.title,
      one.value ?? one.reason ?? "",
      momentText(one.since, zone),
    ]),
  );
}

function stateText({ state, acknowledged, silencedUntil, closed }: AlertView): string {
  return [
    STATE_WORDS[state],
    ...(closed === null ? [] : [`closed: ${closed.as}`]),
    ...(acknowledged === null ? [] : ["acknowledged"]),
    ...(silencedUntil === null ? [] : ["silent"]),
  ].join(", ");
}

function detailText({ alert, resolves, history, deliveries, record, zone }: AlertDetail): string {
  const moment = (iso: string) => momentText(iso, zone);
  return [
    `${alert.title} (${alert.job}): ${stateText(alert)} since ${moment(alert.since)}`,
    ...[alert.value, alert.reason, resolves].filter((line) => line !== null),
    "",
    ...history.map(
      ({ at, act, from, to, by, text, notice }) =>
        `${moment(at)}  ${act === "state" ? `${STATE_WORDS[from]} → ${STATE_WORDS[to]}` : act}${by === null ? "" : ` by ${by}`}${notice === "none" ? "" : ` (${notice})`}${text === null || text === "" ? "" : `: ${text}`}`,
    ),
    ...deliveries.map(({ destination, state, id }) => `Message ${id} to ${destination}: ${state}`),
    `Of ${record.fired} alerts of ${alert.job} ${record.closed} were closed, ${record.falseAlarms} as false alarms.`,
  ].join("\n");
}
