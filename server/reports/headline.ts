import type { Selection } from "../../cells/page/report-selection.ts";
import { standingOf } from "../../cells/results/reading.ts";
import type { SessionState } from "../../cells/session/state.ts";
import { readingUnit } from "../../cells/views/reading-words.ts";
import type { NotebookOutcome } from "../../kernels/session/run-notebook.ts";
import type { MeasuredHeadline } from "../../workspaces/reports/report-store.ts";

/**
 * The readings that a notebook's front matter calls its headline: "fraud_kpis.recall", or with a column
 * "score_drift.amount.psi". Of several pieces of time the longest, the whole window. Names that measured nothing are left
 * out, and so are values that readers may not see.
 */
export function headlineOf(
  names: readonly string[],
  { cells }: Pick<NotebookOutcome, "cells">,
  { document, runs }: Pick<SessionState, "document" | "runs">,
  { isShownMetric }: Pick<Selection, "isShownMetric">,
): MeasuredHeadline[] {
  return names.flatMap((name) => {
    const [cellName, ...rest] = name.split(".");
    const metric = rest.at(-1);
    const subject = rest.length > 1 ? rest.slice(0, -1).join(".") : null;
    const cell = cells.find((one) => one.name === cellName);
    const found = (cell?.readings ?? [])
      .filter(
        (one) =>
          one.beside !== true &&
          one.slice === null &&
          one.metric === metric &&
          (subject === null || one.subject === subject),
      )
      .toSorted((a, b) => lengthOf(b.window) - lengthOf(a.window))[0];
    const source = document.cells.find(({ id }) => id === cell?.id);
    if (cell === undefined || source === undefined || found === undefined) return [];
    if (!isShownMetric(source, found.metric)) return [];
    const { value, lower, upper, n, verdict } = found;
    const shown = (runs[cell.id]?.displays ?? []).flatMap((one) => (one.type === "kpi" ? one.values : []));
    const unit = shown.find((one) => one.metric === metric)?.unit ?? readingUnit(found);
    return [{ name, unit, value, lower, upper, n, verdict, standing: standingOf(found) }];
  });
}

const lengthOf = (window: readonly [string, string] | null): number =>
  window === null ? Number.POSITIVE_INFINITY : Date.parse(window[1]) - Date.parse(window[0]);
