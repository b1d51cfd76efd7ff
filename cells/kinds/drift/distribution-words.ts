import { shareText } from "../../views/number-text.ts";

interface Shares {
  readonly label: string;
  readonly reference: number;
  readonly current: number;
}

const MOST = 3;

/** The bins that changed most, in words. */
export function distributionWords(subject: string, bins: readonly Shares[]): string {
  if (bins.length === 0) return `Distribution of ${subject}: no values.`;
  const size = (one: Shares): number => Math.abs(one.current - one.reference);
  const told = bins
    .toSorted((a, b) => size(b) - size(a))
    .slice(0, MOST)
    .map(({ label, reference, current }) => ({ label, before: shareText(reference), now: shareText(current) }))
    .filter(({ before, now }) => before !== now)
    .map(({ label, before, now }) => `${label} from ${before} to ${now}`);
  const changes = told.length === 0 ? "no share changed" : `largest changes: ${told.join("; ")}`;
  return `Distribution of ${subject}, reference against current; ${changes}.`;
}
