import { type Alert, levelOf, type Worst } from "../../cells/alerts/alert.ts";
import { closedText, subjectWords, valueWords, whatResolves, whyWithin } from "../../cells/alerts/alert-words.ts";
import {
  isSilenceOf,
  type Silence,
  silencedUntilMillis,
  silenceState,
  silenceWords,
} from "../../cells/alerts/silence.ts";
import type {
  AlertDetail,
  AlertEvent,
  AlertList,
  AlertView,
  Delivery,
  DestinationList,
  Silence as SilenceView,
} from "../../cells/wire/http-alerts.ts";
import type { AlertHistory } from "../../workspaces/alerts/alert-history.ts";
import type { Outbox, OutboxMessage } from "../../workspaces/alerts/outbox.ts";
import type { Destination, SettingText } from "./destination.ts";
import type { Alerts } from "./open-alerts.ts";

const iso = (millis: number): string => new Date(millis).toISOString();
const isoOrNull = (millis: number | null): string | null => (millis === null ? null : iso(millis));

/** `inForce`: silences of its job, and others. */
export function alertView(alert: Alert, inForce: readonly Silence[]): AlertView {
  const { sinceMillis, firedMillis, endedMillis, told, acknowledged, closed, metric, observation, worst, ...rest } =
    alert;
  return {
    ...rest,
    metric,
    observation,
    level: levelOf(alert),
    title: subjectWords(alert),
    value: metric === null || observation === null ? null : valueWords(metric, observation),
    worst: metric === null || worst === null ? null : worstView(metric, worst),
    since: iso(sinceMillis),
    firedAt: isoOrNull(firedMillis),
    endedAt: isoOrNull(endedMillis),
    toldAt: isoOrNull(told?.atMillis ?? null),
    silencedUntil: isoOrNull(silencedUntilMillis(inForce, alert)),
    acknowledged: acknowledged === null ? null : remarkView(acknowledged),
    closed: closed === null ? null : { ...remarkView(closed), as: closed.as, mark: closed.mark },
  };
}

const worstView = (metric: string, { observation, atMillis }: Worst) => ({
  value: valueWords(metric, observation),
  at: iso(atMillis),
  reading: observation.reading,
});

export function pastView({ id: alert, job, firedMillis, endedMillis, ...about }: Alert): AlertList["past"][number] {
  return {
    ...{ job, alert, title: subjectWords({ job, ...about }) },
    ...{ firedAt: iso(firedMillis!), endedAt: iso(endedMillis!) },
  };
}

const remarkView = ({ by, atMillis, comment }: { by: string; atMillis: number; comment: string }) => ({
  by,
  at: iso(atMillis),
  comment,
});

export function silenceView(silence: Silence, nowMillis: number): SilenceView {
  const { fromMillis, untilMillis, ...rest } = silence;
  const [title, state] = [silenceWords(silence), silenceState(silence, nowMillis)];
  return { ...rest, title, state, from: iso(fromMillis), until: iso(untilMillis) };
}

export function eventView({ atMillis, alert: _alert, ...rest }: AlertHistory, about: Alert): AlertEvent {
  return { ...rest, at: iso(atMillis), text: textOf(rest, about) };
}

function textOf(event: Pick<AlertHistory, "act" | "text" | "to" | "observation">, about: Alert): string | null {
  const { act, text } = event;
  if (text === null) return act === "state" ? whyWithin(about, event) : null;
  return act === "closed" ? closedText(text) : text;
}

export function deliveryView(message: OutboxMessage, outbox: Outbox): Delivery {
  const { id, destination, job, run, title, state } = message;
  return {
    ...{ id, destination, job, run, title, state },
    createdAt: iso(message.createdMillis),
    endedAt: isoOrNull(message.endedMillis),
    nextAt: state === "waiting" ? iso(message.nextMillis) : null,
    attempts: outbox.attempts(id).map(({ atMillis, durationMillis, outcome, status, text }) => ({
      ...{ at: iso(atMillis), durationMillis, outcome, status, message: text },
    })),
  };
}

/** All that is known of one alert; null when there is none of that id. */
export function alertDetail(
  { store }: Alerts,
  id: string,
  nowMillis: number,
  { zone, zoneOf }: { readonly zone: string; readonly zoneOf: (job: string) => string },
): AlertDetail | null {
  const alert = store.find(id);
  if (alert === null) return null;
  const { job } = alert;
  const silences = store.silences.open(nowMillis, job).filter((one) => isSilenceOf(one, alert));
  return {
    zone,
    jobZone: zoneOf(job),
    alert: alertView(alert, store.silences.inForce(nowMillis, job)),
    resolves: whatResolves(alert),
    history: store.history(id).map((event) => eventView(event, alert)),
    deliveries: store.outbox.ofAlert(id).map((message) => deliveryView(message, store.outbox)),
    silences: silences.map((one) => silenceView(one, nowMillis)),
    record: store.falseAlarms(job)[0] ?? { job, fired: 0, closed: 0, falseAlarms: 0 },
  };
}

export function destinationView(
  destination: Destination,
  { store, problemOf }: Pick<Alerts, "store" | "problemOf">,
): DestinationList["destinations"][number] {
  const { name, type, allowPrivate } = destination;
  const { waiting, failed, lastDeliveredMillis, lastProblem } = store.outbox.counts(name);
  return {
    ...{ name, type, allowPrivate, waiting, failed, lastProblem },
    format: type === "webhook" ? destination.format : "text",
    target: targetOf(destination),
    signed: type === "webhook" && destination.secret !== null,
    problem: problemOf(name),
    lastDeliveredAt: isoOrNull(lastDeliveredMillis),
  };
}

/** Paths of webhooks are secrets: who knows one may write there. */
function targetOf(destination: Destination): string {
  if (destination.type === "email") return destination.to;
  const { url }: { url: SettingText } = destination;
  return "variable" in url ? `env:${url.variable}` : new URL(url.text).origin;
}
