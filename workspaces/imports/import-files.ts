import { randomBytes } from "node:crypto";
import type { DryRunView, ImportView } from "../../cells/wire/http-streams.ts";
import { catalogSnapshot, toImport } from "../catalog/catalog.ts";
import { commitLoad, type NewPart } from "../catalog/catalog-writer.ts";
import type { Contract } from "../contracts/contract.ts";
import { defaultFeedbackId } from "../lake/hash-expressions.ts";
import { shapeOf } from "../lake/shape-of-contract.ts";
import { instantSql, isoFromMicros, quoteName, quoteText } from "../lake/sql-text.ts";
import { EVENT_TIME, eventColumns } from "../lake/stream-shape.ts";
import { CONFLICT, DUPLICATE, NEW, type RunRow } from "../loader/id-index.ts";
import { countOf, excludedRows, judgeIdentity, rowsWith } from "../loader/judge-identity.ts";
import { rowsOf } from "../loader/lake-engine.ts";
import {
  CYCLE_REASON,
  conflictReason,
  refuseCycles,
  storedColumns,
  supersedingRows,
  violations,
} from "../loader/load-events.ts";
import type { LoaderService } from "../loader/loader-service.ts";
import { quarantineSelect } from "../loader/quarantine-rows.ts";
import type { Superseding } from "../loader/supersedes-cycles.ts";
import { columnsOf, writePart, writePartAndRun } from "../loader/write-part.ts";
import { asOfStatements } from "../views/as-of-statements.ts";
import type { ImportRequest } from "../workspace-port.ts";
import { checkedColumns } from "./checked-columns.ts";
import { ImportRefused } from "./import-refused.ts";
import { importView } from "./import-view.ts";
import { admitSelect, firstLine, openInput, withoutFolders } from "./input-relation.ts";

/** Rows judged and written together: bounds memory, whatever the file's size. */
const CHUNK_ROWS = 1_000_000;
const SHOWN_ROWS = 10;
const SHOWN_REASONS = 50;

/**
 * One import: files → `input` → SELECT → table `checked` (typed columns, reason) → chunks that are judged against the
 * identity index and written as parts → one transaction. Nothing counts before it; a failure leaves an import row that
 * says why.
 */
export async function importFiles(service: LoaderService, request: ImportRequest): Promise<ImportView> {
  const { context } = service;
  const { database } = context;
  const contract = contractOf(service, request.stream);
  const id = `i-${randomBytes(6).toString("hex")}`;
  const startedMicros = Date.now() * 1000;
  const number = Number(
    database
      .prepare(
        "INSERT INTO lake_imports (id, stream, log, state, files, select_sql, history, started_micros) VALUES (?, ?, ?, 'loading', ?, ?, ?, ?)",
      )
      .run(
        id,
        request.stream,
        request.log,
        JSON.stringify(request.files.map(baseName)),
        request.select ?? null,
        request.history ? 1 : 0,
        startedMicros,
      ).lastInsertRowid,
  );
  try {
    await stage(service, request, contract);
    await refuseRetired(service, request, contract);
    const outcome = await loadChunks(service, request, contract, number, id);
    commitLoad(database, {
      stream: request.stream,
      log: request.log,
      parts: outcome.parts,
      runFiles: outcome.runs.map((run) => ({ log: request.log, ...run })),
      counters: outcome.counters,
      rates: [],
      supersedes: outcome.superseding,
      lastRecordedMicros: outcome.recordedMicros,
      eventMaxMicros: maximum(
        outcome.parts.filter((part) => part.log === request.log).map((part) => part.eventMaxMicros),
      ),
      firstLiveMicros: request.history ? null : outcome.recordedMicros,
      finishedImport: {
        number,
        ...outcome.counts,
        endedMicros: Date.now() * 1000,
        recordedMicros: outcome.recordedMicros,
      },
    });
  } catch (error) {
    database
      .prepare("UPDATE lake_imports SET state = 'failed', ended_micros = ?, problem = ? WHERE number = ?")
      .run(Date.now() * 1000, firstLine(error), number);
    // The index may hold runs of this import that do not count.
    service.reopen(request.stream, request.log);
    throw error;
  } finally {
    await unstage(service);
  }
  service.committed();
  return shown(service, id);
}

