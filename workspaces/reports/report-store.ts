import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { type HeadlineReading, type ReportChoices, type Revision, revision } from "../../cells/wire/http-reports.ts";
import { transaction } from "../monitor/monitor-database.ts";
import { type Row, Statements } from "../monitor/statements.ts";
import { ReportFiles, type RevisionFiles } from "./report-files.ts";
import { ReportLinks } from "./report-links.ts";
import { REPORTS_SCHEMA } from "./reports-schema.ts";

export interface StoredReport {
  readonly slug: string;
  readonly title: string;
  readonly notebook: string;
  readonly job: string | null;
  /** Of the newest revision; runs of its job follow them. */
  readonly choices: ReportChoices;
  /** When it was begun, or first published. */
  readonly madeAt: string;
  readonly revokedAt: string | null;
}
/** A headline reading before it is held against the revision before. */
export type MeasuredHeadline = Omit<HeadlineReading, "before" | "change">;

/** A slug that is taken; the sentence says by what, `hint` how it can be used or what can be used instead. */
export class SlugTaken extends Error {
  override readonly name = "SlugTaken";
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** A revision's file is there and is not what was published, or cannot be read. */
export class FileDamaged extends Error {
  override readonly name = "FileDamaged";
  readonly revision: Pick<Revision, "slug" | "number">;
  constructor(revision: Pick<Revision, "slug" | "number">, problem: string, cause?: unknown) {
    super(problem, cause === undefined ? undefined : { cause });
    this.revision = revision;
  }
}

/**
 * Published reports: rows in the monitor database, pages as files. Revisions are numbered from 1 without gaps and never
 * change; a report that was withdrawn keeps them, but nobody reads them. Who calls `publish` does so for one slug at a
 * time.
 */
export class ReportStore {
  readonly links: ReportLinks;
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #files: ReportFiles;
  readonly #now: () => number;

  /** @param folder of the workspace */
  constructor(folder: string, database: DatabaseSync, now: () => number = Date.now) {
    database.exec(REPORTS_SCHEMA);
    this.#database = database;
    this.#sql = new Statements(database);
    this.#files = new ReportFiles(folder);
    this.links = new ReportLinks(database, now);
    this.#now = now;
    this.#files.sweep((slug, number) => this.#row(slug, number) !== null);
    this.links.forgetOver();
  }

  /** By title; withdrawn ones last. */
  list(): StoredReport[] {
    return this.#sql.all("SELECT * FROM reports ORDER BY revoked_millis IS NOT NULL, title, slug").map(toReport);
  }

  find(slug: string): StoredReport | null {
    const row = this.#sql.get("SELECT * FROM reports WHERE slug = ?", slug);
    return row === null ? null : toReport(row);
  }

  /** Those that follow a job's runs. */
  ofJob(job: string): StoredReport[] {
    return this.#sql.all("SELECT * FROM reports WHERE job = ? AND revoked_millis IS NULL", job).map(toReport);
  }

  /** Those that can be read, newest first. */
  revisions(slug: string): Revision[] {
    return this.#sql
      .all(
        "SELECT content FROM report_revisions WHERE slug = ? AND withdrawn_millis IS NULL ORDER BY number DESC",
        slug,
      )
      .map(toRevision);
  }

  /** How many can be read. */
  count(slug: string): number {
    const where = "WHERE slug = ? AND withdrawn_millis IS NULL";
    return Number(this.#sql.get(`SELECT count(*) AS n FROM report_revisions ${where}`, slug)!.n);
  }

  /** The newest that can be read, or that of a number. */
  revision(slug: string, number: number | "latest"): Revision | null {
    const [first] = number === "latest" ? this.#latest(slug) : [this.#row(slug, number)];
    return first == null || first.withdrawn_millis !== null ? null : toRevision(first);
  }

  /** The newest due time of which there is a revision that can be read; null for none. */
  lastDue(slug: string): string | null {
    const row = this.#sql.get(
      `SELECT max(content ->> '$.scheduledFor') AS last FROM report_revisions
       WHERE slug = ? AND withdrawn_millis IS NULL`,
      slug,
    );
    return row?.last == null ? null : String(row.last);
  }

