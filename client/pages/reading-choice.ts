import type { ReadingLine } from "../../cells/wire/http-readings.ts";

type Placed = Pick<ReadingLine, "id" | "window" | "asOf" | "provisional">;

/**
 * What a reader most likely asks about: the same window as it was known before, else the window before of the same
 * length, else what the cell said before it was edited, else any; a settled value against a settled one, where there is one.
 * Null where there is no other.
 */
export function usualComparison<T extends Placed>(reading: Placed, history: readonly T[]): T | null {
  const all = history.filter(({ id }) => id !== reading.id);
  const alikeSettled = all.filter(({ provisional }) => provisional === reading.provisional);
  const others = alikeSettled.length > 0 ? alikeSettled : all;
  const earlier = others.filter((one) => isSameWindow(one, reading) && one.asOf < reading.asOf);
  if (earlier.length > 0) return latest(earlier, ({ asOf }) => asOf);
  const before = others.filter(({ window }) => startOf(window) < startOf(reading.window));
  const alike = before.filter((one) => isSameLength(one, reading));
  const place = ({ window, asOf }: T): string => `${startOf(window)} ${asOf}`;
  if (alike.length > 0) return latest(alike, place);
  const edited = others.find((one) => isSameWindow(one, reading) && one.asOf === reading.asOf);
  if (edited !== undefined) return edited;
  return before.length > 0 ? latest(before, place) : (others.at(-1) ?? null);
}

export const isSameWindow = (one: Placed, other: Placed): boolean =>
  one.window?.[0] === other.window?.[0] && one.window?.[1] === other.window?.[1];

/** Months differ in length, and days where clocks change. */
const LENGTH_TOLERANCE = 0.12;

/** Whether a line through both compares like with like. */
export function isSameLength(one: Placed, other: Placed): boolean {
  if (one.window === null || other.window === null) return one.window === other.window;
  const [length, usual] = [one.window, other.window].map(([start, end]) => Date.parse(end) - Date.parse(start)) as [
    number,
    number,
  ];
  return Math.abs(length - usual) <= LENGTH_TOLERANCE * usual;
}

/** Those of the same length of window, and the others; both in their order. */
export function byLength<T extends Placed>(
  reading: Placed,
  lines: readonly T[],
): readonly [readonly T[], readonly T[]] {
  return [lines.filter((one) => isSameLength(one, reading)), lines.filter((one) => !isSameLength(one, reading))];
}

/** Those of the most frequent length of window: pieces of time within a whole, which a line may go through. */
export function mostOfOneLength<T extends Placed>(lines: readonly T[]): readonly T[] {
  const groups: T[][] = [];
  for (const line of lines) {
    const group = groups.find(([first]) => isSameLength(line, first!));
    if (group === undefined) groups.push([line]);
    else group.push(line);
  }
  return groups.reduce<readonly T[]>((most, group) => (group.length > most.length ? group : most), []);
}

const startOf = (window: Placed["window"]): string => window?.[0] ?? "";

function latest<T>(lines: readonly T[], key: (line: T) => string): T {
  return lines.reduce((found, line) => (key(line) >= key(found) ? line : found));
}
