import type { MonitoredRelation } from "../../cells/monitoring/selection.ts";
import { SqlError } from "../engine/sql-engine.ts";
import { CellProblem } from "../session/outcome.ts";
import type { Asking } from "./ask.ts";

/** A piece of SQL that a cell's author wrote, and the key under which it stands. */
export interface OwnSql {
  readonly key: string;
  readonly sql: string | null;
}

/** Refuses conditions over a relation's rows that cannot be read, each by its key. @throws CellProblem */
export async function refuseWrongConditions(
  asking: Asking,
  relation: MonitoredRelation,
  conditions: readonly OwnSql[],
): Promise<void> {
  for (const { key, sql } of conditions)
    if (sql !== null) await tried(asking, key, `SELECT 1 FROM ${relation.sql} WHERE (${sql}\n)`);
}

/** The same of expressions over rows. @throws CellProblem */
export async function refuseWrongExpressions(
  asking: Asking,
  relation: MonitoredRelation,
  expressions: readonly OwnSql[],
): Promise<void> {
  for (const { key, sql } of expressions)
    if (sql !== null) await tried(asking, key, `SELECT (${sql}\n) FROM ${relation.sql}`);
}

async function tried({ engine }: Asking, key: string, sql: string): Promise<void> {
  try {
    await engine.describe({ sql });
  } catch (error) {
    if (!(error instanceof SqlError) || !["failed", "refused", "syntax"].includes(error.kind)) throw error;
    const { message, hint } = error.problem;
    throw new CellProblem(`${key}: ${message.split("\n")[0]}`, hint);
  }
}
