import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * The server's own tables in `.driftbook/workspace.db`: keys, browser sessions, audit. The loader writes other
 * tables of the same file from its process, so every transaction here is one tiny statement. Times are epoch
 * milliseconds. The audit log refuses UPDATE and DELETE by trigger: it can only grow.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS api_keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, secret_sha256 BLOB NOT NULL, scopes TEXT NOT NULL,
  created_at_millis INTEGER NOT NULL, expires_at_millis INTEGER, last_used_at_millis INTEGER,
  revoked_at_millis INTEGER, rate_per_second INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS browser_sessions (
  id TEXT PRIMARY KEY, secret_sha256 BLOB NOT NULL, token_sha256 BLOB NOT NULL,
  created_at_millis INTEGER NOT NULL, last_seen_at_millis INTEGER NOT NULL, expires_at_millis INTEGER NOT NULL,
  revoked_at_millis INTEGER, address TEXT NOT NULL, agent TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at_millis INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  target TEXT NOT NULL, address TEXT NOT NULL, request_id TEXT NOT NULL, details TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_not_shortened BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;

export function openMetadata(folder: string): DatabaseSync {
  mkdirSync(path.join(folder, ".driftbook"), { recursive: true });
  const database = new DatabaseSync(path.join(folder, ".driftbook", "workspace.db"), { timeout: 10_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec(TABLES);
  return database;
}
