import { arrivalProbes } from "./arrival-probes.ts";
import type { CheckName, Expectations } from "./check-spec.ts";
import { keyProbes } from "./key-probes.ts";
import { orderProbes } from "./order-probes.ts";
import { type Makers, type Probe, type ProbeContext, problemProbe } from "./probe.ts";
import { statisticProbes } from "./statistic-probes.ts";
import { valueProbes } from "./value-probes.ts";

const MAKERS: Makers<CheckName> = {
  ...arrivalProbes,
  ...keyProbes,
  ...valueProbes,
  ...statisticProbes,
  ...orderProbes,
  // Measured as drift is; see `distanceProbes`.
  distance: () => [],
};

/**
 * Everything that a level expects, in the order in which it is written. `orProblem` gives the probes, or a sentence where
 * they cannot be made: then the others are measured all the same.
 */
export function probesOf(
  expected: Expectations,
  context: ProbeContext,
  orProblem: (make: () => readonly Probe[]) => readonly Probe[] | string,
): Probe[] {
  return (Object.keys(expected) as CheckName[]).flatMap((name) => {
    const make = MAKERS[name] as (expected: unknown, context: ProbeContext) => readonly Probe[];
    const written: unknown = expected[name];
    const made = written === undefined ? [] : orProblem(() => make(written, context));
    if (typeof made !== "string") return made;
    return partsOf(name, written).flatMap(([subject, part]) => {
      const one = orProblem(() => make(part, context));
      return typeof one === "string" ? [problemProbe(name, subject, one)] : one;
    });
  });
}

/** An expectation of several columns as one for each of them. */
function partsOf(name: CheckName, written: unknown): [subject: string | null, part: unknown][] {
  if (Array.isArray(written)) return written.map((one) => [String(one), [one]]);
  const isTable = typeof written === "object" && written !== null && !UNDIVIDED.has(name);
  return isTable ? Object.entries(written).map(([key, value]) => [key, { [key]: value }]) : [[null, written]];
}
const UNDIVIDED: ReadonlySet<CheckName> = new Set(["rows", "schema", "labels"]);
