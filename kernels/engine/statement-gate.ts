/**
 * The statement gate: what a user's SQL text may be. Exactly one statement, SELECT or EXPLAIN of a SELECT, that calls
 * permitted functions only. DuckDB's own parser decides what the text is: `json_serialize_sql` accepts nothing but
 * SELECT, and gives the tree in which functions are found at every depth.
 *
 * The gate is one wall of two: the instance itself is locked (see `engine-database.ts`).
 */
import {
  CLOCK_FUNCTIONS,
  REFUSED_SCALAR_FUNCTIONS,
  REFUSED_TABLE_FUNCTIONS,
  TABLE_FUNCTIONS,
} from "./permitted-functions.ts";
import type { SqlInspection, SqlProblem } from "./sql-engine.ts";
import { placeAt } from "./sql-problem.ts";

const ALLOWED =
  "A SQL cell is one statement that reads: SELECT (also WITH, FROM, VALUES, PIVOT … IN, SUMMARIZE, DESCRIBE) or EXPLAIN.";
const PIVOT_HINT =
  "Name the values: PIVOT t ON column IN ('a', 'b') USING sum(x). Without IN its columns depend on the data.";

/** What DuckDB is asked for: a text as `json_serialize_sql` gives it, and how many statements a text holds. */
export interface Parser {
  serialise(sql: string): Promise<string>;
  countStatements(sql: string): Promise<number>;
  /** Names of table macros made by this program; they may be called as well. */
  readonly ownTableMacros: ReadonlySet<string>;
}

interface Serialised {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly position?: string;
  readonly statements?: readonly unknown[];
}

export async function inspectStatement(sql: string, parser: Parser): Promise<SqlInspection> {
  const explained = withoutExplain(sql);
  const text = explained ?? sql;
  // Same length, so that positions stay right: what stood before is blanked, line breaks kept.
  const padded = sql.slice(0, sql.length - text.length).replaceAll(/[^\n]/g, " ") + text;
  if (isBlank(text)) return refuse("syntax", { message: "There is no statement here.", hint: ALLOWED });
  const serialised = JSON.parse(await parser.serialise(padded)) as Serialised;
  if (serialised.error) return refusal(serialised, sql, text, parser);
  const { statements = [] } = serialised;
  if (statements.length !== 1) return refuse("refused", severalStatements(statements.length));
  const forbidden = forbiddenCall(statements[0], sql, parser.ownTableMacros);
  if (forbidden !== null) return refuse("refused", forbidden);
  if (explained !== null) return { ok: true, statement: "explain", ast: null };
  return { ok: true, statement: "select", ast: serialised };
}

async function refusal(serialised: Serialised, sql: string, text: string, parser: Parser): Promise<SqlInspection> {
  if (serialised.error_type === "parser") {
    const place = serialised.position === undefined ? {} : placeAt(sql, Number(serialised.position));
    const writing = /A CTE needs a SELECT/.test(serialised.error_message ?? "");
    if (writing) return refuse("refused", { message: "A WITH clause may only read.", ...place, hint: ALLOWED });
    return refuse("syntax", { message: capitalised(serialised.error_message ?? "syntax error"), ...place });
  }
  const keyword = firstWord(text);
  // A PIVOT without IN is split by the parser into a CREATE TYPE and a SELECT.
  if (/\bpivot\b/i.test(text) && !WRITING_KEYWORDS.has(keyword))
    return refuse("refused", { message: "PIVOT needs its IN list here.", hint: PIVOT_HINT });
  const count = await parser.countStatements(text).catch(() => 1);
  if (count > 1) return refuse("refused", severalStatements(count));
  return refuse("refused", { message: `${keyword} is not allowed in a SQL cell.`, hint: ALLOWED });
}

const WRITING_KEYWORDS = new Set([
  "CREATE",
  "INSERT",
  "UPDATE",
  "DELETE",
  "COPY",
  "ATTACH",
  "EXPORT",
  "MERGE",
  "PREPARE",
]);

