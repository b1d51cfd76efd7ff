import type { KpiGrouping } from "./outcome-rows.ts";

/** All rows, each slice, each chunk: which of them a row of an answer is of. */
export const groupingSets = ({ slice, chunks }: KpiGrouping, more: string): string => {
  const sets = [more === "" ? "()" : `(${more})`];
  const comma = more === "" ? "" : `, ${more}`;
  if (slice !== null) sets.push(`(db_slice${comma})`);
  if (chunks.length > 0) sets.push(`(db_chunk${comma})`);
  return `GROUP BY GROUPING SETS (${sets.join(", ")})`;
};
const WHICH =
  "CASE WHEN grouping(db_slice) = 0 THEN 'slice' WHEN grouping(db_chunk) = 0 THEN 'chunk' ELSE 'all' END AS which, db_slice AS slice, db_chunk AS chunk";
/** Grouping by neither needs both names all the same. */
export const which = ({ slice, chunks }: KpiGrouping): string => {
  if (slice !== null && chunks.length > 0) return WHICH;
  if (slice !== null)
    return "CASE WHEN grouping(db_slice) = 0 THEN 'slice' ELSE 'all' END AS which, db_slice AS slice, NULL AS chunk";
  if (chunks.length > 0)
    return "CASE WHEN grouping(db_chunk) = 0 THEN 'chunk' ELSE 'all' END AS which, NULL AS slice, db_chunk AS chunk";
  return "'all' AS which, NULL AS slice, NULL AS chunk";
};
