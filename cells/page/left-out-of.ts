import type { ContractColumns } from "../personal/contract-columns.ts";
import type { FlowState } from "../personal/personal-flow.ts";
import type { LeftOut, ReportChoices } from "../wire/http-reports.ts";
import type { PageTable } from "./page-parts.ts";
import { reportSelection } from "./report-selection.ts";

/**
 * What readers would not see if this were published: of cells that ran by what they gave, of the others by their text.
 * `tables` are rows of cells, where they are at hand.
 */
export function leftOutOf(
  state: FlowState,
  tables: ReadonlyMap<string, PageTable>,
  choices: Pick<ReportChoices, "tables" | "personal">,
  contractColumns: ContractColumns,
): LeftOut[] {
  const selection = reportSelection(state, { ...choices, showCode: false }, contractColumns);
  const found = new Map<string, LeftOut>();
  for (const cell of state.document.cells) {
    if (cell.kind === "input") continue;
    const run = state.runs[cell.id];
    const columns = run?.result?.table?.columns;
    const table = tables.get(cell.id) ?? (columns === undefined ? undefined : { columns, rows: [], rowCount: 0 });
    const left =
      run === undefined
        ? selection.expected(cell)
        : [
            ...(cell.kind === "prose" ? selection.texts(cell, []).left : []),
            ...run.displays.flatMap((display) => selection.display(cell, display).left),
            ...(table === undefined ? [] : selection.table(cell, table).left),
          ];
    for (const one of left) found.set(`${cell.id} ${one.sentence}`, one);
  }
  return [...found.values()];
}

/** Names of cells whose table is shown only where single rows are chosen, all or it alone. */
export function tablesOfRows(
  state: FlowState,
  tables: ReadonlyMap<string, PageTable>,
  { personal }: Pick<ReportChoices, "personal">,
  contractColumns: ContractColumns,
): string[] {
  const sentences = (chosen: ReportChoices["tables"]) =>
    leftOutOf(state, tables, { personal, tables: chosen }, contractColumns);
  const always = new Set(sentences("all").map(({ sentence }) => sentence));
  const names = sentences("aggregates").flatMap(({ cell, sentence }) =>
    cell === null || always.has(sentence) ? [] : [cell],
  );
  return [...new Set(names)];
}
