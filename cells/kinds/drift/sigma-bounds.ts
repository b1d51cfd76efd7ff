import type { WrittenBound } from "../../monitoring/bound-text.ts";
import { type Bound, rounded } from "../../results/reading.ts";

/** Mean and deviation of fewer values than this say nothing of how far values lie: of one the deviation is 0. */
const LEAST_CHUNKS = 2;

/** One metric of one subject in a chunk of the reference. */
export interface ReferenceEffect {
  readonly subject: string;
  readonly metric: string;
  readonly effect: number;
}

export type SigmaBases = ReadonlyMap<string, readonly number[]>;
const keyOf = (subject: string, metric: string): string => JSON.stringify([subject, metric]);

/** What bounds in standard deviations are taken from. */
export function sigmaBases(ofReference: readonly ReferenceEffect[]): SigmaBases {
  const groups = Map.groupBy(ofReference, ({ subject, metric }) => keyOf(subject, metric));
  return new Map([...groups].map(([key, members]) => [key, members.map(({ effect }) => effect)]));
}

/** mean ± k·σ (ddof 0) over the chunks of the reference, or the sentence why there is no such bound. */
export function sigmaBound(
  { count }: Extract<WrittenBound, { type: "sigma" }>,
  { subject, metric }: Pick<ReferenceEffect, "subject" | "metric">,
  bases: SigmaBases,
): Bound | string {
  const values = bases.get(keyOf(subject, metric)) ?? [];
  if (values.length < LEAST_CHUNKS)
    return `Not judged by ${count} sigma: that needs ${LEAST_CHUNKS} chunks of the reference with a value, and there ${values.length === 1 ? "is 1" : "are none"}.`;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const reach = count * Math.sqrt(variance);
  return { type: "outside", low: rounded(mean - reach), high: rounded(mean + reach) };
}
