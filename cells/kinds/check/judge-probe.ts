import { isPast, type Verdict } from "../../results/reading.ts";
import { foundText } from "./found-text.ts";
import type { Judged, Probe } from "./probe.ts";

/** What was measured for a probe. */
export interface Found {
  readonly value: number | null;
  /** Said instead of the value. */
  readonly text: string | null;
  /** Why it could not be measured; null where it was. */
  readonly problem: string | null;
  /** Where the bound alone does not decide. */
  readonly judged?: Judged;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** In words, what was found. */
  readonly found: string;
  /** A sentence; null for `ok`. */
  readonly reason: string | null;
  /** Its rows are worth showing. */
  readonly broken: boolean;
}

/** An expectation against what was measured over `n` rows. */
export function judgeProbe(
  { bad, expected, unit, judgesEmpty }: Probe,
  { value, text, problem, judged }: Found,
  { level, n, minRows }: { readonly level: "warn" | "fail"; readonly n: number; readonly minRows: number },
): Judgement {
  if (problem !== null) return { verdict: "error", found: problem, reason: problem, broken: false };
  if (judged !== undefined) {
    const { verdict, reason } = judged;
    const found = [text, reason].filter(Boolean).join(": ");
    return { verdict, found, reason, broken: verdict === level };
  }
  const silent = (found: string): Judgement => ({
    verdict: "no-data",
    found,
    reason: `expected ${expected}; found ${found}`,
    broken: false,
  });
  if (n < minRows && !judgesEmpty)
    return silent(n === 0 ? "no rows in the window" : `${n} rows, below min_rows ${minRows}`);
  const found = text ?? (value === null ? "nothing to measure" : foundText(value, unit));
  if (value === null) return silent(found);
  if (!isPast(value, bad)) return { verdict: "ok", found, reason: null, broken: false };
  return { verdict: level, found, reason: `expected ${expected}; found ${found}`, broken: true };
}
