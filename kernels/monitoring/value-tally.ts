import type { SubjectGroup } from "../../cells/kinds/drift/drift-counts.ts";
import * as plan from "../../cells/kinds/drift/drift-plan.ts";
import type { MonitoredColumn } from "../../cells/monitoring/selection.ts";
import type { Tally } from "../../cells/statistics/drift/tally.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, askTable } from "./ask.ts";
import type { DriftSides } from "./drift-sides.ts";
import { rowsOfGroup } from "./rows-of-group.ts";

const dialect = duckdbDialect;

/** Distinct values with their counts on both sides, in their order. */
export async function tally(
  asking: Asking,
  sides: DriftSides,
  column: MonitoredColumn,
  group: SubjectGroup,
): Promise<Tally> {
  const { reference, current } = rowsOfGroup(sides, group);
  const [r, c] = [reference, current].map((selection) => plan.valuesOf(selection, column, dialect));
  const sql = `SELECT v, CAST(sum(r) AS DOUBLE PRECISION) AS r, CAST(sum(c) AS DOUBLE PRECISION) AS c FROM (SELECT v, 1 AS r, 0 AS c FROM (${r}) UNION ALL SELECT v, 0, 1 FROM (${c})) GROUP BY v ORDER BY v`;
  const table = await askTable(asking, `distinct values of ${column.name} on both sides`, sql);
  const [values, ofReference, ofCurrent] = ["v", "r", "c"].map((name) =>
    Float64Array.from(table.getChild(name).toArray() as Iterable<number>),
  );
  return { values: values!, reference: ofReference!, current: ofCurrent! };
}
