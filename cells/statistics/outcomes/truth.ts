/** How the truth of a window's rows is known. */
export interface TruthCounts {
  /** Feedback says so. */
  readonly stated: number;
  /** Matured without feedback, which the contract's `silence` rule takes for a label. */
  readonly silent: number;
  /** Not matured, and without feedback. */
  readonly pending: number;
  /** Matured, without feedback, and not to be taken for a label, such as a blocked case that nobody reviewed. */
  readonly unknown: number;
}

/** Without a silence rule, metrics that need negatives are given from this share of mature rows stated. */
const LEAST_STATED_PERCENT = 90;

/** The rows that KPIs are computed from. */
export function rowsWithTruth({ stated, silent }: TruthCounts): number {
  return stated + silent;
}

/**
 * Why a metric that needs negatives is `no-data`; null where it may be given. With a silence rule it may; without one,
 * where at least 90 % of the mature rows (stated, silent, unknown) are stated.
 */
export function negativesProblem(counts: TruthCounts, silenceRule: boolean): string | null {
  if (silenceRule) return null;
  const mature = matureRows(counts);
  if (mature === 0) return "No row is mature yet, and the contract has no `silence` rule.";
  if (counts.stated * 100 >= mature * LEAST_STATED_PERCENT) return null;
  return `This needs negatives, and few are ever posted: ${statedShare(counts)} are stated, of ${LEAST_STATED_PERCENT} % needed without a \`silence\` rule in the contract.`;
}

/** What to say beside a metric that needs negatives and is given without a silence rule; null otherwise. */
export function negativesNote(counts: TruthCounts, silenceRule: boolean): string | null {
  if (silenceRule || negativesProblem(counts, silenceRule) !== null) return null;
  return `The contract has no \`silence\` rule: only stated negatives count; ${statedShare(counts)} are stated.`;
}

function matureRows({ stated, silent, unknown }: TruthCounts): number {
  return stated + silent + unknown;
}

function statedShare(counts: TruthCounts): string {
  const mature = matureRows(counts);
  const percent = Math.floor((counts.stated * 1000) / mature) / 10;
  return `${percent.toFixed(1)} % of ${mature} mature rows`;
}
