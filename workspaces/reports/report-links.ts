import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { ReportLink } from "../../cells/wire/http-reports.ts";
import { type Row, Statements } from "../monitor/statements.ts";
import { REPORTS_SCHEMA } from "./reports-schema.ts";

const SECRET = /^([a-z0-9]{12})\.([A-Za-z0-9_-]{32})$/;
const USED_EVERY_MILLIS = 60_000;
/** A forwarded link makes a reader per browser; more than this of one link and the oldest must come by the link again. */
const MOST_READERS = 1000;

/**
 * Links by which people without an account read one report, and the browsers that came by them. A token is
 * `<id>.<secret>` with 192 random bits, of which only the SHA-256 is kept; it opens one slug until it expires or is
 * revoked, and so does every cookie that it was exchanged for.
 */
export class ReportLinks {
  readonly #sql: Statements;
  readonly #now: () => number;
  constructor(database: DatabaseSync, now: () => number = Date.now) {
    database.exec(REPORTS_SCHEMA);
    this.#sql = new Statements(database);
    this.#now = now;
  }

  /** The token is in the answer and nowhere else. */
  make(slug: string, { by, lastsMillis }: { by: string; lastsMillis: number }): { link: ReportLink; token: string } {
    const [id, secret, now] = [newId(), newSecret(), this.#now()];
    this.#sql.run(
      "INSERT INTO report_links VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
      ...[id, slug, sha256(secret), now, by, now + lastsMillis],
    );
    return { link: toLink(this.#sql.get("SELECT * FROM report_links WHERE id = ?", id)!), token: `${id}.${secret}` };
  }

  /** Newest first; revoked and expired ones too. */
  list(slug: string): ReportLink[] {
    return this.#sql.all("SELECT * FROM report_links WHERE slug = ? ORDER BY made_millis DESC, id", slug).map(toLink);
  }

  /** Null where the report has no such link. Revoking twice keeps the first time. */
  revoke(slug: string, id: string): ReportLink | null {
    this.#sql.run(
      "UPDATE report_links SET revoked_millis = coalesce(revoked_millis, ?) WHERE slug = ? AND id = ?",
      ...[this.#now(), slug, id],
    );
    this.#sql.run(
      "DELETE FROM report_readers WHERE link IN (SELECT id FROM report_links WHERE id = ? AND slug = ?)",
      id,
      slug,
    );
    const row = this.#sql.get("SELECT * FROM report_links WHERE slug = ? AND id = ?", slug, id);
    return row === null ? null : toLink(row);
  }

  revokeAll(slug: string): void {
    for (const { id, revokedAt } of this.list(slug)) if (revokedAt === null) this.revoke(slug, id);
  }

  /** A cookie's value for a good token of this slug and when it ends; null for any other text. */
  exchange(slug: string, token: string): { readonly cookie: string; readonly expiresMillis: number } | null {
    const link = this.#check("report_links", token);
    if (link === null || link.slug !== slug || !this.#isGood(link)) return null;
    const [id, secret, now] = [newId(), newSecret(), this.#now()];
    this.#sql.run(
      `DELETE FROM report_readers WHERE link = ? AND id NOT IN
        (SELECT id FROM report_readers WHERE link = ? ORDER BY made_millis DESC LIMIT ?)`,
      ...[String(link.id), String(link.id), MOST_READERS - 1],
    );
    this.#sql.run("INSERT INTO report_readers VALUES (?, ?, ?, ?)", id, String(link.id), sha256(secret), now);
    this.#used(link);
    return { cookie: `${id}.${secret}`, expiresMillis: Number(link.expires_millis) };
  }

  /** The link by which the bearer of a cookie reads this slug; null where he does not. */
  reader(slug: string, cookie: string): string | null {
    const found = this.#check("report_readers", cookie);
    if (found === null) return null;
    const link = this.#sql.get("SELECT * FROM report_links WHERE id = ?", String(found.link));
    if (link === null || link.slug !== slug || !this.#isGood(link)) return null;
    this.#used(link);
    return String(link.id);
  }

  /** Browsers whose link is over need no row. */
  forgetOver(): void {
    this.#sql.run(
      "DELETE FROM report_readers WHERE link IN (SELECT id FROM report_links WHERE expires_millis <= ? OR revoked_millis IS NOT NULL)",
      this.#now(),
    );
  }

  /** Compared against something also where the id is unknown, so that time tells no ids apart. */
  #check(table: "report_links" | "report_readers", presented: string): Row | null {
    const match = SECRET.exec(presented);
    if (match === null) return null;
    const row = this.#sql.get(`SELECT * FROM ${table} WHERE id = ?`, match[1]!);
    const same = timingSafeEqual(row === null ? sha256("") : (row.secret_sha256 as Uint8Array), sha256(match[2]!));
    return same ? row : null;
  }

  #isGood(link: Row): boolean {
    return link.revoked_millis === null && Number(link.expires_millis) > this.#now();
  }

  #used(link: Row): void {
    const now = this.#now();
    if (now - Number(link.last_used_millis ?? 0) > USED_EVERY_MILLIS)
      this.#sql.run("UPDATE report_links SET last_used_millis = ? WHERE id = ?", now, String(link.id));
  }
}

function toLink(row: Row): ReportLink {
  return {
    id: String(row.id),
    slug: String(row.slug),
    madeAt: iso(row.made_millis)!,
    madeBy: String(row.made_by),
    expiresAt: iso(row.expires_millis)!,
    revokedAt: iso(row.revoked_millis),
    lastUsedAt: iso(row.last_used_millis),
  };
}

const iso = (millis: unknown): string | null => (millis === null ? null : new Date(Number(millis)).toISOString());
const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
const newSecret = (): string => randomBytes(24).toString("base64url");
const newId = (): string => randomBytes(6).toString("hex");
