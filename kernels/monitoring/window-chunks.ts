import type { Chunk } from "../../cells/monitoring/monitoring-keys.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { compareInstants } from "../../cells/time/instant.ts";
import { resolveWindow, unitAfter } from "../../cells/time/resolve-window.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { CellProblem } from "../session/outcome.ts";
import { type Asking, ask } from "./ask.ts";

const dialect = duckdbDialect;
const MOST_CHUNKS = 1000;

/** Calendar units that cover the window, oldest first. */
export async function windowChunks(
  asking: Asking,
  every: Chunk | null,
  selection: Selection,
  zone: string,
): Promise<ResolvedWindow[]> {
  const { time } = selection.relation;
  if (every === null || time === null) return [];
  const window = selection.window ?? (await spanOf(asking, selection, time));
  if (window === null) return [];
  const first = resolveWindow({ type: "this", unit: every.unit }, { at: window.start, zone });
  if (!first.ok) throw new CellProblem(`every: ${first.problem}.`);
  const found: ResolvedWindow[] = [];
  for (let { start } = first.window; compareInstants(start, window.end) < 0; ) {
    const end = unitAfter(start, every.count, every.unit, zone);
    // What lies outside of the window was not measured: a piece at its edge ends there.
    found.push({ start: later(start, window.start), end: earlier(end, window.end) });
    start = end;
    if (found.length > MOST_CHUNKS)
      throw new CellProblem(
        `every: ${every.count} ${every.unit} cuts the window into more than ${MOST_CHUNKS} pieces.`,
        "Take a longer piece or a shorter window.",
      );
  }
  return found;
}

async function spanOf(asking: Asking, selection: Selection, time: string): Promise<ResolvedWindow | null> {
  const epoch = dialect.instant("1970-01-01T00:00:00Z");
  const at = (moment: string): string => dialect.seconds(epoch, `${moment}(${dialect.name(time)})`);
  const sql = `SELECT ${at("min")} AS low, ${at("max")} AS high FROM ${selection.relation.sql}`;
  const [row] = await ask(asking, "span of time", sql);
  if (row?.low == null) return null;
  // The millisecond that holds it: a second and a fraction, times 1000, may lie a hair below.
  const millis = (seconds: unknown): number => Math.floor(Number(seconds) * 1000 + 1e-3);
  return { start: new Date(millis(row.low)).toISOString(), end: new Date(millis(row.high) + 1).toISOString() };
}

const later = (a: string, b: string): string => (compareInstants(a, b) < 0 ? b : a);
const earlier = (a: string, b: string): string => (compareInstants(a, b) > 0 ? b : a);
