import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Silence } from "../../cells/alerts/silence.ts";
import { addMissingColumn } from "../add-missing-column.ts";
import { type Row, Statements } from "../monitor/statements.ts";
import { textOrNull } from "./alert-rows.ts";

const COLUMNS = "id, job, alert, cell, metric, subject, slice, from_millis, until_millis, comment, by";

/** Times in which nobody is told of a job, a cell, a value or an alert. Each has an end and a reason. */
export class Silences {
  readonly #sql: Statements;

  /** The tables of alerts must be there. */
  constructor(database: DatabaseSync) {
    // Those of before were of a job or of one alert.
    for (const column of ["cell", "metric", "subject", "slice"]) addMissingColumn(database, "silences", column, "TEXT");
    this.#sql = new Statements(database);
  }

  make(wish: Omit<Silence, "id">): Silence {
    const made = { id: randomBytes(6).toString("hex"), ...wish };
    const { id, job, alert, cell, metric, subject, slice, fromMillis, untilMillis, comment, by } = made;
    this.#sql.run(
      `INSERT INTO silences (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, job, alert, cell, metric, subject, slice, fromMillis, untilMillis, comment, by],
    );
    return made;
  }

  /** In force or planned. @returns null when it has ended already, or there is none of that id */
  end(id: string, nowMillis: number): Silence | null {
    const row = this.#sql.get(
      "UPDATE silences SET until_millis = ?1 WHERE id = ?2 AND until_millis > ?1 RETURNING *",
      nowMillis,
      id,
    );
    return row === null ? null : toSilence(row);
  }

  endOfJob(job: string, nowMillis: number): void {
    this.#sql.run("UPDATE silences SET until_millis = ?1 WHERE job = ?2 AND until_millis > ?1", nowMillis, job);
  }

  /** In force, the one that lasts longest first. */
  inForce(nowMillis: number, job: string | null = null): readonly Silence[] {
    return this.open(nowMillis, job)
      .filter(({ fromMillis }) => fromMillis <= nowMillis)
      .toSorted((a, b) => b.untilMillis - a.untilMillis);
  }

  /** In force or planned, in the order in which they begin. */
  open(nowMillis: number, job: string | null = null): readonly Silence[] {
    return this.#sql
      .all(
        "SELECT * FROM silences WHERE until_millis > ?1 AND job = coalesce(?2, job) ORDER BY from_millis, rowid",
        nowMillis,
        job,
      )
      .map(toSilence);
  }

  /** Those that were too, the newest first. */
  all(job: string | null = null, limit = 1000): readonly Silence[] {
    return this.#sql
      .all(
        "SELECT * FROM silences WHERE job = coalesce(?, job) ORDER BY from_millis DESC, rowid DESC LIMIT ?",
        job,
        limit,
      )
      .map(toSilence);
  }
}

function toSilence(row: Row): Silence {
  return {
    id: String(row.id),
    job: String(row.job),
    alert: textOrNull(row.alert),
    cell: textOrNull(row.cell),
    metric: textOrNull(row.metric),
    subject: textOrNull(row.subject),
    slice: textOrNull(row.slice),
    fromMillis: Number(row.from_millis),
    untilMillis: Number(row.until_millis),
    comment: String(row.comment),
    by: String(row.by),
  };
}
