import type { Column } from "../../cells/session/operation.ts";
import { isNumeric } from "../outputs/cell-text.ts";

/** The source of a Plot cell that draws a column of a table, or one column over another. */
export function quickChart(table: string, columns: readonly Column[]): string {
  const y = columns.find(({ type }) => isNumeric(type));
  const x =
    columns.find((column) => column !== y && /^(DATE|TIMESTAMP)/.test(column.type)) ??
    columns.find((column) => column !== y);
  const quoted = (column: Column | undefined): string => JSON.stringify(column?.name ?? "");
  const mark =
    y === undefined
      ? `Plot.barX(${table}, Plot.groupY({x: "count"}, {y: ${quoted(x)}, tip: true}))`
      : x === undefined
        ? `Plot.rectY(${table}, Plot.binX({y: "count"}, {x: ${quoted(y)}, tip: true}))`
        : /^(DATE|TIMESTAMP)/.test(x.type)
          ? `Plot.lineY(${table}, {x: ${quoted(x)}, y: ${quoted(y)}, tip: true})`
          : isNumeric(x.type)
            ? `Plot.dot(${table}, {x: ${quoted(x)}, y: ${quoted(y)}, tip: true})`
            : `Plot.barX(${table}, {x: ${quoted(y)}, y: ${quoted(x)}, tip: true})`;
  return `Plot.plot({\n  marginLeft: 80,\n  marks: [${mark}],\n})`;
}
