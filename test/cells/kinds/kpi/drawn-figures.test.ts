import { expect, test } from "vitest";
import { curvePoints, pointAt } from "../../../../cells/kinds/kpi/curve-points.ts";
import { drawnCurve } from "../../../../cells/kinds/kpi/drawn-figures.ts";
import { bestOf } from "../../../../cells/kinds/kpi/group-estimates.ts";

const LENGTH = 5000;
const column = (value: (at: number) => number): Float64Array =>
  Float64Array.from({ length: LENGTH }, (_, at) => value(at));
const tally = {
  scores: column((at) => 1 - at / LENGTH),
  positives: column((at) => ((at * 7919) % 13 < 5 ? 1 : 0)),
  negatives: column((at) => ((at * 104_729) % 11 < 7 ? 1 : 0)),
  rows: column(() => 2),
  ifAlerted: column((at) => ((at * 31) % 17) - 8 + 4 * (1 - at / LENGTH)),
  ifPassed: column((at) => (at * 37) % 5),
};
const sum = (of: Float64Array, until: number): number => of.subarray(0, until).reduce((all, one) => all + one, 0);

test.each([0.9, 0.731, 0.5001, 0.0003])(
  "at the cell's threshold %f the thinned curve has the counts of all rows",
  (threshold) => {
    const { curve, best } = drawnCurve(tally, { payoff: { tp: "0", fp: "0", fn: "0", tn: "0" }, threshold });
    expect(curve?.cut).toBe(true);
    expect(curve!.score.length).toBeLessThanOrEqual(400);
    const alerted = tally.scores.findLastIndex((score) => score >= threshold) + 1;
    const point = pointAt(curvePoints(curve!), threshold)!;
    const tp = sum(tally.positives, alerted);
    expect(point.precision).toBe(tp / (tp + sum(tally.negatives, alerted)));
    expect(point.alerts).toBe(2 * alerted);
    expect(pointAt(curvePoints(curve!), best!.threshold)?.payoff).toBeCloseTo(bestOf(tally)!.payoff, 9);
  },
);
