import { shareText } from "../../views/number-text.ts";

interface Shares {
  readonly label: string;
  readonly reference: number;
  readonly current: number;
}

/** The bins that changed most, in words. */
export function distributionWords(subject: string, boxes: readonly Shares[]): string {
  const change = (one: Shares): number => Math.abs(one.current - one.reference);
  const most = boxes.toSorted((a, b) => change(b) - change(a)).slice(0, 3);
  if (most.length === 0) return `Distribution of ${subject}: no values.`;
  const told = most.map(
    ({ label, reference, current }) => `${label} from ${shareText(reference)} to ${shareText(current)}`,
  );
  return `Distribution of ${subject}, reference against current; largest changes: ${told.join("; ")}.`;
}
