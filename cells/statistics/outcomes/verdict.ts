/** When a value is bad. Equal to the bound is not past it. */
export type Bound =
  | { readonly type: "above"; readonly value: number }
  | { readonly type: "below"; readonly value: number }
  | { readonly type: "outside"; readonly low: number; readonly high: number };

export type KpiVerdict = "ok" | "warn" | "fail" | "no-data";

export interface Judged {
  readonly verdict: KpiVerdict;
  /** A sentence; null for a plain `ok`. */
  readonly reason: string | null;
}

export interface JudgeInput {
  readonly value: number | null;
  /** The 95 % interval; without both ends a value never fails. */
  readonly lower: number | null;
  readonly upper: number | null;
  readonly bounds: { readonly warn?: Bound; readonly fail?: Bound };
  readonly n: number;
  readonly minRows: number;
  /** The window's labels are not mature, or it is not known whether they are. */
  readonly provisional: boolean;
  /** The cell says that provisional values are judged as well. Default false. */
  readonly judgeProvisional?: boolean;
  /** Why there is no value, where the caller knows. */
  readonly missing?: string;
}

/**
 * `fail` where value and whole interval are past the fail bound, `warn` where the value alone is past the fail or the
 * warn bound. `no-data` without a value or with n under `minRows`, provisional or not. A provisional value cannot
 * alert: what would be `warn` or `fail` is `ok` with the reason, unless the cell judges provisional values.
 */
export function judgeInterval(input: JudgeInput): Judged {
  const { value, n, minRows } = input;
  if (!(n >= minRows)) return { verdict: "no-data", reason: `n is ${n}, below min_rows ${minRows}.` };
  if (value === null || !Number.isFinite(value)) {
    return { verdict: "no-data", reason: input.missing ?? "There is no value: its denominator is 0." };
  }
  const judged = judgeValue(value, input);
  if (judged.reason === null || !input.provisional || input.judgeProvisional === true) return judged;
  return { verdict: "ok", reason: `Provisional, so not ${judged.verdict}: labels are still to come. ${judged.reason}` };
}

/** Whether the value is bad by this bound. */
export function isPast(value: number, bound: Bound): boolean {
  if (bound.type === "above") return value > bound.value;
  if (bound.type === "below") return value < bound.value;
  return value < bound.low || value > bound.high;
}

function judgeValue(value: number, { lower, upper, bounds }: JudgeInput): Judged {
  const { warn, fail } = bounds;
  if (fail !== undefined && isPast(value, fail)) {
    const past = `${shown(value, fail)} is ${worded(fail)}`;
    if (lower === null || upper === null) {
      return { verdict: "warn", reason: `${past}, but has no interval to be sure of it.` };
    }
    const interval = `its 95 % interval, ${shown(lower, fail)} to ${shown(upper, fail)},`;
    return isIntervalPast(lower, upper, fail)
      ? { verdict: "fail", reason: `${past}, and so is ${interval} as a whole.` }
      : { verdict: "warn", reason: `${past}, but ${interval} is not as a whole.` };
  }
  if (warn !== undefined && isPast(value, warn)) {
    return { verdict: "warn", reason: `${shown(value, warn)} is ${worded(warn)}.` };
  }
  return { verdict: "ok", reason: null };
}

/** Whether every point of the interval is bad, all on one side. */
function isIntervalPast(lower: number, upper: number, bound: Bound): boolean {
  if (bound.type === "above") return lower > bound.value;
  if (bound.type === "below") return upper < bound.value;
  return upper < bound.low || lower > bound.high;
}

function worded(bound: Bound): string {
  return bound.type === "outside" ? `outside ${bound.low} to ${bound.high}` : `${bound.type} ${bound.value}`;
}

/** Four significant digits, or as many as tell the value from the bound; whole from 1000 on. */
function shown(value: number, bound: Bound): string {
  const edges = bound.type === "outside" ? [bound.low, bound.high] : [bound.value];
  const roundings = [4, 6, 9, 12].map((digits) => Number(value.toPrecision(digits)));
  const rounded = Math.abs(value) >= 1000 ? [Math.round(value), ...roundings] : roundings;
  return String(rounded.find((candidate) => !edges.includes(candidate)) ?? value);
}
