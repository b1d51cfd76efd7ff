import type { MonitoringKind } from "../../../cells/kinds/kinds.ts";
import { readMonitoring } from "../../../cells/monitoring/monitoring-kinds.ts";
import type { StreamRoles } from "../../../cells/monitoring/stream-roles.ts";
import type { Reading } from "../../../cells/results/reading.ts";
import { resolveWindow } from "../../../cells/time/resolve-window.ts";
import { parseWindow } from "../../../cells/time/window.ts";
import type { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import { MEASURE } from "../../../kernels/monitoring/measure.ts";
import type { MeasureContext, Measured } from "../../../kernels/monitoring/measure-context.ts";
import { CellProblem } from "../../../kernels/session/outcome.ts";

export const AS_OF = "2026-03-01T00:00:00.000Z";
/** What `reference` and `window` of the tests mean: a row's `side` decides its `decided_at`. */
export const REFERENCE = "2026-01-01/2026-02-01";
export const CURRENT = "2026-02-01/2026-03-01";

export interface Measuring {
  readonly zone?: string;
  readonly streams?: readonly StreamRoles[];
  readonly window?: string | null;
  readonly asOf?: string;
  /** The as-of if absent. */
  readonly dueAt?: string;
}

/** Measures a cell's spec, written as its YAML is read; a wrong spec throws its first problem. */
export async function measure(
  engine: ChildSqlEngine,
  kind: MonitoringKind,
  spec: unknown,
  { zone = "UTC", streams = [], window = CURRENT, asOf = AS_OF, dueAt = asOf }: Measuring = {},
): Promise<Measured> {
  const read = readMonitoring(kind, JSON.stringify(spec));
  if (!read.ok) throw new CellProblem(read.problems[0]!.message);
  const resolve: MeasureContext["resolveWindow"] = (text, around = {}) => {
    const parsed = parseWindow(text);
    const resolved = parsed.ok ? resolveWindow(parsed.window, { ...around, at: dueAt, zone }) : parsed;
    if (!resolved.ok) throw new CellProblem(`window: ${resolved.problem}.`);
    return resolved.window as { start: string; end: string };
  };
  const asking = { engine, signal: new AbortController().signal, onProgress: () => undefined, asked: [] };
  return await MEASURE[kind](asking, read.value.written as never, {
    cell: "tested",
    question: "tested",
    asOf,
    dueAt,
    zone,
    window: window === null ? null : resolve(window),
    streams,
    marks: [],
    resolveWindow: resolve,
  });
}

/** A value of a row as SQL writes it. */
export type Value = null | boolean | number | bigint | string;

export function literal(value: Value, type: string): string {
  if (value === null) return `NULL::${type}`;
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'::${type}`;
  if (typeof value !== "number" || Number.isFinite(value)) return `('${String(value)}')::${type}`;
  return `'${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}'::${type}`;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Keeps the rows as a relation of that name, each column with its SQL type; there may be none. */
export async function keep(
  engine: ChildSqlEngine,
  name: string,
  types: Readonly<Record<string, string>>,
  rows: readonly Readonly<Record<string, Value>>[],
): Promise<void> {
  const columns = Object.keys(types);
  const list = (row: Readonly<Record<string, Value>>): string =>
    `(${columns.map((column) => literal(row[column] ?? null, types[column]!)).join(", ")})`;
  const given = rows.length === 0 ? [Object.fromEntries(columns.map((column) => [column, null]))] : rows;
  const sql = `SELECT * FROM (VALUES ${given.map(list).join(", ")}) AS t(${columns.map(quoted).join(", ")})${rows.length === 0 ? " WHERE false" : ""}`;
  await engine.materialise({ name, runId: name, sql });
}

/** The one reading that is meant. */
export function found(
  readings: readonly Reading[],
  { metric, subject = null, slice = null }: { metric: string; subject?: string | null; slice?: string | null },
): Reading {
  const [reading, ...more] = readings.filter(
    (one) =>
      one.metric === metric &&
      one.subject === subject &&
      one.slice === slice &&
      (one.window === null || !isChunk(one.window)),
  );
  if (reading === undefined || more.length > 0)
    throw new Error(`${more.length + (reading === undefined ? 0 : 1)} readings of ${metric} of ${subject}, ${slice}`);
  return reading;
}

/** Whether a reading's window is shorter than the measured one. */
export const isChunk = ([start, end]: readonly [string, string]): boolean =>
  Date.parse(end) - Date.parse(start) < 20 * 86_400_000;

/** Within a relative error; numbers below the absolute one count as 0. */
export function isNear(value: number | null, expected: number | null, relative = 1e-9, absolute = 1e-11): boolean {
  if (value === null || expected === null) return value === expected;
  return Math.abs(value - expected) <= Math.max(absolute, relative * Math.max(Math.abs(value), Math.abs(expected)));
}