/** What an import would do, without writing anything. */
export async function dryRun(service: LoaderService, request: ImportRequest): Promise<DryRunView> {
  const contract = contractOf(service, request.stream);
  const { connection } = service.context.engine;
  try {
    await stage(service, request, contract);
    await refuseRetired(service, request, contract);
    const loader = service.loader(request.stream, request.log);
    const columns = eventColumns(shapeOf(contract), request.log);
    let accepted = 0;
    let duplicates = 0;
    let conflicts = 0;
    for await (const _ of chunks(service, "now()")) {
      const judged = await judgeIdentity(connection, "batch", request.log, columns, loader.index, 0);
      accepted += countOf(judged, NEW);
      duplicates += countOf(judged, DUPLICATE);
      conflicts += countOf(judged, CONFLICT);
    }
    const time = quoteName(EVENT_TIME[request.log]);
    const [range] = await rowsOf(
      connection,
      `SELECT epoch_us(min(${time}))::DOUBLE AS first, epoch_us(max(${time}))::DOUBLE AS last FROM checked WHERE reason IS NULL`,
    );
    const reasons = await rowsOf(
      connection,
      `SELECT regexp_replace(reason, ', got .*$', '') AS reason, count(*)::DOUBLE AS count, any_value(raw) AS example
       FROM checked WHERE reason IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT ${SHOWN_REASONS}`,
    );
    const [refused] = await rowsOf(
      connection,
      "SELECT count(*)::DOUBLE AS count FROM checked WHERE reason IS NOT NULL",
    );
    const shownColumns = columns.map((column) => quoteName(column.name)).join(", ");
    const rows = await rowsOf(
      connection,
      `SELECT ${shownColumns} FROM checked WHERE reason IS NULL ORDER BY "row#" LIMIT ${SHOWN_ROWS}`,
    );
    const instant = (value: unknown): string | null =>
      value === null || value === undefined ? null : isoFromMicros(Number(value));
    return {
      accepted,
      duplicates,
      quarantined: Number(refused?.count ?? 0) + conflicts,
      reasons: [
        ...reasons.map((row) => ({
          reason: String(row.reason),
          count: Number(row.count),
          example: row.example === null ? null : String(row.example),
        })),
        ...(conflicts === 0 ? [] : [{ reason: conflictReason(request.log), count: conflicts, example: null }]),
      ],
      from: instant(range?.first),
      to: instant(range?.last),
      columns: columns.map((column) => ({ name: column.name, type: column.type })),
      rows: rows as DryRunView["rows"],
    };
  } finally {
    await unstage(service);
  }
}

function contractOf(service: LoaderService, stream: string): Contract {
  const contract = service.contracts.current().get(stream);
  if (contract === undefined)
    throw new ImportRefused(
      `There is no stream ${JSON.stringify(stream)}: streams/${stream}.yaml is missing or does not parse.`,
    );
  return contract;
}

