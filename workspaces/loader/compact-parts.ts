import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { DuckDBConnection } from "../../kernels/duckdb/duckdb.ts";
import type { Part } from "../catalog/catalog-snapshot.ts";
import { commitRewrite, type NewPart } from "../catalog/catalog-writer.ts";
import { quoteName, quoteText } from "../lake/sql-text.ts";
import { EVENT_TIME } from "../lake/stream-shape.ts";
import { rowsOf } from "./lake-engine.ts";
import { type PartTarget, writePart } from "./write-part.ts";

/** Fresh parts are joined once this many small ones stand side by side; a query pays for each file it opens. */
const JOIN_AT = 12;
const SMALL_ROWS = 250_000;
/** One step rewrites at most this many rows, so that it ends within seconds. */
const STEP_ROWS = 1_000_000;
/** A day gets files of its own once this many of its rows are there: fewer would cost more files than they save. */
const DENSE_DAY_ROWS = 20_000;
const SPLIT_AT_ROWS = 400_000;
const DAY_JOIN_AT = 4;

export interface CompactionStep {
  readonly parts: readonly Part[];
  readonly kind: "join" | "split-by-day";
}

/** What is worth doing next among the live parts; null when nothing is. Pure. */
export function nextCompaction(parts: readonly Part[]): CompactionStep | null {
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    if (part.problem !== null) continue;
    const key = JSON.stringify([part.stream, part.log, part.day, part.importNumber, part.columns]);
    const group = groups.get(key) ?? [];
    group.push(part);
    groups.set(key, group);
  }
  for (const group of groups.values()) {
    const isDay = group[0]!.day !== null;
    const small = group.filter((part) => part.rows < SMALL_ROWS);
    const joined = upTo(STEP_ROWS, small);
    if (small.length >= (isDay ? DAY_JOIN_AT : JOIN_AT) && joined.length > 1) return { parts: joined, kind: "join" };
    if (isDay || group[0]!.log === "quarantine") continue;
    const splittable = upTo(STEP_ROWS, group.filter(hasDenseDays));
    if (splittable.reduce((sum, part) => sum + part.rows, 0) >= SPLIT_AT_ROWS)
      return { parts: splittable, kind: "split-by-day" };
  }
  return null;
}

function upTo(rows: number, parts: readonly Part[]): Part[] {
  const taken: Part[] = [];
  let sum = 0;
  for (const part of parts) {
    if (taken.length > 0 && sum + part.rows > rows) break;
    taken.push(part);
    sum += part.rows;
  }
  return taken;
}

const DAY_MICROS = 86_400_000_000;
function hasDenseDays(part: Part): boolean {
  if (part.eventMinMicros === null || part.eventMaxMicros === null) return false;
  const days = Math.floor(part.eventMaxMicros / DAY_MICROS) - Math.floor(part.eventMinMicros / DAY_MICROS) + 1;
  return part.rows / days >= DENSE_DAY_ROWS;
}

/** Writes the new parts and lets them take the place of the old in one transaction. Rows are never changed. */
export async function compact(
  connection: DuckDBConnection,
  database: DatabaseSync,
  lakeFolder: string,
  step: CompactionStep,
): Promise<void> {
  const first = step.parts[0]!;
  const list = step.parts.map((part) => quoteText(path.join(lakeFolder, part.path))).join(", ");
  const select = `SELECT * FROM read_parquet([${list}])`;
  const target: PartTarget = {
    lakeFolder,
    stream: first.stream,
    log: first.log,
    day: first.day,
    importNumber: first.importNumber,
  };
  const parts: NewPart[] = [];
  const write = async (sql: string, day: string | null): Promise<void> => {
    const part = await writePart(connection, sql, { ...target, day });
    if (part !== null) parts.push(part);
  };
  if (step.kind === "join") await write(select, first.day);
  else {
    const day = `${quoteName(EVENT_TIME[first.log])}::DATE`;
    const dense = await rowsOf(
      connection,
      `SELECT (${day})::VARCHAR AS day FROM (${select}) GROUP BY 1 HAVING count(*) >= ${DENSE_DAY_ROWS} ORDER BY 1`,
    );
    const days = dense.map((row) => String(row.day));
    for (const one of days) await write(`${select} WHERE ${day} = DATE ${quoteText(one)}`, one);
    const rest =
      days.length === 0
        ? ""
        : ` WHERE ${day} IS NULL OR ${day} NOT IN (${days.map((one) => `DATE ${quoteText(one)}`).join(", ")})`;
    await write(`${select}${rest}`, null);
  }
  const before = step.parts.reduce((sum, part) => sum + part.rows, 0);
  const after = parts.reduce((sum, part) => sum + part.rows, 0);
  if (before !== after)
    throw new Error(
      `Rewriting ${step.parts.length} parts of ${first.stream}.${first.log} would turn ${before} rows into ${after}; nothing was changed.`,
    );
  commitRewrite(database, { replaced: step.parts.map((part) => part.id), parts, atMillis: Date.now() });
}
