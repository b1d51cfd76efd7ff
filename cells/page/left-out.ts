import { type Because, becauseText, remedyText } from "../personal/because.ts";
import type { LeftOut } from "../wire/http-reports.ts";

/** What may be shown, null for nothing, and what was taken from it. */
export interface Selected<Shown> {
  readonly shown: Shown;
  readonly left: readonly LeftOut[];
}

export const whole = <Shown>(shown: Shown): Selected<Shown> => ({ shown, left: [] });

/** All that readers are told; why, and what to do, is for whoever publishes. */
const toReaders = (what: string, isMany = false): string => `${what} ${isMany ? "are" : "is"} not part of this report.`;

/** "What ids shows is left out: it is made from latest, which has account_id." */
export const leftBecause = (cell: string | null, what: string, because: Because): LeftOut => ({
  cell,
  toReaders: toReaders(what),
  sentence: `${what} is left out: ${becauseText(because)}.`,
  remedy: remedyText(because),
});

export const leftRows = (cell: string | null, what: string, is: string): LeftOut => ({
  cell,
  toReaders: toReaders(what),
  sentence: `${what} is left out: it ${is}.`,
  remedy: "Aggregate it, or publish with tables of single rows.",
});

/** `what` is one thing, or with `isMany` several; `why` is empty where it says itself why. */
export const leftColumns = (cell: string | null, what: string, why: string, isMany = false): LeftOut => ({
  cell,
  toReaders: toReaders(what, isMany),
  sentence: `${what} ${isMany ? "are" : "is"} left out${why === "" ? "" : `: ${why}`}.`,
  remedy: "Publish with personal columns to show what is left out here.",
});
