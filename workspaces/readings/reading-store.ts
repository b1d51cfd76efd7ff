import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Measurement, MeasurementDraft } from "../../cells/results/measurement.ts";
import { type Reading, verdictOfReadings } from "../../cells/results/reading.ts";
import type { ReadingLine } from "../../cells/wire/http-readings.ts";
import { addMissingColumn } from "../add-missing-column.ts";

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Of one cell of one notebook; older ones go. */
export const MOST_MEASUREMENTS = 100;
/** Of one cell of a job: its history is what it is for. */
const MOST_OF_JOB = 2000;
const MOST_LINES = 500;

/*
 * Measurements are content: never changed, found by their digest. `about` is the measurement and `body` its readings,
 * both gzipped JSON; the table `readings` finds them.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS measurements (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, notebook TEXT NOT NULL, cell TEXT NOT NULL,
  version TEXT NOT NULL, as_of TEXT NOT NULL, window_start TEXT, window_end TEXT, made_at TEXT NOT NULL,
  last_at TEXT NOT NULL, about BLOB NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS measurements_by_cell ON measurements (notebook, cell, last_at);
CREATE TABLE IF NOT EXISTS readings (
  measurement INTEGER NOT NULL, id TEXT NOT NULL, metric TEXT NOT NULL, subject TEXT, slice TEXT, window_start TEXT,
  window_end TEXT, value REAL, lower REAL, upper REAL, n REAL NOT NULL, verdict TEXT NOT NULL,
  provisional INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (measurement, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS readings_by_id ON readings (id);
`;
const LINE = `SELECT readings.*, measurements.notebook, measurements.cell, measurements.version, measurements.as_of,
  measurements.made_at FROM readings JOIN measurements ON measurements.number = readings.measurement`;

export interface KeptMeasurement {
  readonly measurement: Measurement;
  readonly readings: readonly Reading[];
}

/** Which readings: those of all notebooks where nothing is said. */
export interface ReadingFilter {
  readonly notebook?: string | undefined;
  readonly cell?: string | undefined;
  readonly metric?: string | undefined;
  /** Null for the whole relation, or for all rows. */
  readonly subject?: string | null | undefined;
  readonly slice?: string | null | undefined;
}

export interface FoundReading {
  readonly reading: Reading;
  readonly measurement: Measurement;
  readonly peers: readonly Reading[];
}

/** Readings in `.driftbook/readings.db`, each with the measurement that it came from. Written by the server alone. */
export class ReadingStore {
  readonly #database: DatabaseSync;
  readonly #program: Measurement["program"];

