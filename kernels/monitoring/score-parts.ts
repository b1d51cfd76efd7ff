import type { ScoreTally } from "../../cells/kinds/kpi/kpi-groups.ts";
import { type Asking, askTable } from "./ask.ts";

/** The rows of each part, as columns: there may be a million of them. */
export async function scoreParts(asking: Asking, sql: string): Promise<Map<number, ScoreTally>> {
  const table = await askTable(asking, "classes by score", sql);
  const column = (name: string): Float64Array =>
    table.numRows === 0 ? new Float64Array(0) : Float64Array.from(table.getChild(name).toArray() as ArrayLike<number>);
  const part = column("part");
  const [scores, positives, negatives, rows, ifAlerted, ifPassed] = (
    ["score", "positives", "negatives", "n", "if_alerted", "if_passed"] as const
  ).map(column) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const found = new Map<number, ScoreTally>();
  for (let start = 0, end = 0; start < part.length; start = end) {
    while (end < part.length && part[end] === part[start]) end += 1;
    const cut = (values: Float64Array): Float64Array => values.subarray(start, end);
    found.set(part[start]!, {
      scores: cut(scores),
      positives: cut(positives),
      negatives: cut(negatives),
      rows: cut(rows),
      ifAlerted: cut(ifAlerted),
      ifPassed: cut(ifPassed),
    });
  }
  return found;
}

export const NO_SCORES: ScoreTally = {
  scores: new Float64Array(0),
  positives: new Float64Array(0),
  negatives: new Float64Array(0),
  rows: new Float64Array(0),
  ifAlerted: new Float64Array(0),
  ifPassed: new Float64Array(0),
};