/** Fills the table `checked`: `row#`, the log's columns typed, `known_at`, `reason`, `raw` (of refused rows). */
async function stage(service: LoaderService, request: ImportRequest, contract: Contract): Promise<void> {
  const { connection } = service.context.engine;
  await openInput(connection, request.files);
  let select = "SELECT * FROM input";
  if (request.select !== undefined) {
    await openStreams(service);
    select = await admitSelect(connection, request.select);
  } else if (
    (await columnsOf(connection, select)).some(({ name, type }) => name === "features" && type.startsWith("STRUCT"))
  )
    select = "SELECT * EXCLUDE (features), features.* FROM input";
  let staged: Awaited<ReturnType<typeof columnsOf>>;
  try {
    staged = await columnsOf(connection, select);
  } catch (error) {
    throw new ImportRefused(`The SELECT does not fit the files: ${withoutFolders(firstLine(error), request.files)}`, {
      cause: error,
    });
  }
  const { values, reason, raw } = checkedColumns(contract, request.log, staged, service.options.zone);
  const knownSource = staged.find((one) => one.name.toLowerCase() === "known_at");
  const known = knownSource === undefined ? "NULL::TIMESTAMPTZ" : `${quoteName(knownSource.name)}::TIMESTAMPTZ`;
  const feedbackId =
    request.log === "feedback"
      ? `REPLACE (coalesce(feedback_id, ${defaultFeedbackId(eventColumns(shapeOf(contract), "feedback"))}) AS feedback_id)`
      : "";
  try {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE checked AS
       SELECT * ${feedbackId} FROM (
         SELECT (row_number() OVER () - 1)::BIGINT AS "row#", ${values.join(",\n      ")}, ${known} AS known_at,
           ${reason} AS reason, CASE WHEN (${reason}) IS NOT NULL THEN ${raw} END AS raw
         FROM (${select}))`,
    );
  } catch (error) {
    throw new ImportRefused(
      `The files cannot be read to their end: ${withoutFolders(firstLine(error), request.files)}`,
      { cause: error },
    );
  }
}

async function unstage(service: LoaderService): Promise<void> {
  const { connection } = service.context.engine;
  for (const table of ["checked", "batch"]) await connection.run(`DROP TABLE IF EXISTS ${table}`);
  await connection.run("DROP VIEW IF EXISTS input");
}

/** The workspace's own relations as they are now, for SELECTs that join them. */
async function openStreams(service: LoaderService): Promise<void> {
  const shapes = [...service.contracts.current().values()].map(shapeOf);
  const statements = asOfStatements(
    catalogSnapshot(service.context.database),
    shapes,
    Date.now() * 1000,
    service.options.folder,
  );
  for (const statement of statements) await service.context.engine.connection.run(statement);
}

/** Rows older than the contract keeps would be removed at once: refused as a whole, with their number. */
async function refuseRetired(service: LoaderService, request: ImportRequest, contract: Contract): Promise<void> {
  if (contract.keepMillis === null || request.log !== "decisions") return;
  const oldestMicros = (Date.now() - contract.keepMillis) * 1000;
  const [old] = await rowsOf(
    service.context.engine.connection,
    `SELECT count(*)::DOUBLE AS count FROM checked WHERE reason IS NULL AND decided_at < ${instantSql(oldestMicros)}`,
  );
  const count = Number(old?.count ?? 0);
  if (count > 0)
    throw new ImportRefused(
      `${count} rows are older than the contract keeps (before ${isoFromMicros(oldestMicros)}); leave them out with a SELECT, or keep longer.`,
    );
}

/** Accepted rows of `checked` as the table `batch`, one chunk after the other, with the SQL `recorded` as recorded time. */
async function* chunks(service: LoaderService, recorded: string): AsyncGenerator<number> {
  const { connection } = service.context.engine;
  const [counted] = await rowsOf(connection, 'SELECT coalesce(max("row#") + 1, 0)::DOUBLE AS rows FROM checked');
  const rows = Number(counted?.rows ?? 0);
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE batch AS SELECT * EXCLUDE (reason, raw), ${recorded} AS recorded_at FROM checked
       WHERE "row#" >= ${from} AND "row#" < ${from + CHUNK_ROWS} AND reason IS NULL`,
    );
    yield from;
  }
}

interface Loaded {
  readonly parts: readonly NewPart[];
  readonly runs: readonly RunRow[];
  readonly superseding: readonly Superseding[];
  readonly counters: Readonly<Record<string, number>>;
  readonly counts: { readonly accepted: number; readonly duplicates: number; readonly quarantined: number };
  readonly recordedMicros: number;
}

