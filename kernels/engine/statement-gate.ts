/**
 * The statement gate: what a user's SQL text may be. Exactly one statement, SELECT or EXPLAIN of a SELECT, that calls
 * permitted functions only. DuckDB's own parser decides what the text is: `json_serialize_sql` accepts nothing but
 * SELECT, and gives the tree in which functions are found at every depth.
 *
 * The gate is one wall of two: the instance itself is locked (see `engine-database.ts`).
 */
import { quotedEnd, wordEnd } from "../../cells/analysis/sql/quoted-text.ts";
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

/** A statement that may run: `text` is what is run, the user's own text beginning after `linesBefore` lines of ours. */
export interface Admission {
  readonly inspection: SqlInspection;
  readonly text: string;
  readonly linesBefore: 0 | 1;
}

export async function inspectStatement(sql: string, parser: Parser): Promise<Admission> {
  const explained = explainParts(sql);
  const checked = explained?.statement ?? sql;
  const verdict = await inspectSelect(checked, sql, parser);
  if (!verdict.ok || explained === null) return { inspection: verdict, text: sql, linesBefore: 0 };
  // What runs is built from what was checked. Were the user's text run, a comment that this file reads otherwise than
  // DuckDB does could hide another statement after EXPLAIN ANALYZE.
  const text = `${explained.head}\n${checked}`;
  return { inspection: { ok: true, statement: "explain", ast: null }, text, linesBefore: 1 };
}

/** `text` is what is checked; it has the places of `sql`, in which it may have been blanked at the start. */
async function inspectSelect(text: string, sql: string, parser: Parser): Promise<SqlInspection> {
  // DuckDB's interface for C ends a statement at NUL, its parser does not: the two must see the same text.
  if (sql.includes("\0"))
    return refuse("syntax", { message: "The statement holds a NUL character.", ...placeAt(sql, sql.indexOf("\0")) });
  if (isBlank(text)) return refuse("syntax", { message: "There is no statement here.", hint: ALLOWED });
  const serialised = JSON.parse(await parser.serialise(text)) as Serialised;
  if (serialised.error) return refusal(serialised, sql, text, parser);
  const { statements = [] } = serialised;
  if (statements.length !== 1) return refuse("refused", severalStatements(statements.length));
  const forbidden = forbiddenCall(statements[0], sql, parser.ownTableMacros);
  if (forbidden !== null) return refuse("refused", forbidden);
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

/**
 * EXPLAIN with its ANALYZE or options in a strict form, and what stands after it with the start blanked (line breaks
 * kept), so that places stay right. null when the text does not begin so.
 */
export function explainParts(sql: string): { readonly head: string; readonly statement: string } | null {
  const start = skipBlank(sql, 0);
  const keyword = /^explain\b/i.exec(sql.slice(start));
  if (keyword === null) return null;
  let head = "EXPLAIN";
  let at = skipBlank(sql, start + keyword[0].length);
  const option = /^(?:analyze\b|\(\s*(?:analyze|format\s+\w+)(?:\s*,\s*(?:analyze|format\s+\w+))*\s*\))/i.exec(
    sql.slice(at),
  );
  if (option !== null) {
    head += ` ${option[0].replaceAll(/\s+/g, " ")}`;
    at += option[0].length;
  }
  return { head, statement: sql.slice(0, at).replaceAll(/[^\n]/g, " ") + sql.slice(at) };
}

/** The position after white space and comments. */
function skipBlank(sql: string, from: number): number {
  return from + (/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(sql.slice(from))?.[0].length ?? 0);
}

const isBlank = (sql: string): boolean => sql.slice(skipBlank(sql, 0)).replaceAll(";", "").trim() === "";
/**
 * One statement without what ends it, a semicolon and what comes after; what a semicolon before it ends is blank. Read once
 * from front to end: the text may be long, and others wait for this thread.
 */
export function withoutEnd(sql: string): string {
  let begin = 0;
  let hasBegun = false;
  for (let at = 0; at < sql.length; ) {
    const quoted = quotedEnd(sql, at);
    if (quoted === null && sql[at] === ";") {
      if (hasBegun) return blanked(sql, begin) + sql.slice(begin, at);
      begin = at + 1;
    } else hasBegun ||= quoted?.isText ?? !/\s/.test(sql[at]!);
    at = quoted?.end ?? wordEnd(sql, at);
  }
  return blanked(sql, begin) + sql.slice(begin);
}

const blanked = (sql: string, upTo: number): string => sql.slice(0, upTo).replaceAll(/[^\n]/g, " ");

const firstWord = (sql: string): string =>
  (/^[a-z_]+/i.exec(sql.slice(skipBlank(sql, 0)))?.[0] ?? "This statement").toUpperCase();
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
