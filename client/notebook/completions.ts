import type { Completion } from "@codemirror/autocomplete";
import { CELL_NAMES, SESSION_NAMES } from "../../cells/analysis/typescript/known-names.ts";
import { findCell } from "../../cells/document/document.ts";
import { KINDS } from "../../cells/kinds/kinds.ts";
import { MONITOR_TABLES } from "../../cells/monitoring/monitor-tables.ts";
import type { SessionState } from "../../cells/session/state.ts";
import type { WorkspaceView } from "../../cells/wire/http-workspace.ts";

/** What can be typed into a cell: names of other cells, columns of results, and what its kind is given. */
export function completionsOf(
  state: SessionState,
  cell: string,
  { relations, textOf }: { readonly relations: readonly Completion[]; readonly textOf: (cell: string) => string },
): readonly Completion[] {
  const names = state.document.cells.flatMap((other) =>
    other.id === cell
      ? []
      : (state.analyses[other.id]?.defines ?? []).map((label) => ({
          label,
          type: other.kind === "sql" ? "class" : "variable",
          detail: KINDS[other.kind].label,
        })),
  );
  const columns = Object.values(state.runs).flatMap((run) =>
    (run.result?.table?.columns ?? []).map(({ name, type }) => ({ label: name, type: "property", detail: type })),
  );
  const kind = findCell(state.document, cell)?.kind;
  const given = kind === "ts" ? GIVEN : kind === "sql" ? SQL_WORDS : [];
  if (kind === "sql" && /\bmonitor\b/i.test(textOf(cell))) columns.push(...MONITOR_COLUMNS);
  return dedupe([...names, ...(kind === "sql" ? relations : []), ...columns, ...given]);
}

/** The tables of a workspace, as SQL names them. */
export function relationsOf({ streams }: Pick<WorkspaceView, "streams">): readonly Completion[] {
  const ofStreams = streams.flatMap(({ name }) =>
    ["decisions", "feedback", "outcomes", "quarantine"].map((log) => ({
      label: `${name}.${log}`,
      type: "class",
      detail: "stream",
    })),
  );
  return [...ofStreams, ...MONITOR_NAMES];
}

const GIVEN: readonly Completion[] = [...CELL_NAMES, ...SESSION_NAMES].map((label) => ({
  label,
  type: "function",
  detail: "given",
}));
const SQL_WORDS: readonly Completion[] =
  "SELECT FROM WHERE GROUP BY ALL ORDER LIMIT JOIN LEFT USING ON AS WITH HAVING QUALIFY FILTER OVER PARTITION count sum avg min max quantile_cont date_trunc coalesce nullif CASE WHEN THEN ELSE END AND OR NOT NULL IS IN BETWEEN LIKE INTERVAL"
    .split(" ")
    .map((label) => ({ label, type: "keyword" }));

const MONITOR_NAMES: readonly Completion[] = Object.entries(MONITOR_TABLES).map(([name, { about }]) => ({
  ...{ label: `monitor.${name}`, type: "class", detail: "jobs", info: about },
}));
const MONITOR_COLUMNS = Object.entries(MONITOR_TABLES).flatMap(([table, { columns }]) =>
  Object.entries<readonly [type: string, about: string]>(columns).map(([label, [type, info]]) => ({
    ...{ label, type: "property", detail: `monitor.${table}, ${type}`, info },
  })),
);

function dedupe(completions: readonly Completion[]): readonly Completion[] {
  const seen = new Set<string>();
  return completions.filter(({ label }) => !seen.has(label) && seen.add(label));
}
