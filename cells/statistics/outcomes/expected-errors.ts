import type { Confusion, ConfusionMetrics } from "./confusion.ts";

type Cell = keyof Confusion;
type Gradient = Readonly<Record<Cell, number>>;

/** What follows from a confusion table. */
export type FromCounts = Cell | keyof ConfusionMetrics | "tdr" | "tfpr";

const CELLS = ["tp", "fp", "tn", "fn"] as const;
const NONE: Gradient = { tp: 0, fp: 0, tn: 0, fn: 0 };

/**
 * The standard error of a figure made of a confusion table of n rows, each of which fell into its cell by chance: the
 * delta method over the multinomial. Of a share of a denominator it is √(v(1 − v)/denominator). Null for an empty table.
 */
export function deltaStandardError(confusion: Confusion, gradient: Gradient): number | null {
  const n = CELLS.reduce((sum, cell) => sum + confusion[cell], 0);
  if (!(n > 0)) return null;
  let [mean, square] = [0, 0];
  for (const cell of CELLS) {
    const share = confusion[cell] / n;
    mean += share * gradient[cell];
    square += share * gradient[cell] ** 2;
  }
  // Of gradients by counts, so per row: times n each, over n.
  const variance = n * (square - mean ** 2);
  return Number.isFinite(variance) ? Math.sqrt(Math.max(0, variance)) : null;
}

/** How much each figure changes with one row more in a cell. A figure without a value has no finite gradient. */
export const GRADIENTS: Readonly<Record<FromCounts, (table: Confusion, beta: number) => Gradient>> = {
  tp: () => ({ ...NONE, tp: 1 }),
  fp: () => ({ ...NONE, fp: 1 }),
  tn: () => ({ ...NONE, tn: 1 }),
  fn: () => ({ ...NONE, fn: 1 }),
  precision: (table) => shareGradient(table, ["tp"], ["fp"]),
  recall: (table) => shareGradient(table, ["tp"], ["fn"]),
  tdr: (table) => shareGradient(table, ["tp"], ["fn"]),
  specificity: (table) => shareGradient(table, ["tn"], ["fp"]),
  fpr: (table) => shareGradient(table, ["fp"], ["tn"]),
  fnr: (table) => shareGradient(table, ["fn"], ["tp"]),
  accuracy: (table) => shareGradient(table, ["tp", "tn"], ["fp", "fn"]),
  prevalence: (table) => shareGradient(table, ["tp", "fn"], ["fp", "tn"]),
  alert_rate: (table) => shareGradient(table, ["tp", "fp"], ["tn", "fn"]),
  f1: (table) => fGradient(table, 1),
  f_beta: fGradient,
  balanced_accuracy: (table) => {
    const [recall, specificity] = [shareGradient(table, ["tp"], ["fn"]), shareGradient(table, ["tn"], ["fp"])];
    return { tp: recall.tp / 2, fn: recall.fn / 2, tn: specificity.tn / 2, fp: specificity.fp / 2 };
  },
  mcc: matthewsGradient,
  tfpr: ({ tp, fp }) => ({ ...NONE, fp: 1 / tp, tp: -fp / tp ** 2 }),
};

/** Of `inside` / (`inside` + `outside`). */
function shareGradient(table: Confusion, inside: readonly Cell[], outside: readonly Cell[]): Gradient {
  const sum = (cells: readonly Cell[]): number => cells.reduce((total, cell) => total + table[cell], 0);
  const [part, rest] = [sum(inside), sum(outside)];
  const whole = (part + rest) ** 2;
  const of = (cell: Cell): number =>
    inside.includes(cell) ? rest / whole : outside.includes(cell) ? -part / whole : 0;
  return { tp: of("tp"), fp: of("fp"), tn: of("tn"), fn: of("fn") };
}

/** Of (1 + β²) tp / ((1 + β²) tp + β² fn + fp). */
function fGradient({ tp, fp, fn }: Confusion, beta: number): Gradient {
  const [weight, missed] = [1 + beta ** 2, beta ** 2 * fn + fp];
  const square = (weight * tp + missed) ** 2;
  return {
    tp: (weight * missed) / square,
    fp: (-weight * tp) / square,
    tn: 0,
    fn: (-weight * tp * beta ** 2) / square,
  };
}

/** Of (tp·tn − fp·fn) / √((tp + fp)(tp + fn)(tn + fp)(tn + fn)). */
function matthewsGradient({ tp, fp, tn, fn }: Confusion): Gradient {
  const [alerted, passed, positives, negatives] = [tp + fp, tn + fn, tp + fn, tn + fp];
  const root = Math.sqrt(alerted * positives) * Math.sqrt(negatives * passed);
  const value = (tp * tn - fp * fn) / root;
  const of = (product: number, row: number, column: number): number =>
    product / root - (value / 2) * (1 / row + 1 / column);
  return {
    tp: of(tn, alerted, positives),
    fp: of(-fn, alerted, negatives),
    tn: of(tp, passed, negatives),
    fn: of(-fp, passed, positives),
  };
}
