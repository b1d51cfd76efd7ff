import { splitSqlTemplate } from "../analysis/sql/split-sql-template.ts";
import { analyseTypeScript } from "../analysis/typescript/analyse-typescript.ts";
import type { Cell } from "../document/document.ts";
import { isMonitoring } from "../kinds/kinds.ts";
import { isAggregate } from "../personal/is-aggregate.ts";
import { personalTrace } from "../personal/personal-columns.ts";
import type { FlowState } from "../personal/personal-flow.ts";
import { allRelations, namedQueries } from "../personal/sql-relations.ts";
import { tokensOf } from "../personal/sql-words.ts";
import { sessionGraph } from "../session/derived.ts";

/** By these a TypeScript cell gets what no SQL gave it. */
const FROM_ELSEWHERE = /\b(?:fetch|Deno|WebSocket|EventSource|import)\b/;

/**
 * Whether the tables of a cell are of single rows, unless it is known that they are not: SQL that aggregates, or selects
 * from what does, and TypeScript all of whose tables come from such. `identities` are the names of single events.
 */
export function rowCells(state: FlowState, identities: ReadonlySet<string>): (cell: Cell) => boolean {
  const { cells } = state.document;
  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  const byName = new Map(
    cells.flatMap((cell) => (cell.name === null ? [] : [[cell.name.toLowerCase(), cell] as const])),
  );
  const { parents } = sessionGraph(state);
  const named = identityNames(cells, identities);

  const isOfRows = (cell: Cell, seen: ReadonlySet<string>): boolean => {
    if (isMonitoring(cell.kind) || cell.kind === "input") return false;
    if (seen.has(cell.id)) return true;
    const within = new Set([...seen, cell.id]);
    if (cell.kind === "sql")
      return isStatementOfRows(splitSqlTemplate(cell.source).text, state.analyses[cell.id]?.relations ?? [], within);
    const analysis = state.analyses[cell.id];
    if (cell.kind !== "ts" || analysis === undefined || FROM_ELSEWHERE.test(cell.source)) return true;
    const { sqlTemplates } = analyseTypeScript(cell.source);
    return (
      sqlTemplates.some((statement) => isStatementOfRows(statement, [], within)) ||
      (parents.get(cell.id) ?? []).some((id) => isOfRows(byId.get(id)!, within))
    );
  };
  const isStatementOfRows = (statement: string, outside: readonly string[], seen: ReadonlySet<string>): boolean => {
    const { columns, unclear } = personalTrace(statement, named);
    if (columns.length > 0 || unclear) return true;
    if (isAggregate(statement)) return false;
    // A selection from what is aggregated already.
    const tokens = tokensOf(statement);
    const { queries } = namedQueries(tokens);
    const sources = allRelations(tokens)
      .filter(({ path, inner }) => inner === null && !queries.has(path ?? ""))
      .map(({ path }) => byName.get(path ?? ""));
    return (
      outside.length > 0 || sources.length === 0 || sources.some((one) => one === undefined || isOfRows(one, seen))
    );
  };
  return (cell) => isOfRows(cell, new Set());
}

/** What one cell calls a column another reads: until no cell gives one another name. */
function identityNames(cells: readonly Cell[], identities: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set(identities);
  for (let size = -1; size !== names.size; ) {
    size = names.size;
    for (const cell of cells)
      if (cell.kind === "sql")
        for (const name of personalTrace(splitSqlTemplate(cell.source).text, names).columns) names.add(name);
  }
  return names;
}
