import { type Bound, boundText, isPast, type Verdict } from "../../results/reading.ts";
import { SHARE_READINGS, type ShareReading } from "./share-readings.ts";

/** A chance of noise below this, adjusted, is taken for a difference. */
export const NOISE_LEVEL = 0.01;

export interface Bounds {
  readonly warn: Bound | null;
  readonly fail: Bound | null;
}

export interface DriftJudgement {
  /** What the metric is judged by; null without a value. */
  readonly effect: number | null;
  readonly bounds: Bounds;
  /** Of the subject's one noise test, adjusted over the subjects of the slice and chunk; null where there was no test. */
  readonly pAdjusted: number | null;
  /** Values of the current sample. */
  readonly n: number;
  readonly nReference: number;
  readonly minRows: number;
}

export interface DriftVerdict {
  readonly verdict: Extract<Verdict, "ok" | "warn" | "fail" | "no-data">;
  /** A sentence; null for a plain `ok`. */
  readonly reason: string | null;
}

/**
 * `warn` or `fail` only where the effect is past the bound and noise alone would hardly give such a sample: the adjusted p
 * is below 0.01. So a p-value alone never decides, and neither does a rule of thumb on a small window. `no-data` under
 * `minRows` on either side or without a value.
 */
export function judge({ effect, bounds, pAdjusted, n, nReference, minRows }: DriftJudgement): DriftVerdict {
  const few = tooFew(nReference, "reference", minRows) ?? tooFew(n, "current", minRows);
  if (few !== null) return { verdict: "no-data", reason: few };
  if (effect === null || Number.isNaN(effect)) return { verdict: "no-data", reason: "There is no value to judge." };
  const past = pastBound(effect, bounds);
  if (past === null) return { verdict: "ok", reason: null };
  const found = `${shown(effect)} is ${boundText(past.bound)}`;
  if (pAdjusted === null) {
    return { verdict: "ok", reason: `${found}, but without a noise test it is not known whether by chance.` };
  }
  if (!(pAdjusted < NOISE_LEVEL)) {
    return { verdict: "ok", reason: `${found}, but that can be chance: adjusted p is ${shownP(pAdjusted)}.` };
  }
  return { verdict: past.verdict, reason: `${found}, and hardly by chance: adjusted p is ${shownP(pAdjusted)}.` };
}

export interface ShareJudgement extends Omit<DriftJudgement, "bounds"> {
  readonly reading: ShareReading;
  /** The reading's own when not given. */
  readonly bounds?: Bounds;
}

/**
 * The same for the readings about missing, invalid and new values, which are judged even where no values remain: `n` and
 * `nReference` are the rows that their shares are of. They must not fire on noise either, so they too need an effect past
 * the bound and an adjusted p below 0.01, that of their own test, adjusted together with the other tests of the slice and
 * chunk.
 */
export function judgeShare({
  reading,
  bounds = SHARE_READINGS[reading].bounds,
  ...judgement
}: ShareJudgement): DriftVerdict {
  return judge({ ...judgement, bounds });
}

function tooFew(rows: number, side: string, minRows: number): string | null {
  if (!(rows > 0)) return `The ${side} has no rows to compare.`;
  return rows < minRows ? `The ${side} has ${rows} rows, below min_rows ${minRows}.` : null;
}

function pastBound(effect: number, { warn, fail }: Bounds): { verdict: "warn" | "fail"; bound: Bound } | null {
  if (fail !== null && isPast(effect, fail)) return { verdict: "fail", bound: fail };
  return warn !== null && isPast(effect, warn) ? { verdict: "warn", bound: warn } : null;
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));
/** A probability that a double cannot hold is not 0. */
const shownP = (p: number): string => (p === 0 ? "below 1e-300" : shown(p));
