import { clipped, type Estimate, studentMean } from "./interval.ts";

/** The rows, or cases, of one score on one day. */
export interface CapacityGroup {
  readonly score: number;
  /** All of them, those without a label included. */
  readonly n: number;
  readonly positives: number;
  readonly unlabelled: number;
  /** The amount of the positives. */
  readonly amountPositive: number;
}

export interface CapacityDay {
  readonly day: string;
  readonly groups: readonly CapacityGroup[];
  /** The sum of the k largest amounts of the day's positives; needed for `attainable` where positives exceed k. */
  readonly amountOfBest?: number;
}

/** A mean over days, `n` of them, with Student's interval over days; none under 6. */
export interface CapacityEstimate extends Estimate {
  /** The mean that a perfect ranking would reach with the same k; null where the amounts do not tell. */
  readonly attainable: number | null;
}

export interface CapacityMetrics {
  /** Positives among the first k / min(k, rows). An unlabelled row takes its slot and does not count as positive. */
  readonly precision_at_k: CapacityEstimate;
  /** Positives among the first k / positives of the day, over the days with positives. */
  readonly recall_at_k: CapacityEstimate;
  /** The amount of the positives among the first k. */
  readonly amount_at_k: CapacityEstimate;
  /** The slots of all days, Σ min(k, rows), and how many of them unlabelled rows are expected to take. */
  readonly slots: number;
  readonly unlabelledSlots: number;
}

interface DayAtK {
  readonly slots: number;
  readonly positives: number;
  readonly unlabelled: number;
  readonly amount: number;
  readonly allPositives: number;
  readonly bestAmount: number | null;
}

/**
 * What k alerts per day find. All rows of a day are ranked by score; a tie group that the limit cuts counts with the
 * share of its rows that fits, the expected value over a random order of its rows. Days without rows are skipped; the
 * order of days and groups does not matter. No values for k under 1.
 */
export function capacityMetrics(days: readonly CapacityDay[], k: number): CapacityMetrics {
  const limit = Math.floor(k);
  const atK = (limit >= 1 ? [...days] : [])
    .sort((left, right) => (left.day < right.day ? -1 : left.day > right.day ? 1 : 0))
    .map((day) => dayAtK(day, limit))
    .filter((day) => day.slots > 0);
  const withPositives = atK.filter((day) => day.allPositives > 0);
  const best = (day: DayAtK): number => Math.min(limit, day.allPositives);
  return {
    precision_at_k: overDays(
      atK.map((day) => day.positives / day.slots),
      atK.map((day) => best(day) / day.slots),
      1,
    ),
    recall_at_k: overDays(
      withPositives.map((day) => day.positives / day.allPositives),
      withPositives.map((day) => best(day) / day.allPositives),
      1,
    ),
    amount_at_k: overDays(
      atK.map((day) => day.amount),
      atK.map((day) => day.bestAmount),
      Infinity,
    ),
    slots: atK.reduce((sum, day) => sum + day.slots, 0),
    unlabelledSlots: atK.reduce((sum, day) => sum + day.unlabelled, 0),
  };
}

function overDays(
  values: readonly number[],
  attainable: readonly (number | null)[],
  highest: number,
): CapacityEstimate {
  const known = attainable.filter((value) => value !== null);
  return {
    ...clipped(studentMean(values), highest === 1 ? 0 : -Infinity, highest),
    attainable: known.length === attainable.length ? studentMean(known).value : null,
  };
}

function dayAtK(day: CapacityDay, limit: number): DayAtK {
  const groups = day.groups
    .filter(({ score, n }) => Number.isFinite(score) && n > 0)
    .sort((left, right) => right.score - left.score || left.amountPositive - right.amountPositive);
  let [slots, positives, unlabelled, amount] = [0, 0, 0, 0];
  for (const tied of mergeTies(groups)) {
    const share = Math.min(limit - slots, tied.n) / tied.n;
    if (share <= 0) break;
    slots += Math.min(limit - slots, tied.n);
    positives += tied.positives * share;
    unlabelled += tied.unlabelled * share;
    amount += tied.amountPositive * share;
  }
  const allPositives = groups.reduce((sum, group) => sum + group.positives, 0);
  const wholeAmount = groups.reduce((sum, group) => sum + group.amountPositive, 0);
  const bestAmount = allPositives <= limit ? wholeAmount : (day.amountOfBest ?? null);
  return { slots, positives, unlabelled, amount, allPositives, bestAmount };
}

/** Groups sorted by score, those of one score added up. */
function mergeTies(sorted: readonly CapacityGroup[]): CapacityGroup[] {
  const merged: CapacityGroup[] = [];
  for (const group of sorted) {
    const last = merged.at(-1);
    if (last === undefined || last.score !== group.score) merged.push(group);
    else {
      merged[merged.length - 1] = {
        score: last.score,
        n: last.n + group.n,
        positives: last.positives + group.positives,
        unlabelled: last.unlabelled + group.unlabelled,
        amountPositive: last.amountPositive + group.amountPositive,
      };
    }
  }
  return merged;
}
