import type { Selection } from "../../cells/monitoring/selection.ts";
import type { CheckDisplay } from "../../cells/results/monitor-display.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask } from "./ask.ts";
import { answerOrProblem } from "./or-problem.ts";

const FAILING_ROWS = 10;
const MASKED = "(personal)";

/** The first ten rows that break an expectation, in an order of their own, personal values masked. */
export async function failingRows(
  asking: Asking,
  sql: string,
  title: string,
  selection: Selection,
): Promise<CheckDisplay["checks"][number]["rows"] | string> {
  const personal = personalColumns(selection);
  const statement = duckdbDialect.firstRows(sql, FAILING_ROWS);
  const rows = await answerOrProblem(() => ask(asking, title, statement));
  if (typeof rows === "string") return rows;
  const shown = (name: string, value: unknown): string | null =>
    value === null ? null : personal.has(name) ? MASKED : String(value);
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shown(name, value)])));
}

/** Columns that the contract calls personal, and the copy of one of them as entity. */
function personalColumns({ relation: { roles } }: Selection): ReadonlySet<string> {
  const names = roles?.features.filter(({ personal }) => personal).map(({ name }) => name) ?? [];
  return new Set(
    roles !== null && roles.entity !== null && names.includes(roles.entity) ? [...names, "entity_id"] : names,
  );
}
