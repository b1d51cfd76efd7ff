import type { Confusion } from "./confusion.ts";
import { clipped, type Estimate, finiteOrNull, ratio, wilson, withoutInterval, Z_95 } from "./interval.ts";

/**
 * Sums over the rows of one class, a row of inclusion probability π weighing w = 1/π: Σ w, which estimates how many
 * rows the sample stands for (Horvitz and Thompson), and Σ w².
 */
export interface WeightedSum {
  readonly w: number;
  readonly ww: number;
}

export type WeightedConfusion = Readonly<Record<keyof Confusion, WeightedSum>>;

/** Σ w·y and Σ w²·y² of the amounts y of a class. */
export type WeightedAmount = WeightedSum;

/** Of what each row paid (y), would have paid had all been alerted (yes), and had none been (no). */
export interface WeightedPayoff {
  readonly y: number;
  readonly yes: number;
  readonly no: number;
  /** Σ w² times the product of the two. */
  readonly squares: Readonly<Record<"y" | "yes" | "no" | "yYes" | "yNo", number>>;
  /** Σ w²·y */
  readonly wwY: number;
}

/**
 * Ratios of weighted totals (Hájek) of a confusion table. A ratio Y/X has the variance Σ w²·(y − ratio·x)² / X², which is
 * that of drawing the sample, Σ (1 − π)/π²·(…)², and that of the cases themselves, Σ 1/π·(…)²: with π = 1 what an unweighted
 * share has. Shares have Wilson's interval at the number of rows that would give this variance, the others ± 1.96 standard
 * errors. `n` of all is 0: the caller counts rows.
 */
export function weightedConfusionMetrics(table: WeightedConfusion, beta: number): Record<string, Estimate> {
  const { tp, fp, tn, fn } = table;
  const [alerts, positives, negatives] = [add(tp, fp), add(tp, fn), add(tn, fp)];
  const all = add(positives, negatives);
  const recall = share(tp, fn);
  return {
    ...Object.fromEntries(
      Object.entries(table).map(([name, { w, ww }]) => [name, clipped(normal(w, ww), 0, Infinity)]),
    ),
    precision: share(tp, fp),
    recall,
    tdr: recall,
    specificity: share(tn, fp),
    fpr: share(fp, tn),
    fnr: share(fn, tp),
    accuracy: share(add(tp, tn), add(fp, fn)),
    prevalence: share(positives, negatives),
    alert_rate: share(alerts, add(tn, fn)),
    f1: fBeta(table, 1),
    f_beta: fBeta(table, beta),
    balanced_accuracy: balanced(table),
    mcc: matthews(table, all.w),
    tfpr: falseToTrue(tp, fp),
  };
}

/** The share of the positives' amount that was alerted; ± 1.96 standard errors. */
export function weightedValueRecall(alerted: WeightedAmount, passed: WeightedAmount): Estimate {
  const whole = alerted.w + passed.w;
  const value = ratio(alerted.w, whole);
  if (value === null) return withoutInterval(null, 0);
  return clipped(normal(value, ((1 - value) ** 2 * alerted.ww + value ** 2 * passed.ww) / whole ** 2), 0, 1);
}

/** Total Σ w·y with the variance Σ w²·y²; per decision and savings as ratios. `rows` is the sum over all with truth. */
export function weightedPayoffMetrics(payoff: WeightedPayoff, rows: WeightedSum): Record<string, Estimate> {
  const { y, yes, no, squares, wwY } = payoff;
  const mean = ratio(y, rows.w);
  const perDecision =
    mean === null
      ? withoutInterval(null, 0)
      : normal(mean, (squares.y - 2 * mean * wwY + mean ** 2 * rows.ww) / rows.w ** 2);
  // Of always-no and always-yes the one that costs less.
  const isNo = -no <= -yes;
  const [base, square, cross] = isNo ? [no, squares.no, squares.yNo] : [yes, squares.yes, squares.yYes];
  const cost = rows.w > 0 ? ratio(-y, -base) : null;
  return {
    payoff_total: rows.w > 0 ? normal(y, squares.y) : withoutInterval(null, 0),
    payoff_per_decision: perDecision,
    savings:
      cost === null
        ? withoutInterval(null, 0)
        : normal(1 - cost, (squares.y - 2 * cost * cross + cost ** 2 * square) / base ** 2),
  };
}

