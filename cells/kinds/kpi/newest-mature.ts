import { type AgeGroup, type ClassCurve, isProvisional, maturityOfWindow } from "../../statistics/outcomes/maturity.ts";
import { type ResolvedWindow, resolveWindow, unitAfter } from "../../time/resolve-window.ts";
import type { Unit } from "../../time/window.ts";

const DAY_MILLIS = 86_400_000;
/** How many units back a mature one is looked for. */
const MOST_LOOKED_AT = 400;

/** When it is asked: units end at or before the due time, and labels are as far as the as-of knows them. */
export interface MatureContext {
  readonly dueAt: string;
  readonly asOf: string;
  readonly zone: string;
  readonly curves: readonly ClassCurve[] | null;
  /** Decisions by whole days of age at the as-of, the youngest first. */
  readonly ages: readonly AgeGroup[];
}

/**
 * What `mature N units` means: from the newest unit that is mature, N units back; null where none is. Only units with
 * decisions can be.
 */
export function newestMature(count: number, unit: Unit, context: MatureContext): ResolvedWindow | null {
  const { curves } = context;
  return newest(count, unit, context, (ages) => ages.length > 0 && !isProvisional(maturityOfWindow(curves, ages)));
}

/** As many whole units up to the due time, mature or not; null without decisions. */
export function newestWhole(count: number, unit: Unit, context: MatureContext): ResolvedWindow | null {
  return newest(count, unit, context, () => true);
}

/** The newest whole units that end with one whose decisions' ages are enough. */
function newest(
  count: number,
  unit: Unit,
  { dueAt, asOf, zone, ages }: MatureContext,
  isEnough: (ages: readonly AgeGroup[]) => boolean,
): ResolvedWindow | null {
  const now = Date.parse(asOf);
  const oldest = ages.at(-1);
  if (oldest === undefined) return null;
  const present = resolveWindow({ type: "this", unit }, { at: dueAt, zone });
  if (!present.ok) return null;
  let end = present.window.start;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += 1) {
    const start = unitAfter(end, -1, unit, zone);
    const [from, to] = [(now - Date.parse(end)) / DAY_MILLIS, (now - Date.parse(start)) / DAY_MILLIS];
    if (from > oldest.ageDays + 1) return null;
    const own = ages.filter(({ ageDays }) => ageDays >= Math.floor(from) && ageDays < Math.ceil(to));
    if (isEnough(own)) return { start: unitAfter(end, -count, unit, zone), end };
    end = start;
  }
  return null;
}
