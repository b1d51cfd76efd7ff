import type { ResolvedWindow } from "../session/operation.ts";
import type { Dialect } from "./dialect.ts";

/**
 * SQL of the number of the chunk that a row's time lies in, from 0, null without a time. `chunks` are ordered, and rows lie
 * in one of them.
 */
export function chunkNumber(time: string | null, chunks: readonly ResolvedWindow[], dialect: Dialect): string {
  if (time === null || chunks.length === 0) return "NULL";
  // By halves: a year of days takes nine comparisons a row, not 365.
  const within = (low: number, high: number): string => {
    if (high - low === 1) return String(low);
    const middle = (low + high) >> 1;
    return `CASE WHEN ${time} < ${dialect.instant(chunks[middle]!.start)} THEN ${within(low, middle)} ELSE ${within(middle, high)} END`;
  };
  return `CASE WHEN ${time} IS NOT NULL THEN ${within(0, chunks.length)} END`;
}