const add = (one: WeightedSum, other: WeightedSum): WeightedSum => ({ w: one.w + other.w, ww: one.ww + other.ww });

/** ± 1.96 standard errors; rounding must not make a variance negative. */
function normal(value: number, variance: number): Estimate {
  const half = finiteOrNull(Z_95 * Math.sqrt(Math.max(0, variance)));
  if (half === null) return withoutInterval(value, 0);
  return { value: finiteOrNull(value), lower: value - half, upper: value + half, n: 0 };
}

function share(part: WeightedSum, rest: WeightedSum): Estimate {
  const whole = part.w + rest.w;
  const value = ratio(part.w, whole);
  if (value === null) return withoutInterval(null, 0);
  const variance = ((1 - value) ** 2 * part.ww + value ** 2 * rest.ww) / whole ** 2;
  // Where all rows are of one side their variance is 0 and says nothing: Kish's number then, which the weights alone give.
  const rows = variance > 0 ? (value * (1 - value)) / variance : whole ** 2 / (part.ww + rest.ww);
  return { ...wilson(value * rows, rows), value, n: 0 };
}

/** Σ (∂f/∂class)² · Σ w², rows being drawn one by one. */
function linearised(value: number | null, table: WeightedConfusion, slopes: Confusion): Estimate {
  if (value === null) return withoutInterval(null, 0);
  const classes = ["tp", "fp", "tn", "fn"] as const;
  return normal(
    value,
    classes.reduce((sum, name) => sum + slopes[name] ** 2 * table[name].ww, 0),
  );
}

function fBeta(table: WeightedConfusion, beta: number): Estimate {
  const weight = beta * beta;
  const { tp, fp, fn } = table;
  const whole = (1 + weight) * tp.w + weight * fn.w + fp.w;
  const value = ratio((1 + weight) * tp.w, whole);
  const f = value ?? 0;
  const slopes = { tp: ((1 + weight) * (1 - f)) / whole, fp: -f / whole, tn: 0, fn: (-weight * f) / whole };
  return clipped(linearised(value, table, slopes), 0, 1);
}

function balanced(table: WeightedConfusion): Estimate {
  const { tp, fp, tn, fn } = table;
  const [positives, negatives] = [tp.w + fn.w, tn.w + fp.w];
  const [recall, specificity] = [ratio(tp.w, positives), ratio(tn.w, negatives)];
  if (recall === null || specificity === null) return withoutInterval(null, 0);
  const slopes = {
    tp: (1 - recall) / positives / 2,
    fn: -recall / positives / 2,
    tn: (1 - specificity) / negatives / 2,
    fp: -specificity / negatives / 2,
  };
  return clipped(linearised((recall + specificity) / 2, table, slopes), 0, 1);
}

/** As shares of all, so that no product of four totals is too large. */
function matthews(table: WeightedConfusion, all: number): Estimate {
  const [tp, fp, tn, fn] = [table.tp.w / all, table.fp.w / all, table.tn.w / all, table.fn.w / all];
  const [alerts, positives, negatives, passed] = [tp + fp, tp + fn, tn + fp, tn + fn];
  const margins = Math.sqrt(alerts * positives) * Math.sqrt(negatives * passed);
  const value = ratio(tp * tn - fp * fn, margins);
  const m = (value ?? 0) / 2;
  const slopes = {
    tp: tn / margins - m * (1 / alerts + 1 / positives),
    tn: tp / margins - m * (1 / negatives + 1 / passed),
    fp: -fn / margins - m * (1 / alerts + 1 / negatives),
    fn: -fp / margins - m * (1 / positives + 1 / passed),
  };
  const scaled = { tp: slopes.tp / all, tn: slopes.tn / all, fp: slopes.fp / all, fn: slopes.fn / all };
  return clipped(linearised(value === null ? null : Math.min(1, Math.max(-1, value)), table, scaled), -1, 1);
}

function falseToTrue(tp: WeightedSum, fp: WeightedSum): Estimate {
  const value = ratio(fp.w, tp.w);
  if (value === null) return withoutInterval(null, 0);
  return clipped(normal(value, (fp.ww + value ** 2 * tp.ww) / tp.w ** 2), 0, Infinity);
}
