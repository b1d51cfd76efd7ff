import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { messageTitle } from "../../cells/alerts/message-text.ts";
import type { Notification } from "../../cells/alerts/notification.ts";
import { AlertStore } from "../../workspaces/alerts/alert-store.ts";
import type { OnRemoved } from "../../workspaces/jobs/job-store.ts";
import type { OnEnded } from "../../workspaces/jobs/run-result.ts";
import type { Log } from "../log.ts";
import type { WorkspaceSettings } from "../workspace-settings.ts";
import type { Lookup } from "./checked-address.ts";
import { Deliverer } from "./deliverer.ts";
import { EndedRuns, type JobsOfAlerts } from "./judge-ended.ts";
import { problemOf, sendMessage } from "./send-message.ts";
import type { SendResult } from "./send-webhook.ts";

export interface AlertParts {
  /** The monitoring database. */
  readonly database: DatabaseSync;
  readonly settings: Pick<WorkspaceSettings, "destinations" | "zone">;
  /** The value of a variable that driftbook.yaml names. */
  readonly variable: (name: string) => string | undefined;
  /** Where links in messages lead, without a slash at its end. */
  readonly origin: () => string;
  readonly log: Log;
  readonly nowMillis?: () => number;
  readonly timeoutMillis?: number;
  readonly lookup?: Lookup;
  readonly jobs: () => JobsOfAlerts;
}

const TIMEOUT_MILLIS = 15_000;

/** Alerts and their delivery over the monitoring database. Nothing is sent before `start` but by `test`. */
export interface Alerts {
  readonly store: AlertStore;
  readonly deliverer: Deliverer;
  /** Judges a run within the transaction that ends it. */
  readonly onEnded: OnEnded;
  /** Ends a job's alerts within the transaction that removes it. */
  readonly onRemoved: OnRemoved;
  /** Why nothing can be sent to a destination as things stand; null when it can be tried. */
  problemOf(destination: string): string | null;
  /** One message to a destination at once, beside the outbox's order. @returns null when there is no such destination */
  test(destination: string): Promise<SendResult | null>;
  start(): void;
  close(): Promise<void>;
}

export function openAlerts(parts: AlertParts): Alerts {
  const { database, settings, variable, origin, log, lookup } = parts;
  const nowMillis = parts.nowMillis ?? Date.now;
  const stop = new AbortController();
  const find = (name: string) => settings.destinations.find((one) => one.name === name) ?? null;
  const send = async (message: Notification, signal: AbortSignal): Promise<SendResult> => {
    const destination = find(message.destination);
    if (destination === null) return { ok: false, status: null, text: absent(message.destination) };
    const place = { origin: origin(), zone: settings.zone };
    const sending = { place, variable, nowMillis, timeoutMillis: parts.timeoutMillis ?? TIMEOUT_MILLIS };
    return sendMessage(destination, message, lookup === undefined ? sending : { ...sending, lookup }, signal);
  };
  // The store wakes the deliverer that works on it.
  const store: AlertStore = new AlertStore(
    database,
    () => deliverer.wake(),
    (of, throughMillis) => parts.jobs().history.pastValues(of, throughMillis),
  );
  const ended = new EndedRuns(store, parts.jobs);
  const deliverer = new Deliverer({ store, send, log, nowMillis, everyMinute: (now) => ended.tidy(now) });
  return {
    store,
    deliverer,
    onEnded: ended.onEnded,
    onRemoved: ended.onRemoved,
    problemOf(name) {
      const destination = find(name);
      return destination === null ? absent(name) : problemOf(destination, variable);
    },
    async test(destination) {
      if (find(destination) === null) return null;
      const at = nowMillis();
      const key = `msg_${randomBytes(20).toString("base64url")}`;
      const message: Notification = {
        ...{ key, destination, type: "test", job: null, run: null, alerts: [], unlisted: {} },
        at: new Date(at).toISOString(),
      };
      const attempt = store.outbox.addTest(message, messageTitle(message), at);
      const result = await send(message, stop.signal);
      store.outbox.endTest(attempt, key, result, nowMillis());
      return result;
    },
    start: () => deliverer.start(),
    async close() {
      stop.abort(new Error("The server stops."));
      await deliverer.close();
    },
  };
}

const absent = (name: string): string =>
  `driftbook.yaml has no destination "${name}": write it there under destinations and start the server again.`;
