import type { DatabaseSync } from "node:sqlite";
import { GIVE_UP_AFTER_MILLIS, retryDelayMillis } from "../../cells/alerts/backoff.ts";
import { type Notification, notification } from "../../cells/alerts/notification.ts";
import { transaction } from "../monitor/monitor-database.ts";
import { type Row, Statements } from "../monitor/statements.ts";
import { numberOrNull, textOrNull } from "./alert-rows.ts";
import { OUTBOX_TABLES } from "./alert-tables.ts";

export type MessageState = "waiting" | "delivered" | "failed";
/** `unknown`: begun, and not known to have ended. */
export type AttemptOutcome = "delivered" | "failed" | "unknown";

export interface Attempt {
  readonly atMillis: number;
  readonly durationMillis: number | null;
  readonly outcome: AttemptOutcome;
  readonly status: number | null;
  readonly text: string | null;
}
export interface AttemptResult {
  readonly ok: boolean;
  readonly status: number | null;
  readonly text: string;
}
export interface OutboxMessage {
  readonly sequence: number;
  /** The idempotency key. */
  readonly id: string;
  readonly destination: string;
  readonly job: string | null;
  readonly run: string | null;
  readonly title: string;
  readonly message: Notification;
  readonly state: MessageState;
  readonly createdMillis: number;
  readonly failures: number;
  readonly nextMillis: number;
  readonly giveUpMillis: number;
  readonly endedMillis: number | null;
}
export interface DestinationCounts {
  readonly waiting: number;
  readonly failed: number;
  readonly lastDeliveredMillis: number | null;
  readonly lastProblem: string | null;
}

/**
 * Messages that wait for their destination, were delivered, or were given up after a day. Rows are written in the
 * transaction of the state change that they tell of; one deliverer takes them out, in order for each destination.
 */
