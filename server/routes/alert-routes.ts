import { z } from "zod";
import type { Alert } from "../../cells/alerts/alert.ts";
import { subjectWords } from "../../cells/alerts/alert-words.ts";
import type { Mark } from "../../cells/monitoring/mark.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { resolveWindow } from "../../cells/time/resolve-window.ts";
import { parseWindow } from "../../cells/time/window.ts";
import {
  acknowledgeWish,
  alertDetail,
  alertFilter,
  alertList,
  closeAnswer,
  closeWish,
  delivery,
  deliveryList,
  destinationList,
} from "../../cells/wire/http-alerts.ts";
import { nearest } from "../../cells/yaml/nearest.ts";
import {
  alertView,
  deliveryView,
  destinationView,
  alertDetail as detailOf,
  pastView,
  silenceView,
} from "../alerts/alert-views.ts";
import { lostDestinations } from "../alerts/lost-destinations.ts";
import { actorOf } from "../gate/principal.ts";
import { HttpError } from "../http-error.ts";
import type { Services } from "../services.ts";
import { defineRoute } from "./define-route.ts";
import type { Call, Route } from "./route.ts";

const byId = z.object({ id: z.string() });
const limit = (most: number) => z.coerce.number().int().min(1).max(most);

/** What alerts tell, and what people make of it. */
export const alertRoutes: readonly Route[] = [
  defineRoute("GET", "/api/alerts", {
    need: "read",
    summary: "Alerts by state, newest first; open ones unless asked otherwise",
    query: z.object({
      state: alertFilter.default("open"),
      job: z.string().optional(),
      limit: limit(1000).default(500),
    }),
    answer: alertList,
    handle: async ({ query: { state, job = null, limit: most }, services: { alerts, jobs, settings } }) => {
      if (job !== null) await jobs.refuseUnknown(job);
      const now = Date.now();
      const inForce = alerts.store.silences.inForce(now, job);
      const found = alerts.store.list(state, now, { job, limit: most });
      return {
        zone: settings.zone,
        alerts: found.map((alert) => alertView(alert, inForce)),
        records: [...alerts.store.falseAlarms(job)],
        silences: alerts.store.silences.open(now, job).map((one) => silenceView(one, now)),
        past: alerts.store.lastOver(job).map(pastView),
      };
    },
  }),
  defineRoute("GET", "/api/alerts/:id", {
    need: "read",
    summary: "An alert with its history, its messages and what would resolve it",
    params: byId,
    answer: alertDetail,
    handle: ({ params, services: { alerts, jobs, settings } }) => {
      const zones = { zone: settings.zone, zoneOf: (job: string) => jobs.views.zoneOf(job) };
      return detailOf(alerts, params.id, Date.now(), zones) ?? noAlert(params.id);
    },
  }),
  defineRoute("POST", "/api/alerts/:id/acknowledge", {
    need: "edit",
    summary: "Somebody takes it: it is not told again, only that it is over",
    params: byId,
    body: acknowledgeWish,
    answer: alertDetail.shape.alert,
    handle: ({ params: { id }, body, services, principal, audit }) => {
      const alert = openAlert(services, id);
      const nowMillis = Date.now();
      services.alerts.store.acknowledge(id, { by: actorOf(principal), comment: body.comment, nowMillis });
      audit("acknowledge alert", id, { ...placeOf(alert), ...body });
      return viewOf(services, id);
    },
  }),
  defineRoute("POST", "/api/alerts/:id/close", {
    need: "edit",
    summary: "Say what it was: useful, a false alarm or a known event, which can become a mark",
    params: byId,
    body: closeWish,
    answer: closeAnswer,
    handle: ({ params: { id }, body, services, principal, audit }) => {
      const alert = services.alerts.store.find(id) ?? noAlert(id);
      if (alert.firedMillis === null)
        throw new HttpError(409, `The alert ${id} has not fired: there is nothing to judge.`, {
          hint: `It can be silenced; driftbook alert show ${id} says what can be done.`,
        });
      const by = actorOf(principal);
      const wish = markWish(body, alert, services);
      let made: Mark | null = null;
      const makeMark = (): string => {
        made = services.workspace.marks.make({ ...wish!, by });
        return made.id;
      };
      const act = { by, comment: body.comment, nowMillis: Date.now() };
      services.alerts.store.close(id, body.as, act, wish === null ? null : makeMark);
      audit("close alert", id, { ...placeOf(alert), ...body });
      if (made !== null) auditMark(audit, made, id);
      return { alert: viewOf(services, id), mark: made };
    },
  }),
  defineRoute("GET", "/api/destinations", {
    need: "read",
    summary: "Where messages go, without secrets, and how it goes there",
    answer: destinationList,
    handle: ({ services }) => ({
      destinations: services.settings.destinations.map((one) => destinationView(one, services.alerts)),
      lost: lostDestinations(services),
    }),
  }),
  defineRoute("POST", "/api/destinations/:name/test", {
    need: "edit",
    summary: "Send a test there now, and say what came of it",
    params: z.object({ name: z.string() }),
    answer: z.object({ ok: z.boolean(), message: z.string() }),
    handle: async ({ params: { name }, services: { alerts, settings }, audit }) => {
      const result = await alerts.test(name);
      if (result === null) throw noDestination(name, settings);
      audit("test destination", name, { ok: result.ok });
      return { ok: result.ok, message: result.text };
    },
  }),
  defineRoute("GET", "/api/deliveries", {
    need: "read",
    summary: "Messages to destinations with every attempt, newest first",
    query: z.object({ destination: z.string().optional(), limit: limit(500).default(100) }),
    answer: deliveryList,
    handle: ({ query: { destination = null, limit: most }, services: { alerts, settings } }) => {
      const { outbox } = alerts.store;
      const found = outbox.list(most, destination);
      // One that driftbook.yaml lost is known by what was written to it.
      if (destination !== null && found.length === 0 && settings.destinations.every(({ name }) => name !== destination))
        throw noDestination(destination, settings);
      return { zone: settings.zone, deliveries: found.map((message) => deliveryView(message, outbox)) };
    },
  }),
  defineRoute("POST", "/api/deliveries/:id/redeliver", {
    need: "edit",
    summary: "Send a message once more, with the same key",
    params: byId,
    answer: delivery,
    handle: ({ params: { id }, services: { alerts }, audit }) => {
      const message = alerts.store.outbox.redeliver(id, Date.now());
      if (message === null)
        throw new HttpError(404, `There is no message "${id}".`, {
          hint: "driftbook alert deliveries shows those there are.",
        });
      alerts.deliverer.wake();
      audit("redeliver message", id, { destination: message.destination, job: message.job, run: message.run });
      return deliveryView(message, alerts.store.outbox);
    },
  }),
];

