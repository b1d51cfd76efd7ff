import { writeFileSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { commitLoad, type LoadCommit, type NewPart } from "../catalog/catalog-writer.ts";
import type { Contract } from "../contracts/contract.ts";
import type { SegmentRecord } from "../ingest/segments.ts";
import { defaultFeedbackId } from "../lake/hash-expressions.ts";
import { shapeOf, valueRules } from "../lake/shape-of-contract.ts";
import { quoteName, quoteText } from "../lake/sql-text.ts";
import { eventColumns, type ShapeColumn } from "../lake/stream-shape.ts";
import { CONFLICT, DUPLICATE, type IdIndex, NEW, type RunRow } from "./id-index.ts";
import { countOf, excludedRows, type Judgement, judgeIdentity, REFUSED, rowsWith } from "./judge-identity.ts";
import { type LakeEngine, rowsOf } from "./lake-engine.ts";
import { quarantineSelect } from "./quarantine-rows.ts";
import { closesCycle, type Superseding } from "./supersedes-cycles.ts";
import { type PartTarget, writePart, writePartAndRun } from "./write-part.ts";

export interface LoadContext {
  readonly engine: LakeEngine;
  readonly database: DatabaseSync;
  readonly lakeFolder: string;
}

export interface EventBatch {
  readonly contract: Contract;
  readonly log: "decisions" | "feedback";
  readonly records: readonly SegmentRecord[];
  readonly index: IdIndex;
  readonly position: NonNullable<LoadCommit["position"]>;
  readonly newRunFile: () => string;
}

export interface LoadOutcome {
  readonly loaded: number;
  readonly duplicates: number;
  readonly conflicts: number;
}

/**
 * One step of the loader: records of a segment become a part. Phases: read into a table, judge identity, write part
 * and run, commit all with the position. Until the commit nothing counts, so a crash anywhere repeats the whole step.
 */
export async function loadEvents(context: LoadContext, batch: EventBatch): Promise<LoadOutcome> {
  const { database, lakeFolder, engine } = context;
  const { contract, log } = batch;
  const target = { lakeFolder, stream: contract.stream, log, day: null, importNumber: null } as const;
  const events = batch.records.filter((record) => record.kind === "events");
  const refused = batch.records.filter((record) => record.kind === "refused");
  const kept = events.length === 0 ? NOTHING_KEPT : await keepNew(context, batch, events, target);

  const refusals = [...kept.refusals];
  if (refused.length > 0) refusals.push(await readRefused(context, log, refused));
  const quarantined =
    refusals.length === 0
      ? null
      : await writePart(engine.connection, refusals.join(" UNION ALL "), { ...target, log: "quarantine" });

  commitLoad(database, {
    stream: contract.stream,
    log,
    parts: [kept.part, quarantined].filter((one): one is NewPart => one !== null),
    runFiles: kept.run === null ? [] : [{ log, ...kept.run }],
    counters: { ...kept.counters, quarantined: quarantined?.rows ?? 0 },
    rates: kept.rates,
    supersedes: kept.superseding,
    position: batch.position,
    lastRecordedMicros: kept.part?.recordedMaxMicros ?? null,
    eventMaxMicros: kept.part?.eventMaxMicros ?? null,
    firstLiveMicros: kept.part?.recordedMinMicros ?? null,
  });
  if (kept.run !== null) batch.index.add(kept.run.file);
  return {
    loaded: kept.part?.rows ?? 0,
    duplicates: kept.counters.duplicates ?? 0,
    conflicts: kept.counters.conflicts ?? 0,
  };
}

interface Kept {
  readonly part: NewPart | null;
  readonly run: RunRow | null;
  /** SELECTs of quarantine rows over the table `batch`. */
  readonly refusals: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
  readonly rates: readonly { hour: number; count: number }[];
  readonly superseding: readonly Superseding[];
}
const NOTHING_KEPT: Kept = { part: null, run: null, refusals: [], counters: {}, rates: [], superseding: [] };

async function keepNew(
  context: LoadContext,
  { contract, log, index, newRunFile }: EventBatch,
  events: readonly SegmentRecord[],
  target: PartTarget,
): Promise<Kept> {
  const { engine, database } = context;
  const columns = eventColumns(shapeOf(contract), log);
  await readRecords(context, log, columns, events);
  const judgement = await judgeIdentity(engine.connection, "batch", log, columns, index, 0);
  const superseding = log === "feedback" ? await supersedingRows(engine) : [];
  const cyclic = refuseCycles(database, contract.stream, superseding, judgement);
  const conflicts = rowsWith(judgement, CONFLICT);
  const excluded = excludedRows(judgement);
  const where = excluded === null ? "" : ` WHERE "row#" NOT IN (SELECT unnest([${excluded.join(",")}]))`;
  const { part, run } = await writePartAndRun(
    engine.connection,
    `SELECT ${storedColumns(columns)}, recorded_at, recorded_at AS known_at, 0::BIGINT AS log_position FROM batch${where}`,
    target,
    () => index.write(judgement.entries, judgement.verdicts, newRunFile()),
  );
  const refuse = (rows: readonly number[], kind: "conflict" | "invalid", reason: string): string[] =>
    rows.length === 0 ? [] : [quarantineSelect({ log, columns, rows, kind, reason, source: "http" })];
  const excludedSet = new Set(excluded);
  return {
    part,
    run,
    refusals: [...refuse(conflicts, "conflict", conflictReason(log)), ...refuse(cyclic, "invalid", CYCLE_REASON)],
    counters: {
      rows: part?.rows ?? 0,
      duplicates: countOf(judgement, DUPLICATE),
      conflicts: conflicts.length,
      superseded: superseding.filter(({ row }) => !excludedSet.has(row)).length,
      ...(await violations(engine, contract, log, where)),
    },
    rates: part === null ? [] : await ratesOf(engine, where),
    superseding: superseding.filter(({ row }) => !excludedSet.has(row)),
  };
}

export const CYCLE_REASON = "supersedes: the chain comes back to this feedback";
export const conflictReason = (log: "decisions" | "feedback"): string =>
  `${log === "decisions" ? "decision_id" : "feedback_id"}: known already with other content`;

/** JSON stays text in Parquet, so that every reader can read it. */
export const storedColumns = (columns: readonly ShapeColumn[]): string =>
  columns
    .map(({ name, type }) => (type === "JSON" ? `${quoteName(name)}::VARCHAR AS ${quoteName(name)}` : quoteName(name)))
    .join(", ");

/** Fills the table `batch`: `row#`, the event's columns, `recorded_at`. */
async function readRecords(
  { engine }: LoadContext,
  log: "decisions" | "feedback",
  columns: readonly ShapeColumn[],
  records: readonly SegmentRecord[],
): Promise<void> {
  const selected =
    log === "feedback" ? `* REPLACE (coalesce(feedback_id, ${defaultFeedbackId(columns)}) AS feedback_id)` : "*";
  await readLines(
    engine,
    "batch",
    columns.map(({ name, type }) => [name, type] as const),
    records,
    selected,
  );
}

const LEAST_OBJECT_BYTES = 2 * 1024 * 1024;

/** A table of the records' lines with their number `row#` and recorded time. @throws Error when lines are missing. */
async function readLines(
  engine: LakeEngine,
  table: string,
  columns: readonly (readonly [name: string, type: string])[],
  records: readonly SegmentRecord[],
  selected: string,
): Promise<void> {
  const file = path.join(engine.scratch, `${table}.ndjson`);
  writeFileSync(file, Buffer.concat(records.map((record) => record.payload)));
  let row = 0;
  const starts = records.map((record) => {
    const start = row;
    row += record.count;
    return `(${start}, ${record.recordedAtMicros - start})`;
  });
  // A line is at most as long as its record. DuckDB takes buffers of twice this size for each of its threads.
  const longest = Math.max(LEAST_OBJECT_BYTES, ...records.map((record) => record.payload.length));
  const types = columns.map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`).join(", ");
  await engine.connection.run(`CREATE OR REPLACE TEMP TABLE ${table} AS
    WITH lines AS (SELECT * FROM read_json(${quoteText(file)}, format = 'newline_delimited', columns = {${types}},
      maximum_object_size = ${longest})),
    numbered AS (SELECT ${selected}, (row_number() OVER () - 1)::BIGINT AS "row#" FROM lines),
    started(start, base) AS (VALUES ${starts.join(", ")})
    SELECT numbered.*, make_timestamptz(base + "row#") AS recorded_at FROM numbered ASOF JOIN started ON "row#" >= start`);
  const [counted] = await rowsOf(engine.connection, `SELECT count(*)::DOUBLE AS rows FROM ${table}`);
  if (Number(counted?.rows) !== row)
    throw new Error(`A segment promises ${row} lines but holds ${String(counted?.rows)}; nothing of it was loaded.`);
}

/** The rows of `batch` that supersede other feedback, in order. */
export async function supersedingRows(engine: LakeEngine): Promise<Superseding[]> {
  const rows = await rowsOf(
    engine.connection,
    `SELECT "row#"::INTEGER AS row, feedback_id, supersedes FROM batch WHERE supersedes IS NOT NULL ORDER BY "row#"`,
  );
  return rows.map((row) => ({
    row: Number(row.row),
    feedbackId: String(row.feedback_id),
    supersedes: String(row.supersedes),
  }));
}

/** Turns new rows that close a cycle into refused ones, and returns their numbers. */
export function refuseCycles(
  database: DatabaseSync,
  stream: string,
  superseding: readonly Superseding[],
  judgement: Judgement,
): number[] {
  if (superseding.length === 0) return [];
  const isNew = new Set(rowsWith(judgement, NEW));
  const find = database.prepare("SELECT supersedes FROM lake_supersedes WHERE stream = ? AND feedback_id = ?");
  const fresh = superseding.filter(({ row }) => isNew.has(row));
  const cyclic = closesCycle(fresh, (feedbackId) => {
    const found = find.get(stream, feedbackId);
    return found === undefined ? null : String(found.supersedes);
  });
  const refused = new Set(cyclic);
  for (let at = 0; at < judgement.entries.count; at++)
    if (refused.has(judgement.rows[at]!)) judgement.verdicts[at] = REFUSED;
  return cyclic;
}

/** Rows that were refused before they reached the log, as rows of the quarantine. Fills the table `refused`. */
async function readRefused(
  { engine }: LoadContext,
  log: "decisions" | "feedback",
  records: readonly SegmentRecord[],
): Promise<string> {
  const columns = { reason: "VARCHAR", source: "VARCHAR", raw: "VARCHAR", raw_is_base64: "BOOLEAN" };
  await readLines(engine, "refused", Object.entries(columns), records, "*");
  return `SELECT 'q-' || ${quoteText(`${log.slice(0, 1)}x`)} || epoch_us(recorded_at) AS quarantine_id, ${quoteText(log)} AS log,
    recorded_at, 'invalid' AS kind, reason, source, raw, raw_is_base64 FROM refused`;
}

/** How often kept rows break the contract's bounds and value lists. */
export async function violations(
  engine: LakeEngine,
  contract: Contract,
  log: "decisions" | "feedback",
  where: string,
): Promise<Record<string, number>> {
  const rules = valueRules(contract, log);
  if (rules.length === 0) return {};
  const counts = rules.map((rule, at) => `count_if(${rule.broken})::DOUBLE AS c${at}`);
  const [found] = await rowsOf(engine.connection, `SELECT ${counts.join(", ")} FROM batch${where}`);
  return Object.fromEntries(rules.map((rule, at) => [`violation ${rule.name}`, Number(found?.[`c${at}`] ?? 0)]));
}

async function ratesOf(engine: LakeEngine, where: string): Promise<{ hour: number; count: number }[]> {
  const rows = await rowsOf(
    engine.connection,
    `SELECT (epoch_us(recorded_at) // 3600000000)::INTEGER AS hour, count(*)::DOUBLE AS count FROM batch${where} GROUP BY 1`,
  );
  return rows.map((row) => ({ hour: Number(row.hour), count: Number(row.count) }));
}
