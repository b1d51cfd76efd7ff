/** Times in epoch milliseconds, but for windows and as-of, whose microseconds matter: ISO text. */
export const REPORTS_SCHEMA = `
CREATE TABLE IF NOT EXISTS reports (
  slug TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  notebook TEXT NOT NULL,
  job TEXT,
  choices TEXT NOT NULL,
  made_millis INTEGER NOT NULL,
  revoked_millis INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS reports_of_job ON reports (job);
CREATE TABLE IF NOT EXISTS report_revisions (
  slug TEXT NOT NULL REFERENCES reports (slug),
  number INTEGER NOT NULL,
  made_millis INTEGER NOT NULL,
  run TEXT,
  withdrawn_millis INTEGER,
  -- The revision as JSON, which never changes.
  content TEXT NOT NULL,
  PRIMARY KEY (slug, number)
) STRICT;
-- A run makes one revision that can be read, however often it is published. What was withdrawn may be published again,
-- which the index of earlier versions forbade.
DROP INDEX IF EXISTS report_revisions_of_run;
CREATE UNIQUE INDEX IF NOT EXISTS report_revisions_of_shown_run ON report_revisions (slug, run)
  WHERE run IS NOT NULL AND withdrawn_millis IS NULL;
-- Every reader's page asks for the newest due time.
CREATE INDEX IF NOT EXISTS report_revisions_due ON report_revisions (slug, content ->> '$.scheduledFor')
  WHERE withdrawn_millis IS NULL;
-- SHA-256 of a revision's files, as a JSON object by name; earlier versions kept none.
CREATE TABLE IF NOT EXISTS report_digests (
  slug TEXT NOT NULL,
  number INTEGER NOT NULL,
  digests TEXT NOT NULL,
  PRIMARY KEY (slug, number),
  FOREIGN KEY (slug, number) REFERENCES report_revisions (slug, number) ON DELETE CASCADE
) STRICT;
CREATE TABLE IF NOT EXISTS report_links (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL REFERENCES reports (slug),
  secret_sha256 BLOB NOT NULL,
  made_millis INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  expires_millis INTEGER NOT NULL,
  revoked_millis INTEGER,
  last_used_millis INTEGER
) STRICT;
-- Browsers that came by a link; their cookie is good while the link is.
CREATE TABLE IF NOT EXISTS report_readers (
  id TEXT PRIMARY KEY,
  link TEXT NOT NULL REFERENCES report_links (id),
  secret_sha256 BLOB NOT NULL,
  made_millis INTEGER NOT NULL
) STRICT;
`;
