import fc from "fast-check";
import { expect, test } from "vitest";
import { confusionMetrics } from "../../../../cells/statistics/outcomes/confusion.ts";
import { payoffMetrics } from "../../../../cells/statistics/outcomes/payoff.ts";
import { hajekRatio, horvitzThompson } from "../../../../cells/statistics/outcomes/review-sample.ts";
import {
  type WeightedConfusion,
  weightedConfusionMetrics,
  weightedPayoffMetrics,
} from "../../../../cells/statistics/outcomes/weighted.ts";

const CLASSES = ["tp", "fp", "tn", "fn"] as const;
const rows = fc.array(fc.record({ of: fc.constantFrom(...CLASSES), probability: fc.constantFrom(1, 0.5, 0.2, 0.03) }), {
  maxLength: 60,
});
type Rows = readonly { readonly of: (typeof CLASSES)[number]; readonly probability: number }[];

function tableOf(drawn: Rows): WeightedConfusion {
  const sum = (name: string) => {
    const own = drawn.filter(({ of }) => of === name).map(({ probability }) => 1 / probability);
    return { w: own.reduce((all, w) => all + w, 0), ww: own.reduce((all, w) => all + w * w, 0) };
  };
  return { tp: sum("tp"), fp: sum("fp"), tn: sum("tn"), fn: sum("fn") };
}

test("totals and ratios are those of Horvitz and Thompson and of Hájek", () => {
  fc.assert(
    fc.property(rows, (drawn) => {
      const metrics = weightedConfusionMetrics(tableOf(drawn), 2);
      const of = (y: readonly string[], x: readonly string[]) =>
        drawn
          .filter((row) => x.includes(row.of))
          .map((row) => {
            const sumY = Number(y.includes(row.of));
            const { probability } = row;
            return { probability, sumY, sumYSquared: sumY, sumX: 1, sumXSquared: 1, sumXY: sumY };
          });
      const near = (name: string, value: number | undefined): void => {
        if (value === undefined) expect(metrics[name]!.value).toBeNull();
        else expect(metrics[name]!.value).toBeCloseTo(value, 9);
      };
      near("recall", hajekRatio(of(["tp"], ["tp", "fn"]))?.value);
      near("precision", hajekRatio(of(["tp"], ["tp", "fp"]))?.value);
      near("prevalence", hajekRatio(of(["tp", "fn"], [...CLASSES]))?.value);
      near("accuracy", hajekRatio(of(["tp", "tn"], [...CLASSES]))?.value);
      near("fn", horvitzThompson(of(["fn"], ["fn"]))?.value);
      // An interval is never narrower than the sample's own variance makes it, where that is not cut off at 0 or 1.
      const recall = hajekRatio(of(["tp"], ["tp", "fn"]));
      if (recall !== null && recall.lower > 0 && recall.upper < 1 && recall.variance > 0) {
        const { lower, upper } = metrics.recall!;
        const spread = recall.value * (1 - recall.value);
        const half = Math.sqrt(recall.variance) / (1 + (1.96 ** 2 * recall.variance) / spread);
        expect(upper! - lower!).toBeGreaterThan(2 * 1.95 * half);
      }
    }),
  );
});

test("where every label is certain the values are the unweighted ones, and rates have Wilson's intervals", () => {
  fc.assert(
    fc.property(rows, (drawn) => {
      const certain = drawn.map((row) => ({ ...row, probability: 1 }));
      const count = (name: string): number => certain.filter(({ of }) => of === name).length;
      const plain = confusionMetrics(
        { tp: count("tp"), fp: count("fp"), tn: count("tn"), fn: count("fn") },
        { beta: 3 },
      );
      const metrics = weightedConfusionMetrics(tableOf(certain), 3);
      for (const [name, { value, lower, upper }] of Object.entries(plain)) {
        const found = metrics[name]!;
        if (value === null) expect(found.value).toBeNull();
        else expect(found.value).toBeCloseTo(value, 12);
        if (lower === null || upper === null) continue;
        expect(found.lower).toBeCloseTo(lower, 9);
        expect(found.upper).toBeCloseTo(upper, 9);
      }
    }),
  );
});

test("payoffs of certain rows are the unweighted ones, with the variance of a Poisson sum", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          y: fc.integer({ min: -9, max: 9 }),
          yes: fc.integer({ min: -9, max: 9 }),
          no: fc.integer({ min: -9, max: 9 }),
        }),
        {
          maxLength: 40,
        },
      ),
      (paid) => {
        const sum = (of: (row: (typeof paid)[number]) => number): number => paid.reduce((all, row) => all + of(row), 0);
        const metrics = weightedPayoffMetrics(
          {
            y: sum(({ y }) => y),
            yes: sum(({ yes }) => yes),
            no: sum(({ no }) => no),
            squares: {
              y: sum(({ y }) => y * y),
              yes: sum(({ yes }) => yes * yes),
              no: sum(({ no }) => no * no),
              yYes: sum(({ y, yes }) => y * yes),
              yNo: sum(({ y, no }) => y * no),
            },
            wwY: sum(({ y }) => y),
          },
          { w: paid.length, ww: paid.length },
        );
        const plain = payoffMetrics({
          n: paid.length,
          tp: sum(({ y }) => y),
          fp: 0,
          tn: 0,
          fn: 0,
          alwaysYes: sum(({ yes }) => yes),
          alwaysNo: sum(({ no }) => no),
        });
        for (const [name, { value }] of Object.entries(plain))
          if (value === null) expect(metrics[name]!.value).toBeNull();
          else expect(metrics[name]!.value).toBeCloseTo(value, 9);
        const { value, upper } = metrics.payoff_total!;
        if (value !== null) expect(upper! - value).toBeCloseTo(1.959963984540054 * Math.sqrt(sum(({ y }) => y * y)), 9);
      },
    ),
  );
});