  /** When its first revision was asked for. */
  begunAt(slug: string): string {
    const row = this.#sql.get("SELECT made_millis FROM reports WHERE slug = ?", slug);
    return new Date(Number(row?.made_millis ?? 0)).toISOString();
  }

  /** What a run gave this report already, and can be read. */
  ofRun(slug: string, run: string): Revision | null {
    const row = this.#sql.get(
      "SELECT content FROM report_revisions WHERE slug = ? AND run = ? AND withdrawn_millis IS NULL",
      slug,
      run,
    );
    return row === null ? null : toRevision(row);
  }

  /** @throws SlugTaken where the slug is that of another notebook or job; that of a withdrawn report can be taken over */
  refuseTaken(
    slug: string,
    source: Pick<StoredReport, "notebook" | "job">,
    { takeOver }: { readonly takeOver: boolean } = { takeOver: false },
  ): void {
    const known = this.find(slug);
    if (known === null || (known.job === source.job && (known.job !== null || known.notebook === source.notebook)))
      return;
    const of = known.job === null ? `the notebook ${known.notebook}` : `the job ${known.job}`;
    if (known.revokedAt === null)
      throw new SlugTaken(
        `The report "${slug}" exists and is of ${of}.`,
        "Publish under another slug, or withdraw that report first.",
      );
    if (takeOver) return;
    throw new SlugTaken(
      `The report "${slug}" was of ${of} and was withdrawn at ${known.revokedAt}.`,
      `Publish ${of} there again, or take the address over for this (--take-over), or take another slug.`,
    );
  }

  /** The notebook has another path now; revisions stay as they are. @returns the slugs of its reports */
  notebookMoved(from: string, to: string): string[] {
    return this.#sql
      .all("UPDATE reports SET notebook = ? WHERE notebook = ? RETURNING slug", to, from)
      .map(({ slug }) => String(slug))
      .sort();
  }

  /** The number that the next revision will have: pages say it. */
  nextNumber(slug: string): number {
    return (
      Number(this.#sql.get("SELECT max(number) AS last FROM report_revisions WHERE slug = ?", slug)?.last ?? 0) + 1
    );
  }

  /** A report without a revision yet: the first comes with the next run of its job. @throws SlugTaken */
  begin(slug: string, about: Pick<StoredReport, "title" | "notebook" | "job" | "choices">): void {
    this.refuseTaken(slug, about);
    const { title, notebook, job, choices } = about;
    this.#sql.run(
      "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (slug) DO NOTHING",
      ...[slug, title, notebook, job, JSON.stringify(choices), this.#now()],
    );
  }

  /** The readings with what the newest revision said of them; one over another window or as-of is no measure of change. */
  withChanges(slug: string, headline: readonly MeasuredHeadline[]): HeadlineReading[] {
    const row = this.#sql.get(
      `SELECT content FROM report_revisions WHERE slug = ? AND withdrawn_millis IS NULL
       AND coalesce(content ->> '$.askedFor.window', 0) = 0 AND coalesce(content ->> '$.askedFor.asOf', 0) = 0
       ORDER BY number DESC LIMIT 1`,
      slug,
    );
    const before = row === null ? undefined : toRevision(row);
    return headline.map((one) => {
      const earlier = before?.headline.find(({ name }) => name === one.name);
      if (earlier === undefined) return { ...one, before: null, change: null };
      const { value, verdict } = earlier;
      // Twelve digits, as readings have: the difference of two of them has no more to say.
      const isComparable = one.verdict !== "no-data" && verdict !== "no-data";
      const change =
        one.value === null || value === null || !isComparable ? null : Number((one.value - value).toPrecision(12));
      return { ...one, before: { value, verdict }, change };
    });
  }

