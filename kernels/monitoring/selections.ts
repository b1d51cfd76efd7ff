import { excludedWindows } from "../../cells/monitoring/marked-windows.ts";
import type { MonitoredRelation, Selection } from "../../cells/monitoring/selection.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { CellProblem } from "../session/outcome.ts";
import type { MeasureContext, WindowAround } from "./measure-context.ts";

/** The rows that a cell measures: its own window, else the notebook's where the relation has a time. */
export function measuredSelection(
  relation: MonitoredRelation,
  { window, where }: { readonly window: string | null; readonly where: string | null },
  context: MeasureContext,
  around: WindowAround = {},
): Selection {
  if (window !== null && relation.time === null)
    throw new CellProblem(
      `window: ${relation.title} has no column of times that a window could cut.`,
      "Leave the window out, or give the relation one column of type TIMESTAMP or DATE.",
    );
  const resolved =
    window === null ? (relation.time === null ? null : context.window) : context.resolveWindow(window, around);
  return { relation, window: resolved, where, excluded: [] };
}

/** The selection without the rows that marks exclude. */
export function withoutMarked(selection: Selection, { marks }: MeasureContext): Selection {
  return { ...selection, excluded: excludedWindows(marks, markable(selection)) };
}

/** For looking at other windows of the same rows. */
export function withoutMarkedEver(selection: Selection, context: MeasureContext): Selection {
  return { ...selection, excluded: withoutMarked({ ...selection, window: null }, context).excluded };
}

/** What marks are looked up by: rows without a time cannot lie in a window. */
export function markable({ relation, window }: Selection): {
  readonly stream: string | null;
  readonly window: ResolvedWindow | null;
} {
  return { stream: relation.time === null ? null : (relation.roles?.stream ?? null), window };
}

/** The window that ends where this one begins, as long. */
export function windowBefore({ start, end }: ResolvedWindow): ResolvedWindow {
  return shifted({ start, end }, Date.parse(end) - Date.parse(start));
}

function shifted({ start, end }: ResolvedWindow, millis: number): ResolvedWindow {
  const earlier = (iso: string): string => new Date(Date.parse(iso) - millis).toISOString();
  return { start: earlier(start), end: earlier(end) };
}