async function loadChunks(
  service: LoaderService,
  request: ImportRequest,
  contract: Contract,
  number: number,
  id: string,
): Promise<Loaded> {
  const { context } = service;
  const { connection } = context.engine;
  const { log, stream } = request;
  const loader = service.loader(stream, log);
  const columns = eventColumns(shapeOf(contract), log);
  const target = { lakeFolder: context.lakeFolder, stream, log, day: null, importNumber: number } as const;
  const recordedMicros = announceTime(service, stream, log, number);
  const recorded = instantSql(recordedMicros);
  const known = request.history ? `coalesce(known_at, ${quoteName(EVENT_TIME[log])}, ${recorded})` : recorded;
  const parts: NewPart[] = [];
  const runs: RunRow[] = [];
  const superseding: Superseding[] = [];
  const counters: Record<string, number> = {};
  const count = (name: string, by: number): void => {
    counters[name] = (counters[name] ?? 0) + by;
  };
  let accepted = 0;
  let quarantined = 0;
  const quarantine = async (selects: readonly string[]): Promise<void> => {
    const part =
      selects.length === 0
        ? null
        : await writePart(connection, selects.join(" UNION ALL "), { ...target, log: "quarantine" });
    if (part === null) return;
    parts.push(part);
    quarantined += part.rows;
  };
  await quarantine([refusedSelect(log, recordedMicros, id)]);
  for await (const _ of chunks(service, recorded)) {
    const judged = await judgeIdentity(connection, "batch", log, columns, loader.index, number);
    const said = log === "feedback" ? await supersedingRows(context.engine) : [];
    const cyclic = refuseCycles(context.database, stream, said, judged);
    const conflicts = rowsWith(judged, CONFLICT);
    const excluded = excludedRows(judged);
    const where = excluded === null ? "" : ` WHERE "row#" NOT IN (SELECT unnest([${excluded.join(",")}]))`;
    const { part, run } = await writePartAndRun(
      connection,
      `SELECT ${storedColumns(columns)}, recorded_at, ${known} AS known_at, "row#" AS log_position FROM batch${where}`,
      target,
      () => loader.index.write(judged.entries, judged.verdicts, loader.newRunFile()),
    );
    if (run !== null) {
      runs.push(run);
      // Later chunks of the same import must see these ids.
      loader.index.add(run.file);
    }
    if (part !== null) parts.push(part);
    accepted += part?.rows ?? 0;
    count("duplicates", countOf(judged, DUPLICATE));
    count("conflicts", conflicts.length);
    for (const [name, times] of Object.entries(await violations(context.engine, contract, log, where)))
      count(name, times);
    const refuse = (rows: readonly number[], kind: "conflict" | "invalid", reason: string): string[] =>
      rows.length === 0 ? [] : [quarantineSelect({ log, columns, rows, kind, reason, source: id })];
    await quarantine([
      ...refuse(conflicts, "conflict", conflictReason(log)),
      ...refuse(cyclic, "invalid", CYCLE_REASON),
    ]);
    const excludedSet = new Set(excluded);
    superseding.push(...said.filter(({ row }) => !excludedSet.has(row)));
  }
  count("quarantined", quarantined);
  count("superseded", superseding.length);
  return {
    parts,
    runs,
    superseding,
    counters,
    counts: { accepted, duplicates: counters.duplicates ?? 0, quarantined },
    recordedMicros,
  };
}

/**
 * The recorded time of an import's rows, told before they are written: until the import counts, no as-of may pass it
 * (`workspace.ts` holds the watermark below), so that a pinned as-of never sees rows appear behind it.
 */
function announceTime(service: LoaderService, stream: string, log: string, number: number): number {
  const { database } = service.context;
  const row = database
    .prepare("SELECT last_recorded_micros AS last FROM lake_logs WHERE stream = ? AND log = ?")
    .get(stream, log);
  const recordedMicros = Math.max(Number(row?.last ?? 0) + 1, Date.now() * 1000);
  database.prepare("UPDATE lake_imports SET recorded_micros = ? WHERE number = ?").run(recordedMicros, number);
  return recordedMicros;
}

/** Rows that the check refused, as rows of the quarantine. */
function refusedSelect(log: string, recordedMicros: number, id: string): string {
  return `SELECT 'q-' || ${quoteText(id)} || '-' || "row#" AS quarantine_id, ${quoteText(log)} AS log, ${instantSql(recordedMicros)} AS recorded_at,
    'invalid' AS kind, reason, ${quoteText(id)} AS source, raw, false AS raw_is_base64 FROM checked WHERE reason IS NOT NULL`;
}

export async function withdrawImport(service: LoaderService, id: string): Promise<ImportView> {
  const { database } = service.context;
  const row = database.prepare("SELECT * FROM lake_imports WHERE id = ?").get(id);
  if (row === undefined)
    throw new ImportRefused(`There is no import ${JSON.stringify(id)}; see driftbook imports list.`);
  const found = toImport(row);
  if (found.state !== "loaded")
    throw new ImportRefused(`The import ${id} is ${found.state}; only a loaded one can be withdrawn.`);
  // Just before this millisecond: an event that comes now is recorded later, so an as-of of this moment misses none.
  const atMicros = Math.max((found.recordedMicros ?? 0) + 1, Date.now() * 1000 - 1);
  database
    .prepare("UPDATE lake_imports SET state = 'withdrawn', withdrawn_micros = ? WHERE number = ?")
    .run(atMicros, found.number);
  service.committed();
  return shown(service, id);
}

function shown(service: LoaderService, id: string): ImportView {
  return importView(toImport(service.context.database.prepare("SELECT * FROM lake_imports WHERE id = ?").get(id)!));
}

function maximum(values: readonly (number | null)[]): number | null {
  return values.reduce((most, value) => (value === null ? most : Math.max(most ?? value, value)), null);
}

const baseName = (file: string): string => file.split(/[\\/]/).at(-1)!;