  /**
   * Files first, then the row: a crash between them leaves files that the next opening removes. `number` is what
   * `nextNumber` said. @throws SlugTaken
   */
  async publish(
    wish: Omit<Revision, "number">,
    about: {
      readonly number: number;
      readonly title: string;
      readonly choices: ReportChoices;
      readonly takeOver?: boolean;
    },
    files: RevisionFiles,
  ): Promise<Revision> {
    const { slug, source } = wish;
    const { number, title, choices, takeOver = false } = about;
    this.refuseTaken(slug, source, { takeOver });
    await this.#files.keep(slug, number, files);
    const made = revision.parse({ ...wish, number });
    try {
      transaction(this.#database, () => {
        this.refuseTaken(slug, source, { takeOver });
        // Of a report that was withdrawn another begins.
        this.#sql.run(
          `INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (slug) DO UPDATE SET title = excluded.title,
          notebook = excluded.notebook, job = excluded.job, choices = excluded.choices, revoked_millis = NULL,
          made_millis = iif(revoked_millis IS NULL, made_millis, excluded.made_millis)`,
          ...[slug, title, source.notebook, source.job, JSON.stringify(choices), Date.parse(made.madeAt)],
        );
        this.#sql.run(
          "INSERT INTO report_revisions VALUES (?, ?, ?, ?, NULL, ?)",
          ...[slug, number, Date.parse(made.madeAt), source.run, JSON.stringify(made)],
        );
        const digests = Object.fromEntries([...files].map(([name, text]) => [name, sha256(text)]));
        this.#sql.run("INSERT INTO report_digests VALUES (?, ?, ?)", slug, number, JSON.stringify(digests));
      });
    } catch (error) {
      await this.#files.remove(slug, number);
      throw error;
    }
    return made;
  }

  /** Text of a revision's file; null where it has none of this name, or may not be read. @throws FileDamaged */
  async file(slug: string, number: number, name: string): Promise<Buffer | null> {
    if (this.revision(slug, number) === null) return null;
    const what = `The file ${name} of revision ${number} of "${slug}"`;
    const text = await this.#files.read(slug, number, name).catch((error: unknown) => {
      throw new FileDamaged(
        { slug, number },
        `${what} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
        error,
      );
    });
    if (text !== null && !this.#isAsPublished({ slug, number, name }, text))
      throw new FileDamaged({ slug, number }, `${what} is not as it was published.`);
    return text;
  }

  #isAsPublished({ slug, number, name }: { slug: string; number: number; name: string }, text: Buffer): boolean {
    const row = this.#sql.get("SELECT digests FROM report_digests WHERE slug = ? AND number = ?", slug, number);
    if (row !== null) return sha256(text) === (JSON.parse(String(row.digests)) as Record<string, string>)[name];
    // Of revisions from before digests were kept a page that was cut off can be told by its end, and tables cannot.
    return (
      !name.endsWith("/page.html") ||
      text
        .toString("utf8", text.length - 20)
        .trimEnd()
        .endsWith("</html>")
    );
  }

  /** Nobody reads it from now on: its revisions are withdrawn and its links revoked. False where it is none or was. */
  revoke(slug: string): boolean {
    return transaction(this.#database, () => {
      const now = this.#now();
      const done = this.#sql.run(
        "UPDATE reports SET revoked_millis = ? WHERE slug = ? AND revoked_millis IS NULL",
        now,
        slug,
      );
      this.#sql.run(
        "UPDATE report_revisions SET withdrawn_millis = ? WHERE slug = ? AND withdrawn_millis IS NULL",
        ...[now, slug],
      );
      this.links.revokeAll(slug);
      return done > 0;
    });
  }

  #latest(slug: string): Row[] {
    return this.#sql.all(
      "SELECT * FROM report_revisions WHERE slug = ? AND withdrawn_millis IS NULL ORDER BY number DESC LIMIT 1",
      slug,
    );
  }

  #row(slug: string, number: number): Row | null {
    return this.#sql.get("SELECT * FROM report_revisions WHERE slug = ? AND number = ?", slug, number);
  }
}

function toReport(row: Row): StoredReport {
  return {
    slug: String(row.slug),
    title: String(row.title),
    notebook: String(row.notebook),
    job: row.job === null ? null : String(row.job),
    choices: JSON.parse(String(row.choices)) as ReportChoices,
    madeAt: new Date(Number(row.made_millis)).toISOString(),
    revokedAt: row.revoked_millis === null ? null : new Date(Number(row.revoked_millis)).toISOString(),
  };
}

const toRevision = (row: Row): Revision => revision.parse(JSON.parse(String(row.content)));

const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
