import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { type Alert, type AlertChange, type AlertState, type Closing, isEnded } from "../../cells/alerts/alert.ts";
import { dueRepeats } from "../../cells/alerts/due-repeats.ts";
import { endAll } from "../../cells/alerts/end-all.ts";
import { type Judgement, judgeRun } from "../../cells/alerts/judge-run.ts";
import { type AlertRules, type JudgedRun, momentOf } from "../../cells/alerts/judged-run.ts";
import { messageTitle } from "../../cells/alerts/message-text.ts";
import {
  MOST_LISTED,
  MOST_TOLD,
  type NotedAlert,
  type Notification,
  notedAlertOf,
} from "../../cells/alerts/notification.ts";
import type { PastValue } from "../../cells/alerts/past-value.ts";
import { isSilenceOf, type Silence, type SilenceTarget, silencedUntilMillis } from "../../cells/alerts/silence.ts";
import type { AlertFilter } from "../../cells/wire/http-alerts.ts";
import type { ValueOfJob } from "../jobs/past-values.ts";
import { transaction } from "../monitor/monitor-database.ts";
import { Statements } from "../monitor/statements.ts";
import { filterSql } from "./alert-filters.ts";
import { type AlertHistory, historyOf, type Notice, writeHistory } from "./alert-history.ts";
import { alertValues, SAVE_ALERT, toAlert, UPDATE_ALERT, updateValues } from "./alert-rows.ts";
import { makeAlertTables } from "./alert-tables.ts";
import { Outbox } from "./outbox.ts";
import { Silences } from "./silences.ts";

export interface Act {
  readonly by: string;
  readonly comment: string;
  readonly nowMillis: number;
}
export interface FalseAlarms {
  readonly job: string;
  readonly fired: number;
  readonly closed: number;
  readonly falseAlarms: number;
}

interface Told {
  readonly alert: Alert;
  readonly change: Pick<AlertChange, "from" | "to">;
}
/** `dueMillis`: up to when the past of its values goes. */
interface ToTell extends Pick<Notification, "type" | "job" | "run"> {
  readonly told: readonly Told[];
  readonly dueMillis: number;
}

/** What runs up to a due time made of a value, oldest first. */
export type PastValues = (of: ValueOfJob, throughMillis: number) => readonly PastValue[];

/**
 * Alerts with their history in the monitoring database. What a run changes, and the messages that tell of it, are one
 * transaction: the caller's, where it has one. `onMessage` is called when there are new messages, still inside it, and
 * `pastValues` only for what is told.
 */
export class AlertStore {
  readonly outbox: Outbox;
  readonly silences: Silences;
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #onMessage: () => void;
  readonly #pastValues: PastValues;

  constructor(database: DatabaseSync, onMessage: () => void = () => {}, pastValues: PastValues = () => []) {
    this.outbox = new Outbox(database);
    makeAlertTables(database);
    this.silences = new Silences(database);
    this.#database = database;
    this.#sql = new Statements(database);
    this.#onMessage = onMessage;
    this.#pastValues = pastValues;
  }

  /**
   * Judges a run that is over. The same run counts once, however often it is recorded; one that was due before the newest
   * of its job changes nothing, for alerts say how things stand.
   * @returns the changes of state; none when the run changes nothing
   */
  record(run: JudgedRun, rules: AlertRules, nowMillis: number): readonly AlertChange[] {
    return transaction(this.#database, () => {
      const dueMillis = momentOf(run);
      const { job } = run;
      if (this.#sql.run("INSERT OR IGNORE INTO alert_runs VALUES (?, ?, ?)", run.run, job, dueMillis) === 0) return [];
      const newest = this.#newestDueMillis(job);
      if (newest !== null && newest > dueMillis) return [];
      this.#sql.run("INSERT OR REPLACE INTO alert_jobs VALUES (?, ?, ?)", job, JSON.stringify(rules), dueMillis);
      const judgement = judgeRun(this.#open(job), run, rules);
      return this.#settle(judgement, { job, run: run.run, rules, dueMillis, nowMillis });
    });
  }