export class Outbox {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    database.exec(OUTBOX_TABLES);
    this.#database = database;
    this.#sql = new Statements(database);
  }

  /** `about`: ids of all alerts that it tells of, also those that it only counts. @returns false when the same message is there already */
  add(
    message: Notification,
    title: string,
    nowMillis: number,
    about: readonly string[] = message.alerts.map(({ alert }) => alert),
  ): boolean {
    return transaction(this.#database, () => {
      const { key, destination, job, run } = message;
      const added = this.#sql.run(
        `INSERT OR IGNORE INTO outbox (id, destination, job, run, title, payload, state, created_millis, next_millis, give_up_millis)
         VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?)`,
        ...[key, destination, job, run, title, JSON.stringify(message)],
        ...[nowMillis, nowMillis, nowMillis + GIVE_UP_AFTER_MILLIS],
      );
      if (added === 0) return false;
      for (const alert of about)
        this.#sql.run("INSERT OR IGNORE INTO outbox_alerts (message, alert) VALUES (?, ?)", key, alert);
      return true;
    });
  }

  /** The first that waits of each destination, due or not: what is behind it waits for it. */
  heads(): readonly OutboxMessage[] {
    return this.#sql
      .all(
        `SELECT * FROM outbox WHERE sequence IN
           (SELECT min(sequence) FROM outbox WHERE state = 'waiting' GROUP BY destination) ORDER BY sequence`,
      )
      .map(toMessage);
  }

  /** Names of destinations that messages wait for. */
  awaited(): readonly string[] {
    const rows = this.#sql.all("SELECT DISTINCT destination FROM outbox WHERE state = 'waiting' ORDER BY 1");
    return rows.map((row) => String(row.destination));
  }

  /** Before anything is sent, so that an attempt that a crash cut off is seen. @returns its number for `end` */
  begin(id: string, nowMillis: number): number {
    const row = this.#sql.get(
      "INSERT INTO deliveries (message, at_millis, outcome) VALUES (?, ?, 'unknown') RETURNING id",
      id,
      nowMillis,
    );
    return Number(row!.id);
  }

  /** A failed message is tried again later, or given up when its day is over. */
  end(attempt: number, id: string, result: AttemptResult, nowMillis: number): MessageState {
    return transaction(this.#database, () => {
      this.#endAttempt(attempt, result, nowMillis);
      const { failures, giveUpMillis } = this.find(id)!;
      if (result.ok) {
        this.#sql.run("UPDATE outbox SET state = 'delivered', ended_millis = ? WHERE id = ?", nowMillis, id);
        return "delivered";
      }
      const nextMillis = nowMillis + retryDelayMillis(failures + 1);
      if (nextMillis > giveUpMillis) {
        this.#sql.run(
          "UPDATE outbox SET state = 'failed', failures = failures + 1, ended_millis = ? WHERE id = ?",
          nowMillis,
          id,
        );
        return "failed";
      }
      this.#sql.run("UPDATE outbox SET failures = failures + 1, next_millis = ? WHERE id = ?", nextMillis, id);
      return "waiting";
    });
  }

  /** A message that is sent at once and beside the order, and never again by itself. @returns its attempt's number */
  addTest(message: Notification, title: string, nowMillis: number): number {
    return transaction(this.#database, () => {
      this.add(message, title, nowMillis);
      this.#sql.run("UPDATE outbox SET state = 'failed', ended_millis = ? WHERE id = ?", nowMillis, message.key);
      return this.begin(message.key, nowMillis);
    });
  }

  endTest(attempt: number, id: string, result: AttemptResult, nowMillis: number): void {
    transaction(this.#database, () => {
      this.#endAttempt(attempt, result, nowMillis);
      if (result.ok)
        this.#sql.run("UPDATE outbox SET state = 'delivered', ended_millis = ? WHERE id = ?", nowMillis, id);
    });
  }

  /** Once more from the beginning, with the same key. @returns null when there is none */
  redeliver(id: string, nowMillis: number): OutboxMessage | null {
    this.#sql.run(
      "UPDATE outbox SET state = 'waiting', failures = 0, next_millis = ?, give_up_millis = ?, ended_millis = NULL WHERE id = ?",
      ...[nowMillis, nowMillis + GIVE_UP_AFTER_MILLIS, id],
    );
    return this.find(id);
  }

  #endAttempt(attempt: number, { ok, status, text }: AttemptResult, nowMillis: number): void {
    this.#sql.run(
      "UPDATE deliveries SET duration_millis = ? - at_millis, outcome = ?, status = ?, text = ? WHERE id = ?",
      ...[nowMillis, ok ? "delivered" : "failed", status, text, attempt],
    );
  }

  find(id: string): OutboxMessage | null {
    const row = this.#sql.get("SELECT * FROM outbox WHERE id = ?", id);
    return row === null ? null : toMessage(row);
  }

  /** Newest first. */
  list(limit: number, destination: string | null = null): readonly OutboxMessage[] {
    const rows =
      destination === null
        ? this.#sql.all("SELECT * FROM outbox ORDER BY sequence DESC LIMIT ?", limit)
        : this.#sql.all(
            "SELECT * FROM outbox WHERE destination = ? ORDER BY sequence DESC LIMIT ?",
            destination,
            limit,
          );
    return rows.map(toMessage);
  }

  /** Those that told of an alert, newest first. */
  ofAlert(alert: string): readonly OutboxMessage[] {
    return this.#sql
      .all(
        "SELECT outbox.* FROM outbox_alerts JOIN outbox ON id = message WHERE alert = ? ORDER BY sequence DESC LIMIT 100",
        alert,
      )
      .map(toMessage);
  }

  /** Oldest first. */
  attempts(id: string): readonly Attempt[] {
    return this.#sql.all("SELECT * FROM deliveries WHERE message = ? ORDER BY id", id).map((row) => ({
      atMillis: Number(row.at_millis),
      durationMillis: numberOrNull(row.duration_millis),
      outcome: String(row.outcome) as AttemptOutcome,
      status: numberOrNull(row.status),
      text: textOrNull(row.text),
    }));
  }

  counts(destination: string): DestinationCounts {
    const of = "FROM outbox WHERE destination = ?1 AND state";
    const row = this.#sql.get(
      `SELECT (SELECT count(*) ${of} = 'waiting') AS waiting, (SELECT count(*) ${of} = 'failed') AS failed,
         (SELECT max(ended_millis) ${of} = 'delivered') AS delivered`,
      destination,
    )!;
    // The last attempt was at what waits first, or at what ended last: nothing else is looked at, for years may lie there.
    const last = this.#sql.get(
      `SELECT outcome, text FROM deliveries WHERE outcome <> 'unknown' AND message IN (
         SELECT id FROM (SELECT id FROM outbox INDEXED BY outbox_waiting WHERE destination = ?1 AND state = 'waiting'
           ORDER BY sequence LIMIT 1)
         UNION ALL SELECT id FROM (SELECT id ${of} = 'delivered' ORDER BY ended_millis DESC, sequence DESC LIMIT 1)
         UNION ALL SELECT id FROM (SELECT id ${of} = 'failed' ORDER BY ended_millis DESC, sequence DESC LIMIT 1)
       ) ORDER BY id DESC LIMIT 1`,
      destination,
    );
    return {
      waiting: Number(row.waiting),
      failed: Number(row.failed),
      lastDeliveredMillis: numberOrNull(row.delivered),
      lastProblem: last?.outcome === "failed" ? textOrNull(last.text) : null,
    };
  }
}

function toMessage(row: Row): OutboxMessage {
  return {
    sequence: Number(row.sequence),
    id: String(row.id),
    destination: String(row.destination),
    job: textOrNull(row.job),
    run: textOrNull(row.run),
    title: String(row.title),
    message: notification.parse(JSON.parse(String(row.payload))),
    state: String(row.state) as MessageState,
    createdMillis: Number(row.created_millis),
    failures: Number(row.failures),
    nextMillis: Number(row.next_millis),
    giveUpMillis: Number(row.give_up_millis),
    endedMillis: numberOrNull(row.ended_millis),
  };
}
