import fc from "fast-check";
import { expect, test } from "vitest";
import { type Confusion, confusionMetrics } from "../../../../cells/statistics/outcomes/confusion.ts";
import {
  deltaStandardError,
  type FromCounts,
  GRADIENTS,
} from "../../../../cells/statistics/outcomes/expected-errors.ts";

const count = fc.double({ min: 1, max: 1e4, noNaN: true });
const tables = fc.record({ tp: count, fp: count, tn: count, fn: count });
const names = Object.keys(GRADIENTS) as FromCounts[];

function figureOf(name: FromCounts, table: Confusion, beta: number): number {
  const metrics = confusionMetrics(table, { beta, intervals: false });
  switch (name) {
    case "tp":
    case "fp":
    case "tn":
    case "fn":
      return table[name];
    case "tdr":
      return metrics.recall.value!;
    case "tfpr":
      return table.fp / table.tp;
    default:
      return metrics[name].value!;
  }
}

test("a gradient is what the figure changes by with a little more in each cell", () => {
  fc.assert(
    fc.property(tables, fc.constantFrom(0.5, 1, 2, 3), (table, beta) => {
      for (const name of names) {
        const gradient = GRADIENTS[name](table, beta);
        for (const cell of ["tp", "fp", "tn", "fn"] as const) {
          const step = 1e-4 * table[cell];
          const [more, less] = [
            { ...table, [cell]: table[cell] + step },
            { ...table, [cell]: table[cell] - step },
          ];
          const change = (figureOf(name, more, beta) - figureOf(name, less, beta)) / (2 * step);
          expect(Math.abs(gradient[cell] - change), `${name} by ${cell}`).toBeLessThan(
            1e-6 * Math.max(1, Math.abs(change)) + 1e-9 / step,
          );
        }
      }
    }),
  );
});

test("the error of a share is the binomial's of its denominator", () => {
  const denominators = {
    precision: ["tp", "fp"],
    recall: ["tp", "fn"],
    tdr: ["tp", "fn"],
    specificity: ["tn", "fp"],
    fpr: ["tn", "fp"],
    fnr: ["tp", "fn"],
    accuracy: ["tp", "fp", "tn", "fn"],
    prevalence: ["tp", "fp", "tn", "fn"],
    alert_rate: ["tp", "fp", "tn", "fn"],
  } as const;
  fc.assert(
    fc.property(tables, (table) => {
      for (const name of Object.keys(denominators) as (keyof typeof denominators)[]) {
        const share = figureOf(name, table, 1);
        const n = denominators[name].reduce((sum, cell) => sum + table[cell], 0);
        const error = deltaStandardError(table, GRADIENTS[name](table, 1))!;
        expect(error / Math.sqrt((share * (1 - share)) / n)).toBeCloseTo(1, 9);
      }
    }),
  );
});

test("an empty table, and a figure without a value, have no error", () => {
  const empty = { tp: 0, fp: 0, tn: 0, fn: 0 };
  for (const name of names) expect(deltaStandardError(empty, GRADIENTS[name](empty, 2))).toBeNull();
  const silent = { tp: 0, fp: 0, tn: 5, fn: 5 };
  expect(deltaStandardError(silent, GRADIENTS.precision(silent, 2))).toBeNull();
  expect(deltaStandardError(silent, GRADIENTS.mcc(silent, 2))).toBeNull();
});
