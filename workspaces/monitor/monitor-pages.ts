import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { MONITOR_TABLES, type MonitorTableName } from "../../cells/monitoring/monitor-tables.ts";
import { EXPORTED } from "./exported-tables.ts";
import { Statements } from "./statements.ts";

/** Rows of a table with numbers from the first to the last, as they were when the file got its name. */
interface Page {
  readonly table: MonitorTableName;
  readonly first: number;
  readonly last: number;
  readonly file: string;
}

const NAMES = Object.keys(MONITOR_TABLES) as MonitorTableName[];
/** Files of another version of the program may hold other columns: they are not read. */
const FORMAT = createHash("sha256").update(JSON.stringify(EXPORTED)).digest("hex").slice(0, 8);
/** Says which database the files are of, and how far that had come. */
const MARKER = "written.json";

/**
 * Files of the tables of jobs and alerts for engines, which read files and nothing else: gzipped NDJSON, a page of rows
 * in each. The name of a file says what is in it (which rows, how many of them, how often they had changed), so that what
 * has not changed is written once.
 */
export class MonitorPages {
  readonly #folder: string;
  readonly #sql: Statements;
  readonly #written: Set<string>;
  readonly #of: string;

  /** The tables of jobs and alerts must be there. */
  constructor(folder: string, database: DatabaseSync) {
    this.#folder = folder;
    this.#sql = new Statements(database);
    countChanges(database);
    this.#of = String(this.#sql.get("SELECT id FROM monitor_export")!.id);
    mkdirSync(folder, { recursive: true });
    this.#written = new Set(this.#isOfThis() ? readdirSync(folder).filter((name) => name.endsWith(".gz")) : []);
    for (const name of readdirSync(folder)) if (!this.#written.has(name)) rmSync(path.join(folder, name));
  }

  /** Files that hold all rows as they are now, whether they are written or not; by table, in order. */
  present(): Readonly<Record<MonitorTableName, readonly Page[]>> {
    return Object.fromEntries(NAMES.map((table) => [table, this.#pagesOf(table)])) as never;
  }

  isWritten({ file }: Page): boolean {
    return this.#written.has(file);
  }

  /** Rows as they are at this moment: the name must be of this moment too. */
  write({ table, first, last, file }: Page): void {
    const { rows, number, complete } = EXPORTED[table];
    const completed = complete(this.#sql);
    const lines: string[] = [];
    const found = this.#sql.all(`${rows} WHERE ${number} BETWEEN ? AND ? ORDER BY ${number}`, first, last);
    for (const row of found) lines.push(`${JSON.stringify(completed(row))}\n`);
    const unfinished = path.join(this.#folder, `${file}.part`);
    writeFileSync(unfinished, gzipSync(lines.join(""), { level: 1 }));
    this.#mark();
    renameSync(unfinished, path.join(this.#folder, file));
    this.#written.add(file);
  }

  pathOf({ file }: Page): string {
    return path.join(this.#folder, file);
  }

  /** Removes all others. */
  keep(files: ReadonlySet<string>): void {
    for (const file of this.#written) {
      if (files.has(file)) continue;
      rmSync(path.join(this.#folder, file), { force: true });
      this.#written.delete(file);
    }
  }

  #pagesOf(table: MonitorTableName): Page[] {
    const { newest: asked, rowsPerPage, changing } = EXPORTED[table];
    const newest = Number(this.#sql.get(asked)!.newest ?? 0);
    const changes = new Map(
      changing === null
        ? []
        : this.#sql
            .all("SELECT page, changes FROM monitor_changes WHERE name = ?", changing)
            .map(({ page, changes: count }) => [Number(page), Number(count)]),
    );
    return Array.from({ length: Math.ceil(newest / rowsPerPage) }, (_, page) => {
      const first = page * rowsPerPage + 1;
      const last = Math.min(newest, first + rowsPerPage - 1);
      const state = changing === null ? last : `${last}-${changes.get(page) ?? 0}`;
      return { table, first, last, file: `${table}-${FORMAT}-${first}-${state}.ndjson.gz` };
    });
  }

  /** What only grows: less of it than the marker says is a database from before the files, and they would lie. */
  #position(): number[] {
    const counted = NAMES.map((table) => Number(this.#sql.get(EXPORTED[table].newest)!.newest ?? 0));
    return [...counted, Number(this.#sql.get("SELECT coalesce(sum(changes), 0) AS sum FROM monitor_changes")!.sum)];
  }

  #isOfThis(): boolean {
    try {
      const marker: unknown = JSON.parse(readFileSync(path.join(this.#folder, MARKER), "utf8"));
      const { of, position } = marker as { readonly of: string; readonly position: readonly number[] };
      return of === this.#of && this.#position().every((count, index) => count >= position[index]!);
    } catch {
      return false; // None, or of another kind: the files are written anew.
    }
  }

  #mark(): void {
    writeFileSync(path.join(this.#folder, MARKER), JSON.stringify({ of: this.#of, position: this.#position() }));
  }
}

/** From now on every change of a row that changes is counted for its page. */
function countChanges(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS monitor_export (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), id TEXT NOT NULL) STRICT;
    INSERT OR IGNORE INTO monitor_export VALUES (1, '${randomBytes(9).toString("base64url")}');
    CREATE TABLE IF NOT EXISTS monitor_changes (
      name TEXT NOT NULL, page INTEGER NOT NULL, changes INTEGER NOT NULL, PRIMARY KEY (name, page)
    ) STRICT, WITHOUT ROWID;
  `);
  for (const { changing, rowsPerPage } of Object.values(EXPORTED)) {
    if (changing === null) continue;
    // Leases are renewed every few seconds, and nobody sees them.
    const events = ["INSERT", changing === "runs" ? "UPDATE OF state" : "UPDATE"];
    for (const event of events)
      database.exec(`
        CREATE TRIGGER IF NOT EXISTS ${changing}_${rowsPerPage}_${event.split(" ")[0]!.toLowerCase()} AFTER ${event} ON ${changing} BEGIN
          INSERT INTO monitor_changes VALUES ('${changing}', (NEW.number - 1) / ${rowsPerPage}, 1)
          ON CONFLICT (name, page) DO UPDATE SET changes = changes + 1;
        END;
      `);
  }
}
