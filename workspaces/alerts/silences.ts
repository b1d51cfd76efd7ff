import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Alert } from "../../cells/alerts/alert.ts";
import { type Row, Statements } from "../monitor/statements.ts";
import { textOrNull } from "./alert-rows.ts";

export interface Silence {
  readonly id: string;
  readonly job: string;
  /** Null: all alerts of the job. */
  readonly alert: string | null;
  readonly fromMillis: number;
  readonly untilMillis: number;
  readonly comment: string;
  readonly by: string;
}

/** Times in which nobody is told of an alert, or of any of a job. Each has an end and a reason. */
export class Silences {
  readonly #sql: Statements;
  constructor(database: DatabaseSync) {
    this.#sql = new Statements(database);
  }

  make(wish: Omit<Silence, "id">): Silence {
    const made = { id: randomBytes(6).toString("hex"), ...wish };
    const { id, job, alert, fromMillis, untilMillis, comment, by } = made;
    this.#sql.run(
      "INSERT INTO silences VALUES (?, ?, ?, ?, ?, ?, ?)",
      id,
      job,
      alert,
      fromMillis,
      untilMillis,
      comment,
      by,
    );
    return made;
  }

  /** @returns false when none of that id is in force */
  end(id: string, nowMillis: number): boolean {
    return (
      this.#sql.run("UPDATE silences SET until_millis = ?1 WHERE id = ?2 AND until_millis > ?1", nowMillis, id) > 0
    );
  }

  /** In force, the one that lasts longest first. */
  list(nowMillis: number, job: string | null = null): readonly Silence[] {
    return this.#sql
      .all(
        "SELECT * FROM silences WHERE until_millis > ?1 AND from_millis <= ?1 AND job = coalesce(?2, job) ORDER BY until_millis DESC",
        nowMillis,
        job,
      )
      .map(toSilence);
  }
}

/** Of those in force, the end of the one that lasts longest; null when the alert is not silenced. */
export function silencedUntilMillis(
  silences: readonly Silence[],
  { id, job }: Pick<Alert, "id" | "job">,
): number | null {
  const own = silences.filter((one) => one.job === job && (one.alert === null || one.alert === id));
  return own.length === 0 ? null : Math.max(...own.map(({ untilMillis }) => untilMillis));
}

function toSilence(row: Row): Silence {
  return {
    id: String(row.id),
    job: String(row.job),
    alert: textOrNull(row.alert),
    fromMillis: Number(row.from_millis),
    untilMillis: Number(row.until_millis),
    comment: String(row.comment),
    by: String(row.by),
  };
}
