import type { Probe } from "../../cells/kinds/check/check-plan.ts";
import { distanceOf } from "../../cells/kinds/drift/drift-distance.ts";
import { toDrift } from "../../cells/kinds/drift/drift-spec.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { Asking } from "./ask.ts";
import type { MeasureContext } from "./measure-context.ts";
import { measureDrift } from "./measure-drift.ts";

/** Jensen–Shannon distance of one column to a reference window, measured as a drift cell measures it. */
export async function distanceProbe(
  asking: Asking,
  column: string,
  window: string,
  max: number,
  selection: Selection,
  context: MeasureContext,
): Promise<Probe> {
  const spec = toDrift({ from: selection.relation.title, reference: window, columns: [column], metrics: ["js"] });
  const around = selection.window === null ? {} : { measured: selection.window };
  const reference: Selection = { ...selection, window: context.resolveWindow(window, around) };
  const { subjects } = await measureDrift(asking, spec, {
    reference,
    current: selection,
    slices: null,
    zone: context.zone,
  });
  const [subject] = subjects;
  const group = subject?.groups[0];
  const hasValues = group !== undefined && group.reference.n > 0 && group.current.n > 0;
  const distance = hasValues ? distanceOf("js", subject!, group, spec) : null;
  const value = distance?.value ?? null;
  return {
    name: "distance",
    subject: column,
    expected: `Jensen–Shannon distance to ${window} at most ${max}`,
    bad: { type: "above", value: max },
    unit: "value",
    measure: {
      type: "known",
      value,
      found: value === null ? "no values on one side" : String(Number(value.toPrecision(4))),
    },
    failing: null,
    judgesEmpty: false,
  };
}
