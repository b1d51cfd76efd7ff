import { relationsOf, type SqlReading } from "../../cells/analysis/sql/relations-of.ts";
import { type SplitSql, sourceOffset } from "../../cells/analysis/sql/split-sql-template.ts";
import { positionAt } from "../../cells/analysis/template/expression.ts";
import type { SqlEngine, SqlProblem } from "../engine/sql-engine.ts";

type SqlReads = Extract<SqlReading, { ok: true }>;

/** What a statement reads, asked of the engine without binding or running it; its problem if it has one. */
export async function readingOf(
  split: SplitSql,
  source: string,
  engine: SqlEngine,
): Promise<{ readonly reading: SqlReads; readonly problem: SqlProblem | null }> {
  const nothing = { ok: true, statements: 1, relations: [], files: [], unseeded: [] } as const;
  const inspection = await engine.inspect(split.text);
  if (!inspection.ok) return { reading: nothing, problem: inSource(inspection.problem, split, source) };
  // EXPLAIN has no tree: it reads nothing that would have to run before.
  if (inspection.ast === null) return { reading: nothing, problem: null };
  const reading = relationsOf(inspection.ast);
  return reading.ok ? { reading, problem: null } : { reading: nothing, problem: { message: reading.message } };
}

/** A bare name is another cell's result if there is one of that name; with a schema it is the workspace's. */
export function namesIn({ relations, files }: SqlReads): { readonly bare: string[]; readonly outside: string[] } {
  const bare = relations.filter(({ schema, catalog }) => schema === null && catalog === null).map(({ name }) => name);
  const schemas = relations.filter(({ schema }) => schema !== null).map(({ schema, name }) => `${schema}.${name}`);
  return { bare, outside: [...schemas, ...files] };
}

/** The engine's line and column, of the statement that it was given, as those of the cell. */
export function inSource(problem: SqlProblem, split: SplitSql, source: string): SqlProblem {
  if (problem.line === undefined) return problem;
  const lines = split.text.split("\n").slice(0, problem.line - 1);
  const offset = lines.reduce((sum, line) => sum + line.length + 1, 0) + (problem.column ?? 1) - 1;
  const position = positionAt(source, sourceOffset(split, offset));
  return problem.column === undefined ? { ...problem, line: position.line } : { ...problem, ...position };
}
