import type { Display } from "./display.ts";
import { judgedReadings, type Reading } from "./reading.ts";

/** What a cell measured over; null where the relation has no time. A cell that measures twice has two. */
export interface MeasuredWindow {
  readonly cell: string;
  readonly window: [start: string, end: string] | null;
}

/** The windows of a run's measurements, in the order of its cells: what they were, not what the run was asked for. */
export function measuredWindows(
  cells: readonly { readonly id: string; readonly name: string | null; readonly readings: readonly Reading[] }[],
  runs: Readonly<Record<string, { readonly displays: readonly Display[] }>>,
): MeasuredWindow[] {
  return cells.flatMap(({ id, name, readings }) => {
    const shown = (runs[id]?.displays ?? []).flatMap((one) =>
      one.type === "drift" || one.type === "kpi" || one.type === "check" ? [one.window] : [],
    );
    // What measures without showing it has its readings alone: pieces of time lie within the whole.
    const read = judgedReadings(readings).map(({ window }) => window);
    const windows = shown.length > 0 ? shown : read.filter((one) => !read.some((other) => isWithin(one, other)));
    const distinct = new Map(windows.map((window) => [windowKey(window), window]));
    return [...distinct.values()].map(
      (window): MeasuredWindow => ({ cell: name ?? id, window: window && [...window] }),
    );
  });
}

/** The same for windows that are written otherwise and are the same. */
export const windowKey = (window: Reading["window"]): string =>
  window === null ? "" : window.map((time) => Date.parse(time)).join("/");

function isWithin(one: Reading["window"], other: Reading["window"]): boolean {
  if (one === null || other === null || windowKey(one) === windowKey(other)) return false;
  return Date.parse(other[0]) <= Date.parse(one[0]) && Date.parse(one[1]) <= Date.parse(other[1]);
}