  constructor(folder: string, program: Measurement["program"]) {
    mkdirSync(path.join(folder, ".driftbook"), { recursive: true });
    this.#database = new DatabaseSync(path.join(folder, ".driftbook", "readings.db"), { timeout: 10_000 });
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    this.#database.exec(TABLES);
    addMissingColumn(this.#database, "readings", "provisional", "INTEGER NOT NULL DEFAULT 0");
    this.#program = program;
  }

  async keep(draft: MeasurementDraft, readings: readonly Reading[]): Promise<void> {
    const now = new Date().toISOString();
    const digest = createHash("sha256")
      .update(JSON.stringify([draft, this.#program, readings]))
      .digest("hex");
    const measurement: Measurement = {
      ...draft,
      id: digest.slice(0, 24),
      madeAt: now,
      program: this.#program,
      verdict: verdictOfReadings(readings),
      readings: readings.length,
    };
    if (this.#seenAgain(measurement.id, now)) return;
    const [about, body] = await Promise.all([zipped(measurement), zipped(readings)]);
    this.#transaction(() => this.#insert(measurement, readings, about, body));
  }

  /**
   * The newest reading of this id, with those of its measurement that are of the same metric, subject and slice, itself
   * among them; null when there is none, or it was too many measurements ago.
   */
  async find(id: string): Promise<FoundReading | null> {
    const row = this.#database
      .prepare(
        "SELECT notebook, about, body FROM measurements WHERE number = (SELECT max(measurement) FROM readings WHERE id = ?)",
      )
      .get(id);
    if (row === undefined) return null;
    const { measurement, readings } = await opened(row);
    const reading = readings.find((one) => one.id === id);
    if (reading === undefined) return null;
    const { metric, subject, slice } = reading;
    const peers = readings.filter((one) => one.metric === metric && one.subject === subject && one.slice === slice);
    return { reading, measurement, peers };
  }

  /** What the cell measured last as of another time or over another window; null when there is none. */
  async before({
    notebook,
    cell,
    asOf,
    window,
  }: Pick<Measurement, "notebook" | "cell" | "asOf" | "window">): Promise<KeptMeasurement | null> {
    const row = this.#database
      .prepare(
        `SELECT notebook, about, body FROM measurements WHERE notebook = ? AND cell = ? AND as_of <= ?
         AND NOT (as_of = ? AND window_start IS ? AND window_end IS ?) ORDER BY as_of DESC, number DESC LIMIT 1`,
      )
      .get(notebook, cell, asOf, asOf, window?.[0] ?? null, window?.[1] ?? null);
    return row === undefined ? null : opened(row);
  }

  /** Other answers to the same question than the newest one; newest first. */
  otherAnswers(id: string): ReadingLine[] {
    const rows = this.#database.prepare(`${LINE} WHERE readings.id = ? ORDER BY number DESC`).all(id);
    const [newest, ...others] = rows.map(toLine);
    const answer = ({ value, lower, upper, n, verdict }: ReadingLine): string =>
      JSON.stringify([value, lower, upper, n, verdict]);
    return others.filter((one) => answer(one) !== answer(newest!));
  }

  /** Newest measurements first, at most 500; each question once. */
  list({ notebook, cell, metric, subject, slice }: ReadingFilter): ReadingLine[] {
    const conditions: string[] = [];
    const values: (string | null)[] = [];
    for (const [column, value] of Object.entries({ notebook, cell, metric, subject, slice })) {
      if (value === undefined) continue;
      conditions.push(`${column} IS ?`);
      values.push(value);
    }
    const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
    const rows = this.#database.prepare(`${LINE}${where} ORDER BY number DESC LIMIT ${4 * MOST_LINES}`).all(...values);
    const lines = new Map<string, ReadingLine>();
    for (const row of rows) if (!lines.has(String(row.id))) lines.set(String(row.id), toLine(row));
    return [...lines.values()].slice(0, MOST_LINES);
  }

  /**
   * The notebook has another path now: what its cells measured before goes with it. The id is a digest of that path too:
   * another notebook at it that measures the same has measurements of its own.
   */
  notebookMoved(from: string, to: string): void {
    this.#database
      .prepare("UPDATE measurements SET notebook = ?, id = id || '-' || number WHERE notebook = ?")
      .run(to, from);
  }

  close(): void {
    this.#database.close();
  }

  #seenAgain(id: string, now: string): boolean {
    return this.#database.prepare("UPDATE measurements SET last_at = ? WHERE id = ?").run(now, id).changes > 0;
  }

  #insert(measurement: Measurement, readings: readonly Reading[], about: Uint8Array, body: Uint8Array): void {
    const { id, notebook, cell, version, asOf, window, madeAt } = measurement;
    const { lastInsertRowid: number } = this.#database
      .prepare("INSERT INTO measurements VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .run(
        id,
        notebook,
        cell,
        version.hash,
        asOf,
        window?.[0] ?? null,
        window?.[1] ?? null,
        madeAt,
        madeAt,
        about,
        body,
      );
    const insert = this.#database.prepare(
      "INSERT OR IGNORE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    for (const one of readings)
      insert.run(
        number,
        one.id,
        one.metric,
        one.subject,
        one.slice,
        one.window?.[0] ?? null,
        one.window?.[1] ?? null,
        one.value,
        one.lower,
        one.upper,
        one.n,
        one.verdict,
        one.provisional ? 1 : 0,
      );
    const old = "SELECT number FROM measurements WHERE notebook = ? AND cell = ? ORDER BY last_at DESC, number DESC";
    for (const table of ["readings WHERE measurement", "measurements WHERE number"])
      this.#database
        .prepare(
          `DELETE FROM ${table} IN (${old} LIMIT -1 OFFSET ${notebook.startsWith("jobs/") ? MOST_OF_JOB : MOST_MEASUREMENTS})`,
        )
        .run(notebook, cell);
  }

  #transaction(work: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

const zipped = (value: unknown): Promise<Uint8Array> => zip(Buffer.from(JSON.stringify(value)), { level: 3 });

async function opened(row: Record<string, unknown>): Promise<KeptMeasurement> {
  const [about, body] = await Promise.all([unzip(row.about as Uint8Array), unzip(row.body as Uint8Array)]);
  const measurement = JSON.parse(about.toString("utf8")) as Measurement;
  return {
    measurement: { ...measurement, notebook: String(row.notebook) },
    readings: JSON.parse(body.toString("utf8")),
  };
}

function toLine(row: Record<string, unknown>): ReadingLine {
  const number = (value: unknown): number | null => (value === null ? null : Number(value));
  const text = (value: unknown): string | null => (value === null ? null : String(value));
  return {
    id: String(row.id),
    notebook: String(row.notebook),
    cell: String(row.cell),
    metric: String(row.metric),
    subject: text(row.subject),
    slice: text(row.slice),
    window: row.window_start === null ? null : [String(row.window_start), String(row.window_end)],
    asOf: String(row.as_of),
    value: number(row.value),
    lower: number(row.lower),
    upper: number(row.upper),
    n: Number(row.n),
    verdict: String(row.verdict) as ReadingLine["verdict"],
    provisional: row.provisional === 1,
    madeAt: String(row.made_at),
    version: String(row.version),
  };
}
