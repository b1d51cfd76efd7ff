import type { NewestUnits } from "../../cells/kinds/kpi/newest-readings.ts";
import { exclusionNotes } from "../../cells/monitoring/marked-windows.ts";
import { lengthText } from "../../cells/monitoring/monitoring-keys.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { Asking } from "./ask.ts";
import { countKpi, isDecided, type KpiCounting } from "./count-kpi.ts";
import type { MatureUnits } from "./maturing.ts";
import type { MeasureContext } from "./measure-context.ts";
import { markable, withoutMarked } from "./selections.ts";

export interface CountedNewest {
  readonly units: NewestUnits;
  readonly markable: ReturnType<typeof markable>;
  readonly notes: readonly string[];
}

/**
 * Counts the newest whole units beside the mature ones that a window asks for: all rows, neither cut nor known at another
 * time. Null for other windows, and where the newest units are mature.
 */
export async function countNewest(
  asking: Asking,
  selection: Selection,
  units: MatureUnits | null,
  counting: Omit<KpiCounting, "knownThen">,
  context: MeasureContext,
): Promise<CountedNewest | null> {
  if (units === null || units.newest === null) return null;
  const { mature, newest } = units;
  if (mature !== null && mature.start === newest.start && mature.end === newest.end) return null;
  const length = units.count === 1 ? units.unit : lengthText(units);
  const rows = withoutMarked({ ...selection, window: newest }, context);
  const own: Asking = { ...asking, asked: [] };
  // No verdict rests on them: what is resampled only for its bound is not.
  const spec = { ...counting.spec, by: [], every: null, knownAfter: null, warn: {}, fail: {} };
  const counted = await countKpi(own, rows, { ...counting, spec, chunks: [], knownThen: () => null });
  const { groups, prepared, problems, feedback } = counted;
  asking.asked.push(...own.asked.map(({ title, sql }) => ({ title: `${title}, newest ${length}`, sql })));
  return {
    units: {
      length,
      window: [newest.start, newest.end],
      groups,
      problems,
      isDecided: isDecided(prepared),
      sample: prepared.sample,
      feedback,
    },
    markable: markable(rows),
    notes: [
      ...exclusionNotes(context.marks, markable(rows), `newest ${length}`),
      ...prepared.notes.map((note) => `Newest ${length}: ${note}`),
    ],
  };
}
