import { type Because, becauseText, remedyText } from "../personal/because.ts";
import type { LeftOut } from "../wire/http-reports.ts";

/** What may be shown, null for nothing, and what was taken from it. */
export interface Selected<Shown> {
  readonly shown: Shown;
  readonly left: readonly LeftOut[];
}

export const whole = <Shown>(shown: Shown): Selected<Shown> => ({ shown, left: [] });

/** "What ids shows is left out: it is made from latest, which has account_id." */
export const leftBecause = (cell: string | null, what: string, because: Because): LeftOut => ({
  cell,
  sentence: `${what} is left out: ${becauseText(because)}.`,
  remedy: remedyText(because),
});

export const leftRows = (cell: string | null, what: string, is: string): LeftOut => ({
  cell,
  sentence: `${what} is left out: it ${is}.`,
  remedy: "Aggregate it, or publish with tables of single rows.",
});

export const leftColumns = (cell: string | null, sentence: string): LeftOut => ({
  cell,
  sentence,
  remedy: "Publish with personal columns to show what is left out here.",
});
