import { momentText } from "../../cells/views/time-text.ts";
import type { Silence, SilenceList, SilenceSubjects, SilenceWish } from "../../cells/wire/http-alerts.ts";
import { type AlertAct, alertPath, type ReadAlertAct, say } from "./alert-act.ts";
import { type Invocation, textOption, UsageError } from "./command.ts";
import { tableText } from "./print-table.ts";

const PLACE = ["cell", "metric", "subject", "slice"] as const;

/** Of the alert that is named first, or of what `--job` and the options beside it say. */
export const silence: ReadAlertAct = (invocation, words) => {
  const job = textOption(invocation, "job");
  if (invocation.values.list === true) return subjects(invocation, job);
  const id = job === undefined ? words[0] : undefined;
  if (job === undefined && id === undefined)
    throw new UsageError(
      'What? driftbook alert silence ID, or driftbook alert silence --job JOB --for 2h --comment "why"',
    );
  const time = timeOf(invocation, id === undefined ? words : words.slice(1));
  const place = placeOf(invocation);
  if (id !== undefined && Object.keys(place).length > 0)
    throw new UsageError(`--${Object.keys(place)[0]} is of a job: name it with --job, and no alert.`);
  if (job !== undefined && invocation.values["job-wide"] === true)
    throw new UsageError("--job-wide is of an alert: --job alone is all of the job.");
  const scope = invocation.values["job-wide"] === true ? "job" : "alert";
  const json = job === undefined ? { ...time, scope } : { ...time, ...place, job };
  const path = id === undefined ? "/api/silences" : `${alertPath(id)}/silence`;
  return async (api) => {
    const made = await api.ask<Silence>({ method: "POST", path, json });
    const from = made.state === "planned" ? `from ${made.from} ` : "";
    const what = made.alert === null ? made.title : `the alert ${made.alert}`;
    return say(invocation, made, () => `Nobody is told of ${what} ${from}until ${made.until}: ${made.comment}.`);
  };
};

function subjects(invocation: Invocation, job: string | undefined): AlertAct {
  if (job === undefined) throw new UsageError("--list is of a job: driftbook alert silence --job JOB --list");
  const path = `/api/silences/subjects?${new URLSearchParams({ job })}`;
  return async (api) => {
    const found = await api.ask<SilenceSubjects>({ method: "GET", path });
    return say(invocation, found, () => subjectsText(job, found));
  };
}

function subjectsText(job: string, { cells }: SilenceSubjects): string {
  if (cells.length === 0) return `No cell of ${job} measures: all of it can be silenced.`;
  const whole = { metric: "", subject: null, slice: null };
  return tableText(
    ["cell", "metric", "subject", "slice"],
    cells.flatMap(({ cell, values }) =>
      [whole, ...values].map(({ metric, subject, slice }) => [cell, metric, subject ?? "", slice ?? ""]),
    ),
  );
}

function placeOf(invocation: Invocation): Pick<SilenceWish, (typeof PLACE)[number]> {
  return Object.fromEntries(
    PLACE.flatMap((name) => {
      const text = textOption(invocation, name);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

function timeOf(invocation: Invocation, words: readonly string[]) {
  const [length, until, from] = ["for", "until", "from"].map((name) => textOption(invocation, name));
  const comment = [...words, textOption(invocation, "comment") ?? ""].join(" ").trim();
  if ((length === undefined && until === undefined) || comment === "")
    throw new UsageError(
      'For how long, and why? --for 2h or --until 2026-03-01T22:00, and --comment "the new model goes live"',
    );
  return {
    comment,
    ...(length === undefined ? {} : { for: length }),
    ...(until === undefined ? {} : { until }),
    ...(from === undefined ? {} : { from }),
  };
}

export const silences: ReadAlertAct = (invocation) => {
  const query = new URLSearchParams(invocation.values.all === true ? { state: "all" } : {});
  const job = textOption(invocation, "job");
  if (job !== undefined) query.set("job", job);
  return async (api) => {
    const found = await api.ask<SilenceList>({ method: "GET", path: `/api/silences?${query}` });
    return say(invocation, found.silences, () => listText(found));
  };
};

function listText({ silences: those, zone }: SilenceList): string {
  if (those.length === 0) return "Nothing is silenced.";
  return tableText(
    ["id", "state", "what", "from", "until", "why", "by"],
    those.map(({ id, state, title, from, until, comment, by }) => [
      ...[id, state, title, momentText(from, zone), momentText(until, zone), comment, by],
    ]),
  );
}

export const unsilence: ReadAlertAct = (invocation, [id]) => {
  if (id === undefined)
    throw new UsageError("Which silence? driftbook alert unsilence ID; driftbook alert silences shows them.");
  return async (api) => {
    await api.ask({ method: "DELETE", path: `/api/silences/${encodeURIComponent(id)}` });
    return say(invocation, { ended: id }, () => `The silence ${id} is over: what still goes on is told.`);
  };
};
