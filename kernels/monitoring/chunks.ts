import type { Chunk } from "../../cells/monitoring/monitoring-keys.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { compareInstants, parseInstant } from "../../cells/time/instant.ts";
import { unitAfter } from "../../cells/time/resolve-window.ts";

export interface ChunkOfTime {
  /** Half-open, ISO 8601 UTC. */
  readonly window: readonly [start: string, end: string];
  /** The units' starts on the zone's wall, as the engine wrote them. */
  readonly keys: ReadonlySet<string>;
}

/** Chunks of `count` calendar units from groups of one unit each; those without rows are left out. */
export function chunksOf(walls: readonly string[], { count, unit }: Chunk, zone: string): ChunkOfTime[] {
  const sorted = [...new Set(walls)].toSorted();
  const found: { window: readonly [string, string]; keys: Set<string> }[] = [];
  for (const wall of sorted) {
    const start = instantOf(wall, zone);
    let last = found.at(-1);
    if (last === undefined || compareInstants(start, last.window[1]) >= 0) {
      let from = last?.window[1] ?? start;
      let end = unitAfter(from, count, unit, zone);
      for (; compareInstants(start, end) >= 0; end = unitAfter(from, count, unit, zone)) from = end;
      last = { window: [from, end], keys: new Set() };
      found.push(last);
    }
    last.keys.add(wall);
  }
  return found;
}

/** The part of a chunk that lies in the window: what is outside of it was not measured. */
export function partIn(
  window: ResolvedWindow | null,
  [start, end]: readonly [string, string],
): readonly [start: string, end: string] {
  if (window === null) return [start, end];
  return [
    compareInstants(start, window.start) < 0 ? window.start : start,
    compareInstants(window.end, end) < 0 ? window.end : end,
  ];
}

function instantOf(wall: string, zone: string): string {
  const read = parseInstant(wall, zone);
  if (!read.ok) throw new RangeError(read.problem);
  return read.instant;
}
