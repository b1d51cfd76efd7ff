import type { Expectations } from "../../cells/kinds/check/check-spec.ts";
import { type Probe, problemProbe } from "../../cells/kinds/check/probe.ts";
import { distanceOf } from "../../cells/kinds/drift/drift-distance.ts";
import { noiseOf } from "../../cells/kinds/drift/drift-readings.ts";
import { toDrift } from "../../cells/kinds/drift/drift-spec.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import { benjaminiHochberg } from "../../cells/statistics/drift/noise.ts";
import { judge } from "../../cells/statistics/drift/verdict.ts";
import { CellProblem } from "../session/outcome.ts";
import type { Asking } from "./ask.ts";
import type { MeasureContext } from "./measure-context.ts";
import { measureDrift } from "./measure-drift.ts";
import { answerOrProblem } from "./or-problem.ts";
import { columnNamed } from "./relation.ts";

interface Measured {
  /** Null without values on one side. */
  readonly value: number | null;
  readonly p: number | null;
  readonly n: number;
  readonly nReference: number;
}

const EMPTY = "There are no values on one side.";

/**
 * Jensen–Shannon distances of columns to a reference window, measured and judged as a drift cell does it: past the bound,
 * and hardly by chance, p being adjusted over all of them.
 */
export async function distanceProbes(
  asking: Asking,
  expected: Expectations["distance"],
  selection: Selection,
  context: MeasureContext,
  { level, minRows }: { readonly level: "warn" | "fail"; readonly minRows: number },
): Promise<Probe[]> {
  const measured: { column: string; window: string; max: number; made: Measured | string }[] = [];
  for (const [column, { window, max }] of Object.entries(expected ?? {})) {
    const made = await answerOrProblem(() => distance(asking, column, window, selection, context));
    measured.push({ column, window, max, made });
  }
  const adjusted = benjaminiHochberg(measured.map(({ made }) => (typeof made === "string" ? null : made.p)));
  return measured.map(({ column, window, max, made }, at): Probe => {
    if (typeof made === "string") return problemProbe("distance", column, made);
    const { value, p, n, nReference } = made;
    const bad = { type: "above", value: max } as const;
    const pAdjusted = adjusted[at]!;
    const bounds = { warn: null, fail: null, [level]: bad };
    const judged = judge({ effect: value, bounds, pAdjusted, n, nReference, minRows });
    const { verdict, reason } = value === null ? { verdict: "no-data" as const, reason: EMPTY } : judged;
    return {
      name: "distance",
      subject: column,
      expected: `Jensen–Shannon distance to ${window} at most ${max}`,
      bad,
      unit: "value",
      measure: {
        type: "judged",
        value,
        found: value === null ? "" : String(Number(value.toPrecision(4))),
        judged: { verdict, reason, n, nReference, pValue: p, pAdjusted },
      },
      failing: null,
      judgesEmpty: true,
    };
  });
}

async function distance(
  asking: Asking,
  column: string,
  window: string,
  selection: Selection,
  context: MeasureContext,
): Promise<Measured> {
  columnNamed(selection.relation, column, "distance");
  const spec = toDrift({ from: selection.relation.title, reference: window, columns: [column], metrics: ["js"] });
  const around = selection.window === null ? {} : { measured: selection.window };
  const reference: Selection = { ...selection, window: context.resolveWindow(window, around) };
  const sides = { reference, current: selection, slices: null, zone: context.zone };
  const { subjects, problems, notCompared } = await measureDrift(asking, spec, sides, `${context.cell} ${column}`);
  const [subject] = subjects;
  const group = subject?.groups[0];
  if (subject === undefined || group === undefined)
    throw new CellProblem(`distance: ${problems[0]?.problem ?? `${column} has ${notCompared[0]?.reason}.`}`);
  const [n, nReference] = [group.current.n, group.reference.n];
  if (n === 0 || nReference === 0) return { value: null, p: null, n, nReference };
  return {
    value: distanceOf("js", subject, group, spec)?.value ?? null,
    p: noiseOf(subject, group),
    n,
    nReference,
  };
}
