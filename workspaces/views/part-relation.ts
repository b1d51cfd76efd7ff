import path from "node:path";
import type { ImportRow, Part } from "../catalog/catalog-snapshot.ts";
import { instantSql, quoteName, quoteText } from "../lake/sql-text.ts";
import { LOADED_COLUMNS, type ShapeColumn } from "../lake/stream-shape.ts";

/** What of a log exists at an as-of. `firstLiveMicros` is of the stream. */
export interface AsOfRule {
  readonly asOfMicros: number;
  readonly firstLiveMicros: number | null;
  readonly imports: ReadonlyMap<number, ImportRow>;
}

export interface PartRelationRequest {
  readonly parts: readonly Part[];
  /** Absolute folder that part paths are relative to. */
  readonly lakeFolder: string;
  readonly columns: readonly ShapeColumn[];
}

type Visibility = { readonly where: string | null; readonly reconstructed: string };

/** Some rows of a part: those of the condition, with what is to stand behind their own columns. */
export interface PartRows {
  readonly where: string | null;
  readonly further: string;
}

/** A log at one moment: the asked columns, then `reconstructed`. */
export function partRelation(request: PartRelationRequest & { readonly rule: AsOfRule }): string {
  return relationOfParts(request, "false AS reconstructed", (part) => {
    const visibility = visibilityOf(part, request.rule);
    return visibility === null
      ? []
      : [{ where: visibility.where, further: `${visibility.reconstructed} AS reconstructed` }];
  });
}

/**
 * One SELECT over the parts of a log: the asked columns with exactly their types, then the further ones, whose types
 * `none` gives. Parts of equal columns and rows are read by one `read_parquet`; a column that a part lacks is taken from
 * `extra`, where unknown fields were kept.
 */
export function relationOfParts(
  { parts, lakeFolder, columns }: PartRelationRequest,
  none: string,
  rowsOf: (part: Part) => readonly PartRows[],
): string {
  const groups = new Map<string, { readonly part: Part; readonly rows: PartRows; readonly files: string[] }>();
  for (const part of parts)
    for (const rows of rowsOf(part)) {
      const key = JSON.stringify([part.columns, rows]);
      const group = groups.get(key) ?? { part, rows, files: [] };
      group.files.push(path.join(lakeFolder, part.path));
      groups.set(key, group);
    }
  if (groups.size === 0)
    return `SELECT ${columns.map((column) => `NULL::${column.type} AS ${quoteName(column.name)}`).join(", ")}, ${none} WHERE false`;
  return [...groups.values()]
    .map(({ part, rows, files }) => {
      const list = files.map(quoteText).join(", ");
      const selected = columns.map((column) => `${columnFrom(part, column)} AS ${quoteName(column.name)}`).join(", ");
      const where = rows.where === null ? "" : ` WHERE ${rows.where}`;
      return `SELECT ${selected}, ${rows.further} FROM read_parquet([${list}])${where}`;
    })
    .join("\nUNION ALL\n");
}

/**
 * Which rows of a part exist at T. From the stream's first live row on, what was recorded by T; before it, history
 * that the source knew by T, as it is known today: a withdrawn import is no part of a reconstruction at any T.
 */
export function visibilityOf(part: Part, rule: AsOfRule): Visibility | null {
  const at = rule.asOfMicros;
  const from = part.importNumber === null ? null : rule.imports.get(part.importNumber);
  if (from !== null && from?.state !== "loaded" && from?.state !== "withdrawn") return null;
  const isRecorded = part.recordedMinMicros !== null && part.recordedMinMicros <= at;
  const isReconstruction = rule.firstLiveMicros === null || at < rule.firstLiveMicros;
  // Nobody knew then what would be refused now: the quarantine is not reconstructed.
  if (from?.history === true && isReconstruction && !isRecorded && part.log !== "quarantine")
    return from.withdrawnMicros !== null ? null : { where: `known_at <= ${instantSql(at)}`, reconstructed: "true" };
  if (!isRecorded) return null;
  if (from?.withdrawnMicros != null && from.withdrawnMicros <= at) return null;
  const isWhole = part.recordedMaxMicros !== null && part.recordedMaxMicros <= at;
  return { where: isWhole ? null : `recorded_at <= ${instantSql(at)}`, reconstructed: "false" };
}

const STORED_AS: Readonly<Record<string, string>> = { JSON: "VARCHAR" };

function columnFrom(part: Part, wanted: ShapeColumn): string {
  const name = quoteName(wanted.name);
  const stored = part.columns.find((column) => column.name === wanted.name);
  if (stored !== undefined) {
    if (stored.type === wanted.type) return name;
    return (STORED_AS[wanted.type] ?? wanted.type) === stored.type
      ? `${name}::${wanted.type}`
      : `TRY_CAST(${name} AS ${wanted.type})`;
  }
  const isLoaded = LOADED_COLUMNS.some((column) => column.name === wanted.name);
  if (isLoaded || !part.columns.some((column) => column.name === "extra")) return `NULL::${wanted.type}`;
  const field = quoteText(`$.${JSON.stringify(wanted.name)}`);
  return wanted.type === "JSON"
    ? `json_extract(extra::JSON, ${field})`
    : `TRY_CAST(json_extract_string(extra::JSON, ${field}) AS ${wanted.type})`;
}
