import type { DuckDBConnection } from "../../kernels/duckdb/duckdb.ts";
import { contentHash, idHash } from "../lake/hash-expressions.ts";
import type { ShapeColumn } from "../lake/stream-shape.ts";
import { EntryList, IMPORT_LANE, LANES } from "./id-entries.ts";
import { CONFLICT, DUPLICATE, type IdIndex, NEW } from "./id-index.ts";
import { fixedColumns } from "./lake-engine.ts";

/** A batch's rows by what becomes of them. Row numbers are the `row#` of the table. */
export interface Judgement {
  readonly entries: EntryList;
  /** By position in `entries`. The caller may turn NEW into REFUSED before the run is written. */
  readonly verdicts: Uint8Array;
  readonly rows: Uint32Array;
}
export const REFUSED = 3;

/** Hashes the rows of `table` (columns `row#` and the event's own), in ascending order of id; `rows` are their numbers. */
export async function readIdentities(
  connection: DuckDBConnection,
  table: string,
  log: "decisions" | "feedback",
  columns: readonly ShapeColumn[],
  importNumber: number,
): Promise<{ readonly entries: EntryList; readonly rows: Uint32Array }> {
  const { count, columns: bytes } = await fixedColumns(
    connection,
    `SELECT ${idHash(log)} AS id_hash, ${contentHash(log, columns)} AS content_hash, "row#"::UINTEGER AS "row#" FROM ${table} ORDER BY id_hash, "row#"`,
    [16, 16, 4],
  );
  const ids = new Uint32Array(bytes[0]!.buffer);
  const contents = new Uint32Array(bytes[1]!.buffer);
  const lanes = new Uint32Array(count * LANES);
  for (let row = 0; row < count; row++)
    for (let lane = 0; lane < 4; lane++) {
      // DuckDB stores the least significant lane first.
      lanes[row * LANES + lane] = ids[row * 4 + 3 - lane]!;
      lanes[row * LANES + 4 + lane] = contents[row * 4 + 3 - lane]!;
    }
  if (importNumber !== 0) for (let row = 0; row < count; row++) lanes[row * LANES + IMPORT_LANE] = importNumber;
  return { entries: new EntryList(lanes, count), rows: new Uint32Array(bytes[2]!.buffer) };
}

/** Judges the rows of `table` against the index. */
export async function judgeIdentity(
  connection: DuckDBConnection,
  table: string,
  log: "decisions" | "feedback",
  columns: readonly ShapeColumn[],
  index: IdIndex,
  importNumber: number,
): Promise<Judgement> {
  const { entries, rows } = await readIdentities(connection, table, log, columns, importNumber);
  const verdicts = new Uint8Array(entries.count);
  index.judge(entries, verdicts);
  return { entries, verdicts, rows };
}

export function rowsWith(judgement: Judgement, verdict: number): number[] {
  const rows: number[] = [];
  for (let at = 0; at < judgement.entries.count; at++)
    if (judgement.verdicts[at] === verdict) rows.push(judgement.rows[at]!);
  return rows;
}

export const countOf = (judgement: Judgement, verdict: number): number => {
  let count = 0;
  for (const one of judgement.verdicts) if (one === verdict) count++;
  return count;
};

/** Row numbers that do not become rows of the log: a list to write into SQL, null when there are none. */
export function excludedRows(judgement: Judgement): Uint32Array | null {
  const count = judgement.entries.count - countOf(judgement, NEW);
  if (count === 0) return null;
  return Uint32Array.from([DUPLICATE, CONFLICT, REFUSED].flatMap((verdict) => rowsWith(judgement, verdict)));
}
