import type { Side, SubjectGroup } from "../../cells/kinds/drift/drift-counts.ts";
import type * as plan from "../../cells/kinds/drift/drift-plan.ts";
import type { Asking } from "./ask.ts";
import type { DriftSides } from "./drift-sides.ts";
import { shapeOf } from "./other-bins.ts";
import { rowsOfGroup } from "./rows-of-group.ts";

/** Squared deviations of fewer units than this on average have lost digits to their rounding. */
const LEAST_UNITS = 2 ** 30;

/**
 * The sides whose variance the integers are too coarse for, such as a slice without the one huge value that the whole has:
 * with moments in doubles, added in order.
 */
export async function refined(
  asking: Asking,
  sides: DriftSides,
  { column, root }: plan.NumericAggregate,
  groups: readonly SubjectGroup[],
): Promise<SubjectGroup[]> {
  const known = new Map<Side, Side>();
  for (const group of groups)
    for (const which of ["reference", "current"] as const) {
      const side = group[which];
      const isConstant = side.min === side.max;
      if (known.has(side) || side.variance === null || side.variance * root * root >= LEAST_UNITS) continue;
      const { mean, variance } = isConstant
        ? { mean: side.min, variance: 0 }
        : await shapeOf(asking, column, rowsOfGroup(sides, group)[which]);
      known.set(side, { ...side, mean, variance });
    }
  if (known.size === 0) return [...groups];
  const of = (side: Side): Side => known.get(side) ?? side;
  return groups.map((group) => ({ ...group, reference: of(group.reference), current: of(group.current) }));
}
