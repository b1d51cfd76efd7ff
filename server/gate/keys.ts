import type { DatabaseSync } from "node:sqlite";
import type { KeyView } from "../../cells/wire/http-settings.ts";
import { newId, newSecret, sameDigest, sha256 } from "./secrets.ts";

interface Row {
  id: string;
  name: string;
  secret_sha256: Uint8Array;
  scopes: string;
  created_at_millis: number;
  expires_at_millis: number | null;
  last_used_at_millis: number | null;
  revoked_at_millis: number | null;
  rate_per_second: number;
}

export type KeyCheck =
  | { readonly outcome: "ok"; readonly id: string; readonly scopes: readonly string[]; readonly ratePerSecond: number }
  | { readonly outcome: "refused"; readonly because: string };

const LAST_USED_EVERY_MILLIS = 60_000;
const UNKNOWN = { outcome: "refused", because: "This key is not known here" } as const;

/** API keys `dbk_<id>.<secret>`; only the secret's SHA-256 is stored. */
export class Keys {
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  constructor(database: DatabaseSync, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** The whole key is in the answer and nowhere else. */
  create(wish: { name: string; scopes: readonly string[]; expiresAfterMillis: number | null; ratePerSecond: number }): {
    key: KeyView;
    secret: string;
  } {
    const id = newId();
    const secret = newSecret();
    const now = this.#now();
    const expires = wish.expiresAfterMillis === null ? null : now + wish.expiresAfterMillis;
    this.#database
      .prepare("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, ?)")
      .run(id, wish.name, sha256(secret), JSON.stringify(wish.scopes), now, expires, wish.ratePerSecond);
    return { key: this.list().find((key) => key.id === id)!, secret: `dbk_${id}.${secret}` };
  }

  list(): KeyView[] {
    const rows = this.#database.prepare("SELECT * FROM api_keys ORDER BY created_at_millis, id").all();
    return (rows as unknown as Row[]).map(view);
  }

  /** False when there is no such key. Revoking twice keeps the first time. */
  revoke(id: string): boolean {
    const done = this.#database
      .prepare("UPDATE api_keys SET revoked_at_millis = coalesce(revoked_at_millis, ?) WHERE id = ?")
      .run(this.#now(), id);
    return done.changes > 0;
  }

  check(presented: string): KeyCheck {
    const match = /^dbk_([a-z0-9]{1,20})\.([A-Za-z0-9_-]{16,64})$/.exec(presented);
    if (match === null) return { outcome: "refused", because: "This is not a key; keys look like dbk_ID.SECRET" };
    const row = this.#database.prepare("SELECT * FROM api_keys WHERE id = ?").get(match[1]!) as unknown as
      | Row
      | undefined;
    // Compared against something even when the id is unknown, so that time does not tell ids apart.
    const known = sameDigest(row?.secret_sha256 ?? sha256(""), sha256(match[2]!));
    if (row === undefined || !known) return UNKNOWN;
    const now = this.#now();
    if (row.revoked_at_millis !== null)
      return { outcome: "refused", because: `Key ${row.id} was revoked at ${iso(row.revoked_at_millis)}` };
    if (row.expires_at_millis !== null && row.expires_at_millis <= now)
      return { outcome: "refused", because: `Key ${row.id} expired at ${iso(row.expires_at_millis)}` };
    if (now - (row.last_used_at_millis ?? 0) > LAST_USED_EVERY_MILLIS)
      this.#database.prepare("UPDATE api_keys SET last_used_at_millis = ? WHERE id = ?").run(now, row.id);
    return {
      outcome: "ok",
      id: row.id,
      scopes: JSON.parse(row.scopes) as string[],
      ratePerSecond: row.rate_per_second,
    };
  }
}

function view(row: Row): KeyView {
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as string[],
    createdAt: iso(row.created_at_millis),
    expiresAt: row.expires_at_millis === null ? null : iso(row.expires_at_millis),
    lastUsedAt: row.last_used_at_millis === null ? null : iso(row.last_used_at_millis),
    revokedAt: row.revoked_at_millis === null ? null : iso(row.revoked_at_millis),
    ratePerSecond: row.rate_per_second,
  };
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}
