import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { gunzipSync, gzipSync } from "node:zlib";
import { type FrozenVersion, type Version, version } from "../../cells/jobs/version.ts";
import { transaction } from "../monitor/monitor-database.ts";
import { type Row, Statements } from "../monitor/statements.ts";
import { isoOf, textOf } from "./job-rows.ts";
import { makeJobTables } from "./jobs-schema.ts";

const MOST_KEPT = 200;

/** The immutable versions of all jobs, found by number or by hash. */
export class VersionStore {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #opened = new Map<string, Version>();

  constructor(database: DatabaseSync) {
    makeJobTables(database);
    this.#database = database;
    this.#sql = new Statements(database);
  }

  /** The version in force where it is the same; else a new number, also where an older version was the same. */
  freeze(
    wish: Pick<Version, "job" | "madeBy" | "note" | "frozen" | "program" | "runtime" | "commit">,
    inForce: number | null,
    nowMillis: number,
  ): { readonly version: Version; readonly isNew: boolean } {
    const hash = hashOf(wish.frozen);
    return transaction(this.#database, () => {
      const known = inForce === null ? null : this.find(wish.job, inForce);
      if (known?.hash === hash) return { version: known, isNew: false };
      const last = this.#sql.get("SELECT max(number) AS last FROM versions WHERE job = ?", wish.job);
      const made: Version = { ...wish, number: Number(last?.last ?? 0) + 1, hash, madeAt: isoOf(nowMillis) };
      const { frozen, program, runtime, commit } = wish;
      const content = gzipSync(JSON.stringify({ frozen, program, runtime, commit }));
      this.#sql.run(
        "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
        ...[made.job, made.number, hash, nowMillis, made.madeBy, made.note, content],
      );
      return { version: made, isNew: true };
    });
  }

  find(job: string, number: number): Version | null {
    const key = `${job}/${number}`;
    const held = this.#opened.get(key);
    if (held !== undefined) return held;
    const row = this.#sql.get("SELECT * FROM versions WHERE job = ? AND number = ?", job, number);
    if (row === null) return null;
    const found = toVersion(row);
    if (this.#opened.size >= MOST_KEPT) this.#opened.clear();
    this.#opened.set(key, found);
    return found;
  }

  /** The newest of this hash, which may be its beginning. */
  byHash(job: string, hash: string): Version | null {
    const row = this.#sql.get(
      "SELECT number FROM versions WHERE job = ? AND substr(hash, 1, ?) = ? ORDER BY number DESC LIMIT 1",
      ...[job, hash.length, hash],
    );
    return row === null ? null : this.find(job, Number(row.number));
  }

  /** Newest first. */
  list(job: string): Version[] {
    return this.#sql.all("SELECT * FROM versions WHERE job = ? ORDER BY number DESC", job).map(toVersion);
  }
}

/** Of the content alone, keys in one order: equal for what is equal. 16 hexadecimal digits. */
export function hashOf(frozen: FrozenVersion): string {
  return createHash("sha256").update(inOrder(frozen)).digest("hex").slice(0, 16);
}

function inOrder(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function toVersion(row: Row): Version {
  const content: unknown = JSON.parse(gunzipSync(row.content as Uint8Array).toString("utf8"));
  return version.parse({
    ...(content as object),
    job: String(row.job),
    number: Number(row.number),
    hash: String(row.hash),
    madeAt: isoOf(Number(row.made_at_millis)),
    madeBy: String(row.made_by),
    note: textOf(row.note),
  });
}
