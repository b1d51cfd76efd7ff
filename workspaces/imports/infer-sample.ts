import type { InferenceView } from "../../cells/wire/http-streams.ts";
import { inferContract, type SampledColumn } from "../contracts/infer-contract.ts";
import { quoteName } from "../lake/sql-text.ts";
import { rowsOf } from "../loader/lake-engine.ts";
import type { LoaderService } from "../loader/loader-service.ts";
import { columnsOf } from "../loader/write-part.ts";
import { openInput } from "./input-relation.ts";

const SAMPLE_ROWS = 100_000;
const MOST_VALUES = 20;
const SHOWN_ROWS = 10;

/** Looks at the first rows of a file and proposes a contract and a SELECT. */
export async function inferSample(service: LoaderService, file: string, stream: string): Promise<InferenceView> {
  const { connection } = service.context.engine;
  await openInput(connection, [file]);
  try {
    const found = await columnsOf(connection, "SELECT * FROM input");
    const nested = found.some(({ name, type }) => name === "features" && type.startsWith("STRUCT"));
    const select = nested ? "SELECT * EXCLUDE (features), features.* FROM input" : "SELECT * FROM input";
    await connection.run(`CREATE OR REPLACE TEMP TABLE sample AS ${select} LIMIT ${SAMPLE_ROWS}`);
    const columns = await columnsOf(connection, "SELECT * FROM sample");
    const sampled: SampledColumn[] = [];
    for (const { name, type } of columns) {
      const value = quoteName(name);
      const [figures] = await rowsOf(
        connection,
        `SELECT count(*)::DOUBLE AS rows, count(*) FILTER (WHERE ${value} IS NULL)::DOUBLE AS missing,
           count(DISTINCT ${value}::VARCHAR)::DOUBLE AS "distinct", min(${value})::VARCHAR AS least, max(${value})::VARCHAR AS most FROM sample`,
      );
      const top = await rowsOf(
        connection,
        `SELECT ${value}::VARCHAR AS value FROM sample WHERE ${value} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ${MOST_VALUES}`,
      );
      const text = (field: unknown): string | null => (field === null || field === undefined ? null : String(field));
      sampled.push({
        name,
        type,
        rows: Number(figures?.rows ?? 0),
        missing: Number(figures?.missing ?? 0),
        distinct: Number(figures?.distinct ?? 0),
        min: text(figures?.least),
        max: text(figures?.most),
        values: top.map((row) => String(row.value)),
      });
    }
    const rows = await rowsOf(connection, `SELECT * FROM sample LIMIT ${SHOWN_ROWS}`);
    const inferred = inferContract(stream, sampled);
    return {
      contract: inferred.contract,
      select: inferred.select,
      columns: [...columns],
      rows: rows as InferenceView["rows"],
      notes: [...inferred.notes],
    };
  } finally {
    await connection.run("DROP TABLE IF EXISTS sample");
    await connection.run("DROP VIEW IF EXISTS input");
  }
}