const severalStatements = (count: number): SqlProblem => ({
  message: `There are ${count} statements; a SQL cell is exactly one.`,
  hint: "Put each in a cell of its own and name it; other cells can read it by that name in FROM.",
});

function refuse(kind: "syntax" | "refused", problem: SqlProblem): SqlInspection {
  return { ok: false, kind, problem };
}

/** The first call that is not permitted, anywhere in the tree. */
function forbiddenCall(tree: unknown, sql: string, ownTableMacros: ReadonlySet<string>): SqlProblem | null {
  const waiting: unknown[] = [tree];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (typeof node !== "object" || node === null) continue;
    const problem = Array.isArray(node) ? null : problemOfNode(node as Node, sql, ownTableMacros);
    if (problem !== null) return problem;
    waiting.push(...Object.values(node));
  }
  return null;
}

type Node = {
  readonly type?: unknown;
  readonly class?: unknown;
  readonly function?: Node;
  readonly function_name?: unknown;
  readonly schema?: unknown;
  readonly catalog?: unknown;
  readonly query_location?: unknown;
};

function problemOfNode(node: Node, sql: string, ownTableMacros: ReadonlySet<string>): SqlProblem | null {
  if (node.type === "TABLE_FUNCTION") {
    const name = String(node.function?.function_name).toLowerCase();
    if (TABLE_FUNCTIONS.has(name) || ownTableMacros.has(name)) return null;
    return forbidden(
      name,
      REFUSED_TABLE_FUNCTIONS[name] ?? "it is not among the table functions that a cell may use",
      node,
      sql,
    );
  }
  if (node.class !== "FUNCTION") return null;
  const name = String(node.function_name).toLowerCase();
  const reason = REFUSED_SCALAR_FUNCTIONS[name];
  if (reason !== undefined) return forbidden(name, reason, node, sql);
  const qualified = (node.schema ?? "") !== "" || (node.catalog ?? "") !== "";
  if (qualified && CLOCK_FUNCTIONS.has(name))
    return forbidden(
      name,
      "with a schema before it, it would tell the clock's time; without one it tells the as-of time",
      node,
      sql,
    );
  return null;
}

function forbidden(name: string, reason: string, node: Node, sql: string): SqlProblem {
  const at = Number(node.query_location);
  const place = Number.isSafeInteger(at) && at <= sql.length ? placeAt(sql, at) : {};
  return { message: `${name}() is not allowed in a SQL cell: ${reason}.`, ...place, hint: ALLOWED };
}

/** What stands after EXPLAIN, EXPLAIN ANALYZE or EXPLAIN (options); null when the text does not begin so. */
export function withoutExplain(sql: string): string | null {
  const start = skipBlank(sql, 0);
  const match = /^explain\b/i.exec(sql.slice(start));
  if (match === null) return null;
  let at = skipBlank(sql, start + match[0].length);
  const analyze = /^analyze\b/i.exec(sql.slice(at));
  if (analyze !== null) at = skipBlank(sql, at + analyze[0].length);
  // Options, not a statement in parentheses: EXPLAIN (FORMAT json) SELECT …
  const options = /^\(\s*(?:(?:analyze|format)\b[^()]*)\)/i.exec(sql.slice(at));
  if (options !== null) at += options[0].length;
  return sql.slice(at);
}

/** The position after white space and comments. */
function skipBlank(sql: string, from: number): number {
  return from + (/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(sql.slice(from))?.[0].length ?? 0);
}

const isBlank = (sql: string): boolean => sql.slice(skipBlank(sql, 0)).replaceAll(";", "").trim() === "";
const firstWord = (sql: string): string =>
  (/^[a-z_]+/i.exec(sql.slice(skipBlank(sql, 0)))?.[0] ?? "This statement").toUpperCase();
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
