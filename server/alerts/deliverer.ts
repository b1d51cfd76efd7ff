import { LONGEST_RETRY_MILLIS } from "../../cells/alerts/backoff.ts";
import type { Notification } from "../../cells/alerts/notification.ts";
import type { AlertStore } from "../../workspaces/alerts/alert-store.ts";
import type { OutboxMessage } from "../../workspaces/alerts/outbox.ts";
import { errorFields, type Log } from "../log.ts";
import type { SendResult } from "./send-webhook.ts";

/** Rejects only when the signal stops it. */
export type Send = (message: Notification, stop: AbortSignal) => Promise<SendResult>;

export interface DelivererParts {
  readonly store: AlertStore;
  readonly send: Send;
  readonly log: Log;
  readonly nowMillis?: () => number;
  /** Called before it looks for messages that are due again. */
  readonly everyMinute?: (nowMillis: number) => void;
}

/** How often it looks for messages that are due again. */
const REPEAT_MILLIS = 60_000;
/** Timers hold no longer time; then it looks again. */
const LONGEST_WAIT_MILLIS = REPEAT_MILLIS;
/** After something failed that is not the receiver's fault. */
const PAUSE_MILLIS = 5000;

/**
 * Takes messages out of the outbox: of each destination one at a time and in order, of several at once. A message leaves
 * the outbox after the receiver's answer only, so that one that a crash cut off is sent again, with the same key. Made by
 * `openAlerts`; idle until `start` or `turn`; `close` leaves what is on its way as not known.
 */
export class Deliverer {
  readonly #parts: DelivererParts;
  readonly #nowMillis: () => number;
  readonly #stop = new AbortController();
  readonly #busy = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #isStarted = false;
  #isAwake = false;
  #repeatAtMillis = 0;
  #pausedUntilMillis = 0;

  constructor(parts: DelivererParts) {
    this.#parts = parts;
    this.#nowMillis = parts.nowMillis ?? Date.now;
  }

  /** From now on by itself. */
  start(): void {
    this.#isStarted = true;
    this.wake();
  }

  /** There may be new messages: looks after the caller's transaction. Nothing before `start`. */
  wake(): void {
    if (!this.#isStarted || this.#isAwake || this.#stop.signal.aborted) return;
    this.#isAwake = true;
    setImmediate(() => {
      this.#isAwake = false;
      this.#look();
    });
  }

  /** All that is due now, to its end: for tests and for commands without a server. */
  async turn(): Promise<void> {
    this.#look();
    while (this.#busy.size > 0) await Promise.all(this.#busy.values());
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("The server stops."));
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all(this.#busy.values());
  }

  /** One boundary for all that comes from timers: a database that does not answer now is asked again later. */
  #look(): void {
    const now = this.#nowMillis();
    if (this.#stop.signal.aborted) return;
    if (isAhead(this.#pausedUntilMillis, now, PAUSE_MILLIS)) {
      this.#lookAgain(this.#pausedUntilMillis - now);
      return;
    }
    let nextMillis: number;
    try {
      nextMillis = this.#begin(now);
    } catch (error) {
      this.#pause(error);
      return;
    }
    this.#lookAgain(nextMillis - now);
  }

  #pause(error: unknown): void {
    this.#parts.log.write("error", "messages of alerts pause", errorFields(error));
    this.#pausedUntilMillis = this.#nowMillis() + PAUSE_MILLIS;
    this.#lookAgain(PAUSE_MILLIS);
  }

  #lookAgain(waitMillis: number): void {
    if (!this.#isStarted || this.#stop.signal.aborted) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), Math.min(LONGEST_WAIT_MILLIS, Math.max(0, waitMillis)));
    this.#timer.unref();
  }

  /** Begins all that is due and whose destination is free. @returns when something else is due */
  #begin(now: number): number {
    if (!isAhead(this.#repeatAtMillis, now, REPEAT_MILLIS)) {
      this.#repeatAtMillis = now + REPEAT_MILLIS;
      this.#parts.everyMinute?.(now);
      this.#parts.store.repeatDue(now);
    }
    let nextMillis = this.#repeatAtMillis;
    for (const head of this.#parts.store.outbox.heads()) {
      if (this.#busy.has(head.destination)) continue;
      if (isAhead(head.nextMillis, now, LONGEST_RETRY_MILLIS)) {
        nextMillis = Math.min(nextMillis, head.nextMillis);
        continue;
      }
      const { destination } = head;
      const work = this.#deliver(head)
        .catch((error: unknown) => this.#pause(error))
        .finally(() => {
          this.#busy.delete(destination);
          this.#look();
        });
      this.#busy.set(destination, work);
    }
    return nextMillis;
  }

  async #deliver({ id, destination, message, title }: OutboxMessage): Promise<void> {
    const { send, log, store } = this.#parts;
    const attempt = store.outbox.begin(id, this.#nowMillis());
    let result: SendResult;
    try {
      result = await send(message, this.#stop.signal);
    } catch (error) {
      // Stopped on the way: it may have arrived, so it goes on waiting and says nothing of a failure.
      if (this.#stop.signal.aborted) return;
      throw error;
    }
    const state = store.outbox.end(attempt, id, result, this.#nowMillis());
    const fields = { destination, delivery: id, title, message: result.text };
    if (state === "delivered") log.write("info", "a message of alerts was delivered", fields);
    else if (state === "waiting") log.write("warn", "a message of alerts was not delivered; it is tried again", fields);
    else log.write("error", "a message of alerts was given up", fields);
  }
}

/** Whether a time is still to come. One further ahead than it was ever set is of before the clock was set back. */
const isAhead = (millis: number, now: number, most: number): boolean => millis > now && millis - now <= most;
