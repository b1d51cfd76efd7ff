import { parse, stringify } from "yaml";
import { type Document, findCell } from "../../cells/document/document.ts";
import { changeSource } from "../../cells/document/edit-document.ts";
import type { Measurement } from "../../cells/results/measurement.ts";
import type { Reading } from "../../cells/results/reading.ts";

type Written = Record<string, unknown>;

/**
 * The kept notebook asking for the one value alone, over a window that does not move with the as-of: an explanation
 * runs it many times. What is left out (bounds, other metrics, slices) has no part in the value. A cell that is no
 * YAML of ours stays as it is.
 */
export function narrowed(
  document: Document,
  cell: string,
  pick: Pick<Reading, "metric" | "subject" | "slice" | "window">,
  measured: Measurement["measured"],
): Document {
  const found = findCell(document, cell);
  if (found === undefined || (found.kind !== "drift" && found.kind !== "kpi" && found.kind !== "check"))
    return document;
  const written = parse(found.source) as Written;
  const window = measured === null ? {} : { window: measured.join("/") };
  const one: Written = { ...(found.kind === "check" ? written : ONLY[found.kind](written, pick)), ...window };
  if (pick.slice === null) delete one.by;
  const isWhole = measured === null || pick.window === null || pick.window.join() === measured.join();
  if (isWhole) delete one.every;
  return changeSource(document, cell, stringify(one).trimEnd());
}

const ONLY: Record<"drift" | "kpi", (written: Written, pick: Pick<Reading, "metric" | "subject">) => Written> = {
  drift: ({ warn: _warn, fail: _fail, ...rest }, { metric, subject }) => ({
    ...rest,
    ...(subject === null ? {} : { columns: [subject] }),
    // Shares of missing and new values are always read; they are no metrics to ask for.
    ...(metric.endsWith("_share") ? {} : { metrics: [metric] }),
  }),
  // An estimate, and what was known then, stand beside the value.
  kpi: ({ warn: _warn, fail: _fail, estimate: _estimate, known_after: _known, define, ...rest }, { metric }) => {
    const own = (define as Written | undefined)?.[metric];
    return own === undefined ? { ...rest, metrics: [metric] } : { ...rest, define: { [metric]: own } };
  },
};