  /**
   * As `record`, for runs that end in another order than they were due: each is kept until `isAwaited` says that none that
   * was due before it goes on.
   */
  recordInOrder(
    run: JudgedRun,
    rules: AlertRules,
    isAwaited: (job: string, dueMillis: number) => boolean,
    nowMillis: number,
  ): void {
    transaction(this.#database, () => {
      const waits = this.#sql.get("SELECT 1 FROM alert_waiting WHERE job = ? LIMIT 1", run.job) !== null;
      // Mostly nothing goes before it: what it measured, perhaps ten thousand readings, is then not written to be read again.
      if (!waits && !isAwaited(run.job, momentOf(run))) {
        this.record(run, rules, nowMillis);
        return;
      }
      this.#sql.run(
        "INSERT OR IGNORE INTO alert_waiting VALUES (?, ?, ?, ?, ?)",
        ...[run.run, run.job, momentOf(run), JSON.stringify(run), JSON.stringify(rules)],
      );
      this.release(isAwaited, nowMillis, run.job);
    });
  }

  /** Records what `recordInOrder` kept and nothing goes before any more: of a job, or of all. */
  release(isAwaited: (job: string, dueMillis: number) => boolean, nowMillis: number, job: string | null = null): void {
    transaction(this.#database, () => {
      const blocked = new Set<string>();
      const waiting = "SELECT * FROM alert_waiting WHERE job = coalesce(?, job) ORDER BY due_millis, rowid";
      for (const row of this.#sql.all(waiting, job)) {
        const name = String(row.job);
        if (blocked.has(name) || isAwaited(name, Number(row.due_millis))) {
          blocked.add(name);
          continue;
        }
        const judged = JSON.parse(String(row.judged)) as JudgedRun;
        this.record(judged, JSON.parse(String(row.rules)) as AlertRules, nowMillis);
        this.#sql.run("DELETE FROM alert_waiting WHERE run = ?", judged.run);
      }
    });
  }

  /** Those of which a run was judged, and that have not ended. */
  jobs(): readonly string[] {
    return this.#sql.all("SELECT job FROM alert_jobs ORDER BY job").map(({ job }) => String(job));
  }

  /** The job is gone, its alerts with it, and then its silences: a job that comes back is told of. */
  endJob(job: string, reason: string, nowMillis: number): readonly AlertChange[] {
    return transaction(this.#database, () => {
      const changes = this.#endAlerts(job, reason, nowMillis);
      this.#sql.run("DELETE FROM alert_jobs WHERE job = ?", job);
      this.#sql.run("DELETE FROM alert_waiting WHERE job = ?", job);
      this.silences.endOfJob(job, nowMillis);
      return changes;
    });
  }

  #endAlerts(job: string, reason: string, nowMillis: number): readonly AlertChange[] {
    const rules = this.#rulesOf(job);
    if (rules === null) return [];
    const dueMillis = this.#newestDueMillis(job)!;
    const judgement = endAll(this.#open(job), reason, nowMillis);
    return this.#settle(judgement, { job, run: null, rules, dueMillis, nowMillis });
  }

  /** Writes the messages that are due again, of all jobs. @returns how many */
  repeatDue(nowMillis: number): number {
    return transaction(this.#database, () => {
      const silences = this.silences.inForce(nowMillis);
      let count = 0;
      for (const job of this.jobs()) {
        const rules = this.#rulesOf(job)!;
        const isSilenced = (alert: Alert) => silencedUntilMillis(silences, alert) !== null;
        const due = dueRepeats(this.#open(job), rules, nowMillis, isSilenced);
        if (due.length === 0) continue;
        const told = due.map((alert) => ({ alert, change: { from: alert.state, to: alert.state } }));
        for (const alert of due) {
          this.#save({ ...alert, told: { state: alert.state, atMillis: nowMillis } });
          this.#write(alert, { act: "told again", notice: "sent", by: null, text: alert.reason }, nowMillis);
        }
        const runs = new Set(due.map((alert) => alert.run));
        const run = runs.size === 1 ? due[0]!.run : null;
        const dueMillis = this.#newestDueMillis(job)!;
        count += this.#send({ type: "repeated", job, run, told, dueMillis }, rules, nowMillis, String(nowMillis));
      }
      return count;
    });
  }

  acknowledge(id: string, { by, comment, nowMillis }: Act): Alert | null {
    return this.#change(id, (alert) => {
      this.#write(alert, { act: "acknowledged", notice: "none", by, text: comment }, nowMillis);
      return { ...alert, acknowledged: { by, comment, atMillis: nowMillis } };
    });
  }

  /** Nobody is told of the target from one time until another. Where that begins now, open alerts that it is of keep it in their history. */
  silence(
    target: SilenceTarget,
    { fromMillis, untilMillis }: Pick<Silence, "fromMillis" | "untilMillis">,
    { by, comment, nowMillis }: Act,
  ): Silence {
    return transaction(this.#database, () => {
      const silenced = fromMillis > nowMillis ? [] : this.#open(target.job).filter((one) => isSilenceOf(target, one));
      for (const alert of silenced)
        if (alert.state !== "inactive" && alert.closed === null)
          this.#write(alert, { act: "silenced", notice: "none", by, text: comment }, nowMillis);
      return this.silences.make({ ...target, fromMillis, untilMillis, comment, by });
    });
  }

  /** Ends a silence early: what still goes on is told at once. @returns null when none of that id is in force or planned */
  endSilence(id: string, nowMillis: number): Silence | null {
    return transaction(this.#database, () => {
      const ended = this.silences.end(id, nowMillis);
      if (ended !== null) this.repeatDue(nowMillis);
      return ended;
    });
  }

  /**
   * What a person made of it. It follows its value to the end, in silence: only the next episode is told. `makeMark` is
   * called with the alert, in the same transaction, and gives the id of the mark that a known event became.
   */
  close(
    id: string,
    as: Closing["as"],
    { by, comment, nowMillis }: Act,
    makeMark: ((alert: Alert) => string) | null = null,
  ): Alert | null {
    return this.#change(id, (alert) => {
      const text = [as, comment].filter((part) => part !== "").join(": ");
      this.#write(alert, { act: "closed", notice: "none", by, text }, nowMillis);
      return { ...alert, closed: { as, by, comment, atMillis: nowMillis, mark: makeMark?.(alert) ?? null } };
    });
  }

  find(id: string): Alert | null {
    const row = this.#sql.get("SELECT * FROM alerts WHERE id = ?", id);
    return row === null ? null : toAlert(row);
  }

  /** Newest first. */
  list(
    filter: AlertFilter,
    nowMillis: number,
    { job = null, limit = 1000 }: { job?: string | null; limit?: number } = {},
  ) {
    return this.#sql
      .all(
        `SELECT * FROM alerts WHERE job = coalesce(?1, job) AND (${filterSql(filter)})
         ORDER BY since_millis DESC, rowid DESC LIMIT ?2`,
        ...[job, limit],
        ...(filter === "silenced" ? [nowMillis] : []),
      )
      .map(toAlert);
  }

  /** Of each job the alert on a value that fired and ended last. */
  lastOver(job: string | null = null): readonly Alert[] {
    return this.#sql
      .all(
        `SELECT alerts.* FROM (SELECT DISTINCT job FROM alerts WHERE fired_millis IS NOT NULL) AS fired
         JOIN alerts ON alerts.rowid = (SELECT rowid FROM alerts AS one WHERE one.job = fired.job AND fired_millis IS NOT NULL
           AND metric IS NOT NULL AND ended_millis IS NOT NULL ORDER BY ended_millis DESC, rowid DESC LIMIT 1)
         WHERE fired.job = coalesce(?, fired.job)`,
        job,
      )
      .map(toAlert);
  }

  /** How many are open in each state that has any. */
  openByState(): Readonly<Record<string, number>> {
    const rows = this.#sql.all(`SELECT state, count(*) AS n FROM alerts WHERE ${filterSql("open")} GROUP BY state`);
    return Object.fromEntries(rows.map((row) => [String(row.state), Number(row.n)]));
  }

  history(id: string): readonly AlertHistory[] {
    return historyOf(this.#sql, id);
  }

  /** Of each job that ever fired: how many alerts people closed, and how many of them were false. */
  falseAlarms(job: string | null = null): readonly FalseAlarms[] {
    return this.#sql
      .all(
        `SELECT job, count(*) AS fired, count(closed_as) AS closed, count(*) FILTER (WHERE closed_as = 'false-alarm') AS wrong
         FROM alerts WHERE fired_millis IS NOT NULL AND job = coalesce(?, job) GROUP BY job ORDER BY job`,
        job,
      )
      .map((row) => ({
        job: String(row.job),
        fired: Number(row.fired),
        closed: Number(row.closed),
        falseAlarms: Number(row.wrong),
      }));
  }

  #open(job: string): Alert[] {
    return this.#sql
      .all("SELECT * FROM alerts WHERE job = ? AND ended_millis IS NULL ORDER BY rowid", job)
      .map(toAlert);
  }

  #rulesOf(job: string): AlertRules | null {
    const row = this.#sql.get("SELECT rules FROM alert_jobs WHERE job = ?", job);
    return row === null ? null : (JSON.parse(String(row.rules)) as AlertRules);
  }

  /** When the newest run was due that was judged; null where none was. */
  #newestDueMillis(job: string): number | null {
    const row = this.#sql.get("SELECT newest_due_millis AS newest FROM alert_jobs WHERE job = ?", job);
    return row === null ? null : Number(row.newest);
  }

  /** Keeps what was judged and writes one message for each destination with all of it. */
  #settle(
    { alerts, changes }: Judgement,
    about: { job: string; run: string | null; rules: AlertRules; dueMillis: number; nowMillis: number },
  ): readonly AlertChange[] {
    const { job, run, rules, dueMillis, nowMillis } = about;
    const byId = new Map(alerts.map((alert) => [alert.id, alert]));
    const silences = this.silences.inForce(nowMillis, job);
    const notices = changes.map((change): Notice => {
      if (!change.notify || rules.to.length === 0) return "none";
      return silencedUntilMillis(silences, byId.get(change.alert)!) === null ? "sent" : "silenced";
    });
    const tells = new Map(changes.flatMap(({ alert, to }, index) => (notices[index] === "sent" ? [[alert, to]] : [])));
    const changed = new Set(changes.map(({ alert }) => alert));
    for (const alert of alerts) {
      // A calm one begins anew with each run, all of it.
      if (!changed.has(alert.id) && alert.state !== "inactive") {
        this.#sql.run(UPDATE_ALERT, ...updateValues(alert));
        continue;
      }
      const state: AlertState | undefined = tells.get(alert.id);
      this.#save(state === undefined ? alert : { ...alert, told: { state, atMillis: nowMillis } });
    }
    for (const [index, change] of changes.entries())
      writeHistory(
        this.#sql,
        { ...change, act: "state", notice: notices[index]!, by: null, text: change.reason },
        nowMillis,
      );
    const sent = changes.filter((_, index) => notices[index] === "sent");
    if (sent.length > 0) {
      const told = sent.map((change) => ({ alert: byId.get(change.alert)!, change }));
      this.#send({ type: "changed", job, run, told, dueMillis }, rules, nowMillis, run ?? `end ${nowMillis}`);
    }
    return changes;
  }

  /** As they are told: the values that a message lists with their history up to a due time. */
  #noted(told: readonly Told[], dueMillis: number): NotedAlert[] {
    return told.map(({ alert, change }, index) => {
      const { job, cell, metric, subject, slice } = alert;
      const isCharted = index < MOST_LISTED && cell !== null && metric !== null;
      const history = isCharted ? this.#pastValues({ job, cell, metric, subject, slice }, dueMillis) : [];
      return notedAlertOf(alert, change, history);
    });
  }

  /** `of` makes the key: the same run tells the same destination once. */
  #send({ told, dueMillis, ...about }: ToTell, { to }: AlertRules, nowMillis: number, of: string): number {
    const destinations = [...new Set(to)];
    const unlisted: Notification["unlisted"] = {};
    for (const { change } of told.slice(MOST_TOLD)) unlisted[change.to] = (unlisted[change.to] ?? 0) + 1;
    const message = { ...about, alerts: this.#noted(told.slice(0, MOST_TOLD), dueMillis), unlisted };
    const ids = told.map(({ alert }) => alert.id);
    for (const destination of destinations) {
      const text = JSON.stringify([message.type, message.job, of, destination]);
      const key = `msg_${createHash("sha256").update(text).digest("base64url").slice(0, 27)}`;
      const whole = { ...message, key, destination, at: new Date(nowMillis).toISOString() };
      this.outbox.add(whole, messageTitle(whole), nowMillis, ids);
    }
    if (destinations.length > 0) this.#onMessage();
    return destinations.length;
  }

  #change(id: string, change: (alert: Alert) => Alert): Alert | null {
    return transaction(this.#database, () => {
      const alert = this.find(id);
      if (alert === null) return null;
      const changed = change(alert);
      this.#save(changed);
      return changed;
    });
  }

  #save(alert: Alert): void {
    if (isEnded(alert.state) !== (alert.endedMillis !== null))
      throw new Error(
        `Alert ${alert.id} is ${alert.state} and ${alert.endedMillis === null ? "has no" : "has an"} end.`,
      );
    this.#sql.run(SAVE_ALERT, ...alertValues(alert));
  }

  #write(alert: Alert, what: Pick<AlertHistory, "act" | "notice" | "by" | "text">, nowMillis: number): void {
    const { id, state, run, observation } = alert;
    writeHistory(
      this.#sql,
      { ...what, alert: id, atMillis: nowMillis, from: state, to: state, run, observation },
      nowMillis,
    );
  }
}
