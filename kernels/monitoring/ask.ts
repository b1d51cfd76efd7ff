import { tableFromIPC } from "@uwdata/flechette";
import type { SqlEngine } from "../engine/sql-engine.ts";
import { collect } from "../session/execution.ts";
import type { Copies } from "./copies.ts";
import type { Profiles } from "./profiles.ts";

/** What measuring needs of a session. */
export interface Asking {
  readonly engine: SqlEngine;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
  /** Absent where none are kept. */
  readonly profiles?: Profiles | null;
  /** Tables that stand for rows which many statements read. */
  readonly copies?: Copies;
  /** Every statement that was asked, with what it was for. */
  readonly asked: { readonly title: string; readonly sql: string }[];
}

/** Aggregates come in few rows; more than this is a defect, or a column with too many groups. */
const MOST_GROUPS = 2_000_000;

/** The rows of a statement as objects; integers of 64 bits as numbers, texts as they are. */
export async function ask(asking: Asking, title: string, sql: string): Promise<Record<string, unknown>[]> {
  return (await askTable(asking, title, sql)).toArray() as Record<string, unknown>[];
}

export async function askTable(asking: Asking, title: string, sql: string) {
  const { engine, signal, onProgress, asked, copies } = asking;
  asked.push({ title, sql });
  onProgress(title);
  const text = (await copies?.over(sql)) ?? sql;
  const arrow = await collect(engine.query({ sql: text, signal, maxRows: MOST_GROUPS, maxBytes: 512 * 1024 * 1024 }));
  return tableFromIPC(arrow, { useBigInt: false });
}

/** A list column's value as plain numbers; null stays, and is what a list of nulls is. */
export function numbers(value: unknown): number[] | null {
  if (value === null || value === undefined) return null;
  // As kept counts are; a series reads thousands of such lists.
  if (Array.isArray(value) && value.every((one) => typeof one === "number")) return value as number[];
  const list = Array.from(value as Iterable<number | bigint | null>);
  return list.includes(null) ? null : list.map(Number);
}
