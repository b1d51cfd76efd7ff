import type { CapacityDay } from "./capacity.ts";

/** One entity, or one row without entity, on one day. */
export interface RankedCase {
  /** Null: a row that is nobody's, which is never caught twice. */
  readonly entity: string | null;
  /** Null without a label. */
  readonly positive: boolean | null;
  readonly amountPositive: number;
}

/** Cases of one day, by rank. */
export interface RankedDay {
  /** Days compare as texts. */
  readonly day: string;
  readonly cases: readonly RankedCase[];
}

/**
 * The days without the entities that were caught before. Day by day, oldest first: of the cases whose entity was not caught
 * on an earlier day, the first k are the day's alerts; an entity is caught on the day on which its case is positive and among
 * them. What is left has no ties: each case is a score of its own, in the order of the ranks. Several lists of one day (of
 * pieces of time shorter than a day) do not catch from each other.
 */
export function withoutCaught(days: readonly RankedDay[], k: number): readonly CapacityDay[] {
  const limit = Math.floor(k);
  const caughtOn = new Map<string, string>();
  return days
    .toSorted((left, right) => (left.day < right.day ? -1 : left.day > right.day ? 1 : 0))
    .map(({ day, cases }) => {
      const left = cases.filter(({ entity }) => entity === null || !((caughtOn.get(entity) ?? day) < day));
      for (const { entity, positive } of left.slice(0, limit))
        if (entity !== null && positive === true && !caughtOn.has(entity)) caughtOn.set(entity, day);
      const amounts = left.filter(({ positive }) => positive === true).map((one) => one.amountPositive);
      return {
        day,
        groups: left.map(({ positive, amountPositive }, rank) => ({
          score: -rank,
          n: 1,
          positives: Number(positive === true),
          unlabelled: Number(positive === null),
          amountPositive,
        })),
        amountOfBest: amounts
          .toSorted((one, other) => other - one)
          .slice(0, Math.max(0, limit))
          .reduce((sum, amount) => sum + amount, 0),
      };
    });
}
