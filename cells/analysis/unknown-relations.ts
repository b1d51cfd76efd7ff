import { nearest } from "../yaml/nearest.ts";

/** Of every stream. */
const OF_STREAM = new Set(["decisions", "feedback", "outcomes", "quarantine"]);
const BARE = /^[\p{ID_Start}_][\p{ID_Continue}$]*$/u;
/** Schemas that are there whatever the workspace holds. */
const OWN = new Set(["monitor", "information_schema", "pg_catalog", "main", "temp", "system", "memory"]);
/** DuckDB's own, which need no schema. */
const SYSTEM = /^(duckdb_|pragma_|pg_|sqlite_)/i;

/**
 * A sentence for each relation that cells read and that is neither a stream's nor a cell's, files and what TypeScript asks
 * for left out: nobody knows them before they are read. `names`: of the notebook's cells.
 */
export function unknownRelations(
  relations: readonly string[],
  streams: readonly string[],
  names: readonly string[],
): string[] {
  return relations.flatMap((relation) => {
    const [schema = "", table = "", ...more] = relation.split(".");
    if (more.length > 0 || !BARE.test(schema) || SYSTEM.test(schema)) return [];
    if (table === "") {
      if ([...streams, ...names].includes(schema)) return [];
      return [sentence(relation, "no stream, and no cell of this notebook", nearest(schema, [...streams, ...names]))];
    }
    if (!BARE.test(table) || OWN.has(schema.toLowerCase())) return [];
    if (!streams.includes(schema)) return [sentence(relation, `no stream ${schema}`, nearest(schema, streams))];
    if (OF_STREAM.has(table)) return [];
    return [sentence(relation, `no ${table} of the stream ${schema}`, nearest(table, OF_STREAM))];
  });
}

const sentence = (relation: string, what: string, near: string | null): string =>
  `There is no relation "${relation}": ${what}${near === null ? "." : `; did you mean ${near}?`}`;
