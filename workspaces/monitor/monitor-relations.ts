import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { MONITOR_TABLES, type MonitorTableName } from "../../cells/monitoring/monitor-tables.ts";
import { MonitorPages } from "./monitor-pages.ts";
import { type MonitorState, monitorViews } from "./monitor-views.ts";
import { Statements } from "./statements.ts";

const NAMES = Object.keys(MONITOR_TABLES) as MonitorTableName[];
/** So many pages are written at once; while there are more, others get their turn between them. */
const PAGES_AT_ONCE = 4;

/** Whether a text may read these tables; it may also only mention them. */
export const mentionsMonitor = (text: string): boolean => /\bmonitor\b/i.test(text);

/** The tables at one moment. */
interface Moment extends MonitorState {
  readonly changes: number;
  readonly names: ReadonlySet<string>;
  /** How many read it. */
  readers: number;
}

/**
 * `monitor.readings|runs|ticks|alerts|versions` for SQL cells: what the database holds, as files that an engine reads.
 * They are written when somebody asks and something has changed.
 */
export class MonitorRelations {
  readonly folder: string;
  readonly #sql: Statements;
  readonly #pages: MonitorPages;
  readonly #moments = new Set<Moment>();
  #newest: Moment | null = null;
  #closed = false;

  /** The tables of jobs and alerts must be there. */
  constructor(folder: string, database: DatabaseSync) {
    this.folder = path.join(folder, ".driftbook", "monitor");
    this.#sql = new Statements(database);
    this.#pages = new MonitorPages(this.folder, database);
  }

  /**
   * Views of what was known before `asOf`, ISO 8601; null for all that is known now. Their files stay until `release`,
   * which must be called once.
   */
  async pin(asOf: string | null): Promise<{ readonly statements: readonly string[]; readonly release: () => void }> {
    if (this.#newest?.changes !== this.#changes()) await this.catchUp();
    const moment = this.#now();
    moment.readers += 1;
    return {
      statements: monitorViews(moment, asOf),
      release: () => {
        moment.readers -= 1;
        this.#forget();
      },
    };
  }

  /** What is written goes on no more. */
  close(): void {
    this.#closed = true;
  }

  /** How many rows each has. */
  counts(): Readonly<Record<MonitorTableName, number>> {
    const of = { runs: "runs", ticks: "ticks", versions: "versions", alerts: "alerts", readings: "run_readings" };
    const counts = Object.entries(of).map(([name, table]) => [
      name,
      Number(this.#sql.get(`SELECT count(*) AS count FROM ${table}`)!.count),
    ]);
    return Object.fromEntries(counts) as Record<MonitorTableName, number>;
  }

  /** Writes what is missing but the last few pages, which may change meanwhile. A long history takes a while the first time. */
  async catchUp(): Promise<void> {
    while (!this.#closed) {
      const missing = Object.values(this.#pages.present())
        .flat()
        .filter((page) => !this.#pages.isWritten(page));
      if (missing.length <= PAGES_AT_ONCE) return;
      this.#pages.write(missing[0]!);
      await setImmediate();
    }
  }

  #now(): Moment {
    const changes = this.#changes();
    if (this.#newest?.changes === changes) return this.#newest;
    const present = this.#pages.present();
    const pages = Object.values(present).flat();
    for (const page of pages) if (!this.#pages.isWritten(page)) this.#pages.write(page);
    const moment: Moment = {
      changes,
      files: Object.fromEntries(
        NAMES.map((table) => [table, present[table].map((page) => this.#pages.pathOf(page))]),
      ) as never,
      running: this.#running(),
      names: new Set(pages.map(({ file }) => file)),
      readers: 0,
    };
    this.#moments.add(moment);
    this.#newest = moment;
    this.#forget();
    return moment;
  }

  #changes(): number {
    return Number(this.#sql.get("SELECT total_changes() AS changes")!.changes);
  }

  #running(): string[] {
    // The index is named, for the planner would read all runs that ever were.
    const sql = "SELECT id FROM runs INDEXED BY runs_open WHERE ended_at_millis IS NULL AND state = 'running'";
    return this.#sql.all(sql).map(({ id }) => String(id));
  }

  /** Files that nobody reads any more, and that hold no longer what is, go. */
  #forget(): void {
    let ended = 0;
    for (const moment of this.#moments)
      if (moment.readers === 0 && moment !== this.#newest) {
        this.#moments.delete(moment);
        ended += 1;
      }
    if (ended > 0) this.#pages.keep(new Set([...this.#moments].flatMap(({ names }) => [...names])));
  }
}

interface Relations {
  readonly statements: readonly string[];
  readonly release: () => void;
}

/** These relations and the tables of jobs at the same as-of, released as one. */
export async function withMonitor<T extends Relations>(
  relations: T,
  monitor: MonitorRelations,
  asOf: string | null,
): Promise<T> {
  try {
    const { statements, release } = await monitor.pin(asOf);
    return {
      ...relations,
      statements: [...relations.statements, ...statements],
      release: () => {
        relations.release();
        release();
      },
    };
  } catch (error) {
    relations.release();
    throw error;
  }
}