function auditMark(audit: Call<never, never, never>["audit"], made: Mark, alert: string): void {
  const { id, stream, window, note, excludes } = made;
  audit("mark", stream, { id, window, note, excludes, alert });
}

/** What an alert is about, for those who read the audit log later. */
export function placeOf({ job, version, cell, metric, subject, slice }: Alert) {
  return { job, version, cell, metric, subject, slice };
}

function noDestination(name: string, { destinations }: Services["settings"]): HttpError {
  const names = destinations.map((one) => one.name);
  const near = nearest(name, names);
  return new HttpError(404, `There is no destination "${name}".`, {
    hint: near !== null ? `Did you mean ${near}?` : `driftbook.yaml has: ${names.join(", ") || "none"}.`,
  });
}

function noAlert(id: string): never {
  throw new HttpError(404, `There is no alert "${id}".`, { hint: "driftbook alert list shows those there are." });
}

/** @throws HttpError 404, and 409 for one that is over */
export function openAlert({ alerts }: Services, id: string): Alert {
  const alert = alerts.store.find(id) ?? noAlert(id);
  if (alert.endedMillis === null) return alert;
  throw new HttpError(
    409,
    `The alert ${id} is over: it is ${alert.state} since ${new Date(alert.endedMillis).toISOString()}.`,
  );
}

function viewOf({ alerts }: Services, id: string) {
  const alert = alerts.store.find(id) ?? noAlert(id);
  return alertView(alert, alerts.store.silences.inForce(Date.now(), alert.job));
}

/** The mark that a known event becomes; null where none is asked for. @throws HttpError 400, 404 */
function markWish({ as, mark, comment }: z.output<typeof closeWish>, alert: Alert, services: Services) {
  if (mark === undefined) return null;
  if (as !== "known-event") throw new HttpError(400, `body.mark: only a known-event becomes a mark, not ${as}.`);
  const { stream, excludes } = mark;
  if (!services.workspace.contracts.list().some((one) => one.stream === stream))
    throw new HttpError(404, `There is no stream "${stream}".`);
  const note = mark.note ?? (comment === "" ? subjectWords(alert) : comment).slice(0, 200);
  return { stream, window: windowOf(mark.window, alert, services), note, excludes };
}

/** As it is stated, or all that was past its bound while the alert was open. */
function windowOf(text: string | undefined, alert: Alert, { jobs, settings }: Services): ResolvedWindow {
  if (text === undefined) {
    const { job, cell, metric, subject, slice, sinceMillis, endedMillis } = alert;
    const episode = { sinceMillis, untilMillis: endedMillis ?? Number.MAX_SAFE_INTEGER };
    const found =
      cell === null || metric === null
        ? null
        : jobs.history.eventWindow({ job, cell, metric, subject, slice }, episode);
    if (found !== null) return { start: found[0], end: found[1] };
    throw new HttpError(400, "body.mark.window: the alert has no window of its own; give one such as 2026-03-05.");
  }
  const read = parseWindow(text);
  const resolved = read.ok ? resolveWindow(read.window, { at: new Date().toISOString(), zone: settings.zone }) : read;
  if (!resolved.ok) throw new HttpError(400, `body.mark.window: ${resolved.problem}.`);
  return resolved.window;
}
