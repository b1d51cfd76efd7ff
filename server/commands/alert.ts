import { closedAs } from "../../cells/alerts/alert.ts";
import type { Mark } from "../../cells/monitoring/mark.ts";
import {
  type AlertDetail,
  type AlertList,
  type AlertView,
  alertFilter,
  type CloseWish,
} from "../../cells/wire/http-alerts.ts";
import { nearest } from "../../cells/yaml/nearest.ts";
import { alertPath, type ReadAlertAct, say } from "./alert-act.ts";
import { deliveries, destinations, redeliver, test } from "./alert-messages.ts";
import { silence, silences, unsilence } from "./alert-silences.ts";
import { detailText, listText } from "./alert-text.ts";
import { withApi } from "./api.ts";
import { type Command, type Invocation, textOption, UsageError } from "./command.ts";

export const alertCommand: Command = {
  usage: [
    "driftbook alert list [--state open] [--job JOB]",
    "driftbook alert show ID",
    "driftbook alert ack ID [COMMENT]",
    "driftbook alert close ID useful|false-alarm|known-event [COMMENT] [--mark STREAM] [--window W] [--exclude]",
    "driftbook alert silence ID --for 2d|--until TIME [--from TIME] --comment TEXT [--job-wide]",
    "driftbook alert silence --job JOB [--cell CELL [--metric M [--subject S] [--slice S]]] --for 2h|--until TIME [--from TIME] --comment TEXT",
    "driftbook alert silence --job JOB --list",
    "driftbook alert silences [--job JOB] [--all]   ·   driftbook alert unsilence ID",
    "driftbook alert deliveries [--to DESTINATION] [--limit N]   ·   driftbook alert redeliver ID",
    "driftbook alert destinations   ·   driftbook alert test DESTINATION",
  ],
  summary: "What fires and why; say who looks at it, plan silences, say what it was, see what was sent",
  about: [
    `--state S      ${alertFilter.options.join(", ")}`,
    "--job JOB      of this job alone",
    "--for T        how long it is silent: 30m, 12h, 7d",
    "--until T      or when it ends: 2026-03-01T22:00, in the workspace's zone unless it says another",
    "--from T       when it begins, if not now",
    "--comment T    why it is silent",
    "--job-wide     silence all alerts of its job",
    "--cell C       of this cell alone; with --metric, --subject and --slice of one value",
    "--list         what of a job can be silenced: its cells, and what its last run measured",
    "--all          silences that are over too",
    "--to NAME      messages to this destination alone",
    "--mark STREAM  a known event becomes a mark on this stream",
    "--window W     of the mark; the measured window otherwise",
    "--exclude      the mark leaves its rows out of references and KPIs",
  ],
  options: {
    state: { type: "string" },
    job: { type: "string" },
    for: { type: "string" },
    until: { type: "string" },
    from: { type: "string" },
    comment: { type: "string" },
    "job-wide": { type: "boolean" },
    cell: { type: "string" },
    metric: { type: "string" },
    subject: { type: "string" },
    slice: { type: "string" },
    list: { type: "boolean" },
    all: { type: "boolean" },
    to: { type: "string" },
    limit: { type: "string" },
    mark: { type: "string" },
    window: { type: "string" },
    exclude: { type: "boolean" },
  },
  arguments: { min: 1, max: 100 },
  async run(invocation) {
    const [verb, ...words] = invocation.positionals as [string, ...string[]];
    if (!Object.hasOwn(VERBS, verb)) {
      const names = Object.keys(VERBS);
      const guess = nearest(verb, names);
      throw new UsageError(
        `"${verb}" is none of ${names.join(", ")}${guess === null ? "" : `; did you mean ${guess}?`}.`,
      );
    }
    const act = VERBS[verb as keyof typeof VERBS](invocation, words);
    return withApi(invocation, invocation.workspace(), act);
  },
};

const list: ReadAlertAct = (invocation) => {
  const state = alertFilter.safeParse(textOption(invocation, "state") ?? "open");
  if (!state.success)
    throw new UsageError(`--state "${textOption(invocation, "state")}" is none of ${alertFilter.options.join(", ")}.`);
  const query = new URLSearchParams({ state: state.data });
  const job = textOption(invocation, "job");
  if (job !== undefined) query.set("job", job);
  return async (api) => {
    const found = await api.ask<AlertList>({ method: "GET", path: `/api/alerts?${query}` });
    return say(invocation, found.alerts, () => listText(found, state.data));
  };
};

const show: ReadAlertAct = (invocation, words) => {
  const path = pathOf("show", words);
  return async (api) => {
    const detail = await api.ask<AlertDetail>({ method: "GET", path });
    return say(invocation, detail, () => detailText(detail));
  };
};

const ack: ReadAlertAct = (invocation, words) => {
  const path = `${pathOf("ack", words)}/acknowledge`;
  const json = { comment: words.slice(1).join(" ") };
  return async (api) => {
    const alert = await api.ask<AlertView>({ method: "POST", path, json });
    return say(invocation, alert, () => `${alert.title} is yours: it is not told again until it is over.`);
  };
};

const close: ReadAlertAct = (invocation, words) => {
  const path = `${pathOf("close", words)}/close`;
  const json = closing(invocation, words.slice(1));
  return async (api) => {
    const done = await api.ask<{ alert: AlertView; mark: Mark | null }>({ method: "POST", path, json });
    const marked = done.mark === null ? "" : ` It is mark ${done.mark.id} on ${done.mark.stream}.`;
    return say(invocation, done, () => `${done.alert.title} is closed as ${json.as}.${marked}`);
  };
};

const VERBS = {
  ...{ list, show, ack, close },
  ...{ silence, silences, unsilence },
  ...{ deliveries, redeliver, destinations, test },
} satisfies Readonly<Record<string, ReadAlertAct>>;

function pathOf(verb: string, [id]: readonly string[]): string {
  if (id !== undefined) return alertPath(id);
  throw new UsageError(`Which alert? driftbook alert ${verb} ID; driftbook alert list shows them.`);
}

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
