import { parseDocument as parseYamlDocument } from "yaml";
import { type Cell, lastingId } from "../../cells/document/document.ts";
import type { FrozenVersion } from "../../cells/jobs/version.ts";
import { isMonitoring, mayHaveBounds } from "../../cells/kinds/kinds.ts";
import { isLiteralWindow, parseWindow } from "../../cells/time/window.ts";

/** By id of a cell that measures: the window that its own text states. */
export function ownWindowsOf(cells: readonly Cell[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const cell of cells) {
    const own = isMonitoring(cell.kind) ? parseYamlDocument(cell.source).get("window") : undefined;
    if (typeof own === "string") found.set(cell.id, own);
  }
  return found;
}

interface Around {
  readonly ownWindows: ReadonlyMap<string, string>;
  /** The window that the job itself states, not its notebook. */
  readonly asked: string | null;
  /** Sentences on relations that are not there. */
  readonly unknown: readonly string[];
}

/** What whoever promotes should know; sentences. */
export function promotionWarnings(
  { window, contracts }: FrozenVersion,
  cells: readonly Cell[],
  { ownWindows, asked, unknown }: Around,
): string[] {
  const found = unknown.map((sentence) => `${sentence} Until there is, every run fails.`);
  const literal = (text: string): boolean => {
    const read = parseWindow(text);
    return read.ok && isLiteralWindow(read.window);
  };
  if (window !== null && literal(window))
    found.push(`The window ${window} stays what it is: every run measures the same days.`);
  for (const cell of cells) {
    const own = ownWindows.get(cell.id);
    if (own === undefined) continue;
    if (window !== null && asked !== null && asked !== own)
      found.push(`The cell ${lastingId(cell)} has the window ${own} of its own: the job's window has no effect on it.`);
    if (literal(own))
      found.push(
        `The cell ${lastingId(cell)} has the window ${own}, which stays what it is: every run measures the same days.`,
      );
  }
  if (!cells.some(({ kind }) => mayHaveBounds(kind)))
    found.push(
      "Nothing here measures (drift, kpi, check): runs keep their tables, and no alert can come of them but of errors.",
    );
  if (contracts.length === 0 && unknown.length === 0 && cells.some(({ kind }) => isMonitoring(kind)))
    found.push("No stream is read: runs will not wait for data.");
  return found;
}
