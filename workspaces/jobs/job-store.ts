import type { DatabaseSync } from "node:sqlite";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import { transaction } from "../monitor/monitor-database.ts";
import { Statements } from "../monitor/statements.ts";
import type { JobQueue } from "./job-queue.ts";
import { type RemovedJob, type StoredJob, toJob, toRemovedJob } from "./job-rows.ts";
import { makeJobTables } from "./jobs-schema.ts";

export type OnRemoved = (job: string, nowMillis: number) => void;

/**
 * Jobs in `monitor.db`: what each is, while it is in force and after it was removed. Every method is one transaction;
 * `onRemoved` is called within the one that removes a job.
 */
export class JobStore {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #queue: Pick<JobQueue, "drop">;
  readonly #onRemoved: OnRemoved;

  /** `queue` is one of the same database. */
  constructor(database: DatabaseSync, queue: Pick<JobQueue, "drop">, onRemoved: OnRemoved = () => {}) {
    makeJobTables(database);
    this.#database = database;
    this.#sql = new Statements(database);
    this.#queue = queue;
    this.#onRemoved = onRemoved;
  }

  list(): StoredJob[] {
    return this.#sql.all("SELECT * FROM jobs WHERE removed_at_millis IS NULL ORDER BY name").map(toJob);
  }

  find(name: string): StoredJob | null {
    const row = this.#sql.get("SELECT * FROM jobs WHERE name = ? AND removed_at_millis IS NULL", name);
    return row === null ? null : toJob(row);
  }

  /** Makes the job, or changes its settings; due times count from `nowMillis` on where the job or its schedule is new. */
  put(
    name: string,
    { spec, zone, version }: { readonly spec: JobSpec; readonly zone: string; readonly version: number | null },
    nowMillis: number,
  ): void {
    const text = JSON.stringify(spec);
    transaction(this.#database, () => {
      const known = this.find(name);
      if (known === null)
        this.#sql.run(
          `INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, NULL, ?, ?, ?, NULL, NULL)`,
          ...[name, text, zone, version, nowMillis, this.#through(name, nowMillis), nowMillis],
        );
      else {
        this.#sql.run("UPDATE jobs SET spec = ?, zone = ?, version = ? WHERE name = ?", text, zone, version, name);
        const [before, now] = [known.plan, this.find(name)!.plan];
        if (before.cron !== now.cron || before.zone !== now.zone)
          this.#sql.run(
            "UPDATE jobs SET through_millis = max(through_millis, ?), next_millis = ? WHERE name = ?",
            ...[nowMillis, nowMillis, name],
          );
      }
    });
  }

  /** A job that comes back must not meet its own former ticks. */
  #through(name: string, nowMillis: number): number {
    const row = this.#sql.get("SELECT max(scheduled_for_millis) AS last FROM ticks WHERE job = ?", name);
    return Math.max(nowMillis, Number(row?.last ?? 0));
  }

  /** Its history stays; what is open of it is dropped. */
  remove(name: string, by: string, nowMillis: number): void {
    transaction(this.#database, () => {
      this.#sql.run(
        "UPDATE jobs SET removed_at_millis = ?, removed_by = ? WHERE name = ? AND removed_at_millis IS NULL",
        ...[nowMillis, by, name],
      );
      this.#queue.drop(name, "The job was removed.", nowMillis);
      this.#onRemoved(name, nowMillis);
    });
  }

  /** A job that ended, while none of its name is there. */
  removed(name: string): RemovedJob | null {
    const row = this.#sql.get("SELECT * FROM jobs WHERE name = ? AND removed_at_millis IS NOT NULL", name);
    return row === null ? null : toRemovedJob(row);
  }

  /** The last removed first. */
  listRemoved(): RemovedJob[] {
    return this.#sql
      .all("SELECT * FROM jobs WHERE removed_at_millis IS NOT NULL ORDER BY removed_at_millis DESC, name")
      .map(toRemovedJob);
  }

  pause(name: string, by: string | null): void {
    this.#sql.run("UPDATE jobs SET paused_by = ? WHERE name = ?", by, name);
  }

  /** What measured last, as it was accepted; null in a new workspace. */
  get program(): string | null {
    const row = this.#sql.get("SELECT program FROM jobs_program");
    return row === null ? null : String(row.program);
  }

  accept(program: string): void {
    this.#sql.run("INSERT OR REPLACE INTO jobs_program VALUES (1, ?)", program);
  }
}
