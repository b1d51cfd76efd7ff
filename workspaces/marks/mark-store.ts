import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { countsAt, type Mark } from "../../cells/monitoring/mark.ts";
import { isoFromMicros } from "../lake/sql-text.ts";
import type { Marks } from "../workspace-port.ts";

/** Marks in `.driftbook/workspace.db`: none is ever changed or deleted, a removal is a time of its own. */
export class MarkStore implements Marks {
  readonly #database: DatabaseSync;
  readonly #watermarkMicros: () => number;

  constructor(database: DatabaseSync, watermarkMicros: () => number) {
    this.#database = database;
    this.#watermarkMicros = watermarkMicros;
  }

  list(asOf: string | null, stream?: string): readonly Mark[] {
    return this.#all()
      .filter((mark) => stream === undefined || mark.stream === stream)
      .filter((mark) => (asOf === null ? mark.removedAt === null : countsAt(mark, asOf)));
  }

  show(stream: string, id: string): Mark | null {
    return this.#all().find((mark) => mark.stream === stream && mark.id === id) ?? null;
  }

  make({ stream, window, note, excludes, by }: Parameters<Marks["make"]>[0]): Mark {
    const id = randomBytes(6).toString("hex");
    this.#database
      .prepare("INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)")
      .run(id, stream, window.start, window.end, note, excludes ? 1 : 0, this.#nowMicros(), by);
    return this.show(stream, id)!;
  }

  remove(stream: string, id: string): Mark | null {
    this.#database
      .prepare("UPDATE marks SET removed_micros = ? WHERE id = ? AND stream = ? AND removed_micros IS NULL")
      .run(this.#nowMicros(), id, stream);
    return this.show(stream, id);
  }

  #all(): Mark[] {
    return this.#database.prepare("SELECT * FROM marks ORDER BY window_start, made_micros").all().map(toMark);
  }

  /**
   * Just before this millisecond, as an event that comes now is recorded later; and after every as-of that a run may
   * have had, so that none sees another past when it is repeated.
   */
  #nowMicros(): number {
    return Math.max(this.#watermarkMicros() + 1, Date.now() * 1000 - 1);
  }
}

/** Of the newest making or removal; 0 before the first. */
export function newestMarkMicros(database: DatabaseSync): number {
  const row = database.prepare("SELECT max(max(made_micros, coalesce(removed_micros, 0))) AS newest FROM marks").get();
  return Number(row?.newest ?? 0);
}

function toMark(row: Record<string, unknown>): Mark {
  return {
    id: String(row.id),
    stream: String(row.stream),
    window: { start: String(row.window_start), end: String(row.window_end) },
    note: String(row.note),
    excludes: Number(row.excludes) === 1,
    madeAt: isoFromMicros(Number(row.made_micros)),
    by: String(row.made_by),
    removedAt: row.removed_micros === null ? null : isoFromMicros(Number(row.removed_micros)),
  };
}
