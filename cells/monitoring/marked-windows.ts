import type { ShownMark } from "../results/monitor-display.ts";
import type { ResolvedWindow } from "../session/operation.ts";
import { compareInstants } from "../time/instant.ts";
import type { Mark } from "./mark.ts";
import { asPair } from "./shown-window.ts";

/** Some rows by their stream and window: null for rows of no stream, or of all time. */
interface Rows {
  readonly stream: string | null;
  readonly window: ResolvedWindow | null;
}

const touch = (one: ResolvedWindow, other: ResolvedWindow | null): boolean =>
  other === null || (compareInstants(one.start, other.end) < 0 && compareInstants(other.start, one.end) < 0);

export function marksOn(marks: readonly Mark[], { stream, window }: Rows): Mark[] {
  return marks.filter((mark) => mark.stream === stream && touch(mark.window, window));
}

/** Whose rows do not count where marks exclude. */
export function excludedWindows(marks: readonly Mark[], rows: Rows): ResolvedWindow[] {
  return marksOn(marks, rows)
    .filter(({ excludes }) => excludes)
    .map(({ window }) => window);
}

/** The marks that touch any of the rows, as views draw them, oldest first. */
export function shownMarks(marks: readonly Mark[], rows: readonly Rows[]): ShownMark[] {
  const found = new Set(rows.flatMap((one) => marksOn(marks, one)));
  return [...found]
    .toSorted((a, b) => compareInstants(a.window.start, b.window.start))
    .map(({ window, note, excludes }) => ({ window: asPair(window)!, note, excludes }));
}

/** "2 marks exclude 3 days of the reference: outage, fraud attack"; nothing where none does. */
export function exclusionNotes(marks: readonly Mark[], rows: Rows, title: string): string[] {
  const excluding = marksOn(marks, rows).filter(({ excludes }) => excludes);
  if (excluding.length === 0) return [];
  const verb = excluding.length === 1 ? "mark excludes" : "marks exclude";
  const names = [...new Set(excluding.map(({ note }) => note))].join(", ");
  return [`${excluding.length} ${verb} ${lengthText(coveredMillis(excluding, rows.window))} of the ${title}: ${names}`];
}

/** Time that the windows cover together within `bounds`. */
function coveredMillis(marks: readonly Mark[], bounds: ResolvedWindow | null): number {
  const [low, high] = bounds === null ? [-Infinity, Infinity] : [Date.parse(bounds.start), Date.parse(bounds.end)];
  const spans = marks
    .map(({ window }) => [Math.max(low, Date.parse(window.start)), Math.min(high, Date.parse(window.end))] as const)
    .toSorted((a, b) => a[0] - b[0]);
  let [covered, until] = [0, -Infinity];
  for (const [start, end] of spans) {
    covered += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return covered;
}

const LENGTHS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

function lengthText(millis: number): string {
  // A day of 23 hours is a day as well.
  const [name, size] = LENGTHS.find(([, one]) => millis >= one * 0.95) ?? LENGTHS[2];
  const count = Number((millis / size).toFixed(1));
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
