import { z } from "zod";
import { type Alert, levelOf } from "../../cells/alerts/alert.ts";
import { type SilenceTarget, WHOLE_JOB } from "../../cells/alerts/silence.ts";
import {
  alertSilenceWish,
  type Silence,
  silence,
  silenceList,
  silenceSubjects,
  silenceWish,
} from "../../cells/wire/http-alerts.ts";
import { silenceView } from "../alerts/alert-views.ts";
import { silenceTarget, silenceSubjects as subjectsOf } from "../alerts/silence-subjects.ts";
import { silenceTime } from "../alerts/silence-time.ts";
import { actorOf } from "../gate/principal.ts";
import { HttpError } from "../http-error.ts";
import { openAlert, placeOf } from "./alert-routes.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const byId = z.object({ id: z.string() });

/** Times in which nobody is told: planned, in force, and those that were. */
export const silenceRoutes: readonly Route[] = [
  defineRoute("GET", "/api/silences", {
    need: "read",
    summary: "Silences in force or planned, in the order in which they begin; with state all those that were too",
    query: z.object({ state: z.enum(["open", "all"]).default("open"), job: z.string().optional() }),
    answer: silenceList,
    handle: async ({ query: { state, job = null }, services: { alerts, jobs, settings } }) => {
      if (job !== null) await jobs.refuseUnknown(job);
      const nowMillis = Date.now();
      const { silences } = alerts.store;
      const found = state === "open" ? silences.open(nowMillis, job) : silences.all(job);
      return { zone: settings.zone, silences: found.map((one) => silenceView(one, nowMillis)) };
    },
  }),
  defineRoute("GET", "/api/silences/subjects", {
    need: "read",
    summary: "What of a job can be silenced: its cells, and the values that its last run measured",
    query: z.object({ job: z.string() }),
    answer: silenceSubjects,
    handle: ({ query: { job }, services }) => subjectsOf(services.jobs, job),
  }),
  defineRoute("POST", "/api/silences", {
    need: "edit",
    summary: "Tell nobody of a job, a cell of it or one value, from now or a later time on",
    body: silenceWish,
    answer: silence,
    handle: ({ body, services: { alerts, jobs, settings }, principal, audit }) => {
      const nowMillis = Date.now();
      const target = silenceTarget(jobs, body);
      const time = silenceTime(body, nowMillis, settings.zone);
      const act = { by: actorOf(principal), comment: body.comment, nowMillis };
      const made = silenceView(alerts.store.silence(target, time, act), nowMillis);
      audit("silence", made.id, factsOf(made));
      return made;
    },
  }),
  defineRoute("DELETE", "/api/silences/:id", {
    need: "edit",
    summary: "End a silence: what still goes on is told",
    params: byId,
    answer: z.object({}),
    handle: ({ params: { id }, services: { alerts }, audit }) => {
      const nowMillis = Date.now();
      const ended = alerts.store.endSilence(id, nowMillis);
      if (ended === null)
        throw new HttpError(404, `There is no silence "${id}" in force or planned.`, {
          hint: "driftbook alert silences shows those there are.",
        });
      audit("end silence", id, factsOf(silenceView(ended, nowMillis)));
      return {};
    },
  }),
  defineRoute("POST", "/api/alerts/:id/silence", {
    need: "edit",
    summary: "Tell nobody of it for a time: of this alert alone, of its value, its cell, or its job",
    params: byId,
    body: alertSilenceWish,
    answer: silence,
    handle: ({ params: { id }, body, services, principal, audit }) => {
      const { alerts, settings } = services;
      const alert = openAlert(services, id);
      const nowMillis = Date.now();
      const time = silenceTime(body, nowMillis, settings.zone);
      const act = { by: actorOf(principal), comment: body.comment, nowMillis };
      const made = silenceView(alerts.store.silence(targetOf(alert, body.scope), time, act), nowMillis);
      audit("silence alert", id, {
        ...placeOf(alert),
        of: made.title,
        from: made.from,
        until: made.until,
        comment: made.comment,
        silence: made.id,
      });
      return made;
    },
  }),
];

/** For the audit log, which says by itself who and when. */
const factsOf = ({ job, cell, metric, subject, slice, alert, from, until, comment }: Silence) => ({
  ...{ job, cell, metric, subject, slice, alert, from, until, comment },
});

/** @throws HttpError 400 where the alert has no value or cell of its own */
function targetOf(alert: Alert, scope: z.output<typeof alertSilenceWish>["scope"]): SilenceTarget {
  const { id, job, cell, metric, subject, slice } = alert;
  const whole = { job, ...WHOLE_JOB };
  const level = levelOf(alert);
  switch (scope) {
    case "alert":
      return { ...whole, alert: id };
    case "job":
      return whole;
    case "cell":
      if (level !== "job") return { ...whole, cell };
      break;
    case "value":
      if (level === "value") return { ...whole, cell, metric, subject, slice };
  }
  throw new HttpError(
    400,
    `body.scope: the alert ${id} is of ${level === "job" ? "a job" : "a cell"} and has no ${scope}.`,
  );
}
