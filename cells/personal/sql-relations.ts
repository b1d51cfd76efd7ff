import { closing, isWord } from "./sql-words.ts";

/** What stands behind FROM or JOIN. */
export interface NamedRelation {
  /** "card_fraud.decisions"; null for a query in parentheses, a file or a function. */
  readonly path: string | null;
  /** The query in parentheses. */
  readonly inner: readonly string[] | null;
  /** What the statement calls it. */
  readonly alias: string | null;
}

const CLAUSES = new Set([
  ...["select", "where", "group", "order", "limit", "having", "union", "intersect", "except", "qualify", "window", ";"],
  ...["using", "on", "offset", "sample"],
]);
const JOINS = new Set(["join", "inner", "left", "right", "full", "outer", "cross", "natural", "asof", "positional"]);
const JOINS_ALSO = new Set(["semi", "anti", "lateral"]);

/** The relations of the FROM that stands at `from`; those of queries inside are not among them. */
export function relationsBehind(tokens: readonly string[], from: number): NamedRelation[] {
  const found: NamedRelation[] = [];
  // After ON and USING only another JOIN or a comma brings a relation.
  let isDue = true;
  for (let at = from + 1; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token === ")" || (CLAUSES.has(token) && token !== "on" && token !== "using")) break;
    if (token === "," || token === "join") isDue = true;
    else if (token === "on" || token === "using") isDue = false;
    else if (token === "(" && !isDue) at = closing(tokens, at);
    else if (isDue && !JOINS.has(token) && !JOINS_ALSO.has(token)) {
      const one = relationAt(tokens, at);
      found.push(one.relation);
      at = one.end;
      isDue = false;
    }
  }
  return found;
}

function relationAt(tokens: readonly string[], start: number): { relation: NamedRelation; end: number } {
  let end = start;
  let path: string | null = null;
  let inner: readonly string[] | null = null;
  if (tokens[start] === "(") {
    end = closing(tokens, start);
    inner = tokens.slice(start + 1, end);
  } else {
    while (tokens[end + 1] === "." && isWord(tokens[end + 2])) end += 2;
    if (isWord(tokens[start])) path = tokens.slice(start, end + 1).join("");
    if (tokens[end + 1] === "(") {
      end = closing(tokens, end + 1);
      path = null;
    }
  }
  const named = tokens[end + 1] === "as" ? end + 2 : end + 1;
  const alias = tokens[named];
  if (isWord(alias) && !CLAUSES.has(alias) && !JOINS.has(alias) && !JOINS_ALSO.has(alias))
    return { relation: { path, inner, alias }, end: named };
  return { relation: { path, inner, alias: path?.split(".").at(-1) ?? null }, end };
}

/** Every relation that a statement names, at any depth. */
export function allRelations(tokens: readonly string[]): NamedRelation[] {
  return tokens.flatMap((token, at) => {
    if (token === "from") return relationsBehind(tokens, at);
    return token === "table" && isWord(tokens[at + 1]) ? [relationAt(tokens, at + 1).relation] : [];
  });
}

/** Queries that WITH names, and where the query itself begins. */
export function namedQueries(tokens: readonly string[]): {
  readonly queries: ReadonlyMap<string, readonly string[]>;
  readonly start: number;
} {
  const queries = new Map<string, readonly string[]>();
  let at = 0;
  if (tokens[0] !== "with") return { queries, start: 0 };
  at = tokens[1] === "recursive" ? 2 : 1;
  while (isWord(tokens[at])) {
    const name = tokens[at]!;
    const open = tokens.indexOf("(", tokens.indexOf("as", at));
    if (open < 0) break;
    const end = closing(tokens, open);
    queries.set(name, tokens.slice(open + 1, end));
    at = end + 1;
    if (tokens[at] !== ",") break;
    at++;
  }
  return { queries, start: at };
}
