import type { DatabaseSync } from "node:sqlite";
import { newId, newSecret, sameDigest, sha256 } from "./secrets.ts";

interface Row {
  id: string;
  secret_sha256: Uint8Array;
  token_sha256: Uint8Array;
  created_at_millis: number;
  last_seen_at_millis: number;
  expires_at_millis: number;
  revoked_at_millis: number | null;
  address: string;
  agent: string;
}

const DAY = 86_400_000;
const LIFETIME_MILLIS = 30 * DAY;
const SEEN_EVERY_MILLIS = 60_000;

/**
 * Rows behind the browser's cookie `<id>.<secret>`. A row holds the digest of the start-up token that it was
 * exchanged for: a server with another token refuses it, and revoking the row ends the cookie at once.
 */
export class BrowserSessions {
  readonly #database: DatabaseSync;
  readonly #tokenDigest: Buffer;
  readonly #now: () => number;
  constructor(database: DatabaseSync, token: string, now: () => number = Date.now) {
    this.#database = database;
    this.#tokenDigest = sha256(token);
    this.#now = now;
  }

  /** The cookie's value when `token` is the start-up token, else null. */
  exchange(token: string, address: string, agent: string): { cookie: string; id: string } | null {
    if (!sameDigest(sha256(token), this.#tokenDigest)) return null;
    const id = newId();
    const secret = newSecret();
    const now = this.#now();
    this.#database
      .prepare("INSERT INTO browser_sessions VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?)")
      .run(id, sha256(secret), this.#tokenDigest, now, now, now + LIFETIME_MILLIS, address, agent.slice(0, 200));
    return { cookie: `${id}.${secret}`, id };
  }

  /** The session's id when the cookie is good now. */
  check(cookie: string): string | null {
    const match = /^([a-z0-9]{1,20})\.([A-Za-z0-9_-]{16,64})$/.exec(cookie);
    if (match === null) return null;
    const row = this.#database.prepare("SELECT * FROM browser_sessions WHERE id = ?").get(match[1]!) as unknown as
      | Row
      | undefined;
    const known = sameDigest(row?.secret_sha256 ?? sha256(""), sha256(match[2]!));
    const now = this.#now();
    if (row === undefined || !known || row.revoked_at_millis !== null || row.expires_at_millis <= now) return null;
    if (!sameDigest(row.token_sha256, this.#tokenDigest)) return null;
    if (now - row.last_seen_at_millis > SEEN_EVERY_MILLIS)
      this.#database.prepare("UPDATE browser_sessions SET last_seen_at_millis = ? WHERE id = ?").run(now, row.id);
    return row.id;
  }

  /** Those whose cookie still opens this server. */
  list(): Row[] {
    const rows = this.#database
      .prepare(
        "SELECT * FROM browser_sessions WHERE revoked_at_millis IS NULL AND expires_at_millis > ? ORDER BY created_at_millis DESC",
      )
      .all(this.#now()) as unknown as Row[];
    return rows.filter((row) => sameDigest(row.token_sha256, this.#tokenDigest));
  }

  revoke(id: string): boolean {
    const done = this.#database
      .prepare("UPDATE browser_sessions SET revoked_at_millis = ? WHERE id = ? AND revoked_at_millis IS NULL")
      .run(this.#now(), id);
    return done.changes > 0;
  }
}
