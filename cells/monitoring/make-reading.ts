import { type Bound, type Reading, rounded, type Verdict } from "../results/reading.ts";
import { digest } from "../staleness/digest.ts";

/** What all readings of one cell share. */
export interface ReadingHead {
  readonly cell: string;
  readonly asOf: string;
}

export interface ReadingParts {
  readonly metric: string;
  /** Of the metric; 1 if absent. Raised when a meaning changes. */
  readonly definition?: string;
  readonly subject: string | null;
  readonly slice: string | null;
  readonly window: readonly [string, string] | null;
  /** Tells it from another reading of the same over the same window, such as of a chunk of time as long as the window. */
  readonly part?: string;
  readonly value: number | null;
  readonly lower?: number | null;
  readonly upper?: number | null;
  readonly n: number;
  readonly nReference?: number | null;
  readonly exact?: boolean;
  readonly convention?: string;
  readonly pValue?: number | null;
  readonly pAdjusted?: number | null;
  readonly maturity?: number | null;
  readonly warn: Bound | null;
  readonly fail: Bound | null;
  readonly provisional?: boolean;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly details?: Reading["details"];
  readonly beside?: true;
}

/** Half a digest of what is measured and half of the rows: a series asks the same of many windows. */
const known = new Map<string, string>();
const MOST_KNOWN = 10_000;

function halfDigest(parts: readonly unknown[]): string {
  const text = JSON.stringify(parts);
  let found = known.get(text);
  if (found === undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    found = digest(text).slice(0, 12);
    known.set(text, found);
  }
  return found;
}

/** A reading with its id: a digest of the question (cell, metric, subject, slice, window, part, as-of), not of the answer. */
export function makeReading({ cell, asOf }: ReadingHead, parts: ReadingParts): Reading {
  const { metric, subject, slice, window, part } = parts;
  const rows = [slice, window, asOf, ...(part === undefined ? [] : [part])];
  return {
    id: halfDigest([cell, metric, subject]) + halfDigest(rows),
    metric,
    definition: parts.definition ?? `${metric}@1`,
    subject,
    slice,
    window: window === null ? null : [window[0], window[1]],
    asOf,
    value: rounded(parts.value),
    lower: rounded(parts.lower ?? null),
    upper: rounded(parts.upper ?? null),
    n: parts.n,
    nReference: parts.nReference ?? null,
    exact: parts.exact ?? true,
    convention: parts.convention ?? "driftbook",
    pValue: rounded(parts.pValue ?? null),
    pAdjusted: rounded(parts.pAdjusted ?? null),
    maturity: rounded(parts.maturity ?? null),
    bounds: { warn: parts.warn, fail: parts.fail },
    provisional: parts.provisional ?? false,
    verdict: parts.verdict,
    reason: parts.reason,
    details: parts.details ?? {},
    ...(parts.beside === undefined ? {} : { beside: parts.beside }),
  };
}
