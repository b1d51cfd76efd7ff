import { allRelations, namedQueries, relationsBehind } from "./sql-relations.ts";
import { closing, isWord, itemsBehind, mentions, selectItems, tokensOf, uncounted } from "./sql-words.ts";

/** What a statement gives away of personal columns. */
export interface PersonalTrace {
  /** Names of the statement, of its result and inside of it, that stand for what is made of a personal column. */
  readonly columns: readonly string[];
  /** A personal column is read in a way that cannot be followed: no column of the result is known to be free of it. */
  readonly unclear: boolean;
  /** Of the result's columns, as far as the text tells, those that are personal; `ANY` where some may be. */
  readonly result: ReadonlySet<string>;
}

/** Instead of names: each column may be personal. */
export const ANY = "*";
/** Personal columns of a relation, by the path that the statement writes, in lower case. */
export type ColumnsOf = (path: string) => ReadonlySet<string>;

const NONE: ReadonlySet<string> = new Set();
/** Forms whose result columns are not the items of one select list. */
const UNFOLLOWED = new Set(["pivot", "union", "intersect", "except", "describe", "columns"]);
const COMPARISONS = new Set(["=", "<", ">", "in", "like", "ilike", "between", "is"]);

/**
 * Which columns of a SELECT hold a personal column's values, whatever they are called. Text only, and careful: a select
 * item that names a personal column anywhere but inside count(…) is personal, whatever it makes of it, and so are a
 * whole row of a relation that has one, and every reader of a name given in an inner query. `personal` are names in
 * lower case, parameters (`$1`) among them; `columnsOf` says what relations hold that the statement reads.
 */
export function personalTrace(
  statement: string,
  personal: ReadonlySet<string>,
  columnsOf: ColumnsOf = () => NONE,
): PersonalTrace {
  const tokens = tokensOf(statement);
  const read = allRelations(tokens).map((one) => ({ ...one, holds: one.path === null ? NONE : columnsOf(one.path) }));
  const known = new Set([...personal, ...read.flatMap(({ holds }) => [...holds])]);
  const isAny = known.delete(ANY);
  const rows = new Set(read.flatMap(({ alias, holds }) => (alias !== null && holds.size > 0 ? [alias] : [])));
  const isPersonal = (whole: readonly string[]): boolean => {
    const item = withoutExcluded(whole);
    return mentions(item, known) || mentionsRow(item, rows) || (isAny && !onlyCounts(item));
  };
  const found = new Set<string>();
  // A name given inside is read outside: until nothing new is found.
  for (let size = -1; size !== known.size; ) {
    size = known.size;
    for (const item of selectItems(tokens)) {
      if (!isPersonal(item)) continue;
      for (const name of [...namesOf(item), ...item.filter((token) => rows.has(token))]) found.add(name);
      for (const name of namesOf(item)) known.add(name);
    }
  }
  const isRead =
    isAny ||
    mentions(tokens, known) ||
    (rows.size > 0 && [...selectItems(tokens)].some((item) => starOf(item) !== null || mentionsRow(item, rows)));
  const unclear =
    // A summary and an unpivoted table write values of columns that the statement does not name.
    (known.size > 0 && tokens.some((token) => token === "summarize" || token === "unpivot")) ||
    (isRead && tokens.some((token, at) => UNFOLLOWED.has(token) || (token === "(" && isColumnList(tokens, at))));
  const result = unclear ? new Set([ANY]) : resultOf(tokens, isPersonal, columnsOf);
  // A star over what may hold anything hands on columns that no text names.
  return { columns: [...found], unclear: unclear || (isAny && result.has(ANY)), result };
}

/** Whether a statement gives this name to something that had another, at any depth. `name` in lower case. */
export function namesAnew(statement: string, name: string): boolean {
  return [...selectItems(tokensOf(statement))].some((whole) => {
    const item = whole[0] === "distinct" || whole[0] === "all" ? whole.slice(1) : whole;
    return item.length > 1 && item.at(-2) !== "." && namesOf(item).includes(name);
  });
}

/** Parameters that are compared with a personal column, by number, with it: they hold one of its values. */
export function comparedParameters(
  statement: string,
  personal: ReadonlySet<string>,
): readonly { readonly number: number; readonly column: string }[] {
  const tokens = tokensOf(statement);
  return tokens.flatMap((token, at) => {
    const number = /^\$(\d+)$/.exec(token)?.[1];
    if (number === undefined) return [];
    const sides = [since(tokens.slice(Math.max(0, at - 5), at)), until(tokens.slice(at + 1, at + 6))];
    const column = sides
      .filter((words) => words.some((word) => COMPARISONS.has(word)))
      .flatMap((words) => words.find((word) => isWord(word) && personal.has(word)) ?? [])[0];
    return column === undefined ? [] : [{ number: Number(number), column }];
  });
}
const CUTS = new Set(["and", "or", "where", "select", "when", "then", "on", "from"]);
const until = (words: readonly string[]): readonly string[] => {
  const cut = words.findIndex((word) => CUTS.has(word));
  return cut < 0 ? words : words.slice(0, cut);
};
const since = (words: readonly string[]): readonly string[] =>
  words.slice(words.findLastIndex((word) => CUTS.has(word)) + 1);

/** Personal columns that the outermost query gives, by name, by `*` or as whole rows. */
function resultOf(
  tokens: readonly string[],
  isPersonal: (item: readonly string[]) => boolean,
  columnsOf: ColumnsOf,
  outer: ReadonlyMap<string, readonly string[]> = new Map(),
): Set<string> {
  if (tokens[0] === "(" && closing(tokens, 0) >= tokens.length - 1)
    return resultOf(tokens.slice(1, closing(tokens, 0)), isPersonal, columnsOf, outer);
  const { queries, start } = namedQueries(tokens);
  const body = tokens.slice(start);
  const scope = new Map([...outer, ...queries]);
  const inner = (query: readonly string[], name?: string): Set<string> =>
    // A query that reads itself gives what its own items name.
    resultOf(query, isPersonal, columnsOf, new Map([...scope].filter(([known]) => known !== name)));
  const held = new Set<string>();
  const depths = depthsOf(body);
  const select = body.findIndex((token, at) => token === "select" && depths[at] === 0);
  const from = body.findIndex((token, at) => (token === "from" || token === "table") && depths[at] === 0);
  const relations = (from < 0 ? [] : relationsBehind(body, from)).map(({ path, inner: query, alias }) => {
    const own = path === null ? undefined : scope.get(path);
    // A file, or a function of one: its columns are known by their names alone, and a star names none.
    const holds = query !== null ? inner(query) : own !== undefined ? inner(own, path!) : columnsOf(path ?? "");
    return { alias, holds };
  });
  const items = select < 0 ? [["*"]] : [...itemsBehind(body, select)];
  for (const item of items) {
    if (isPersonal(item)) for (const name of [...namesOf(item), ANY].slice(0, 1)) held.add(name);
    const star = starOf(item);
    if (star === null) continue;
    for (const { alias, holds } of relations)
      if (star.of === null || star.of === alias) for (const name of holds) if (!star.without.has(name)) held.add(name);
  }
  return held;
}

/** `*`, `s.*`, `DISTINCT *`, `COLUMNS(*)`, and what EXCLUDE takes away of it; null for another item. */
function starOf(item: readonly string[]): { readonly of: string | null; readonly without: ReadonlySet<string> } | null {
  const words = item[0] === "distinct" || item[0] === "all" ? item.slice(1) : item;
  const isColumns = words.includes("columns");
  const isOf = words[1] === "." && words[2] === "*";
  if (words[0] !== "*" && !isOf && !isColumns) return null;
  const exclude = words.indexOf("exclude");
  const open = words[exclude + 1] === "(";
  const without =
    exclude < 0 ? [] : open ? words.slice(exclude + 2, closing(words, exclude + 1)) : [words[exclude + 1]!];
  return { of: isOf ? words[0]! : null, without: new Set(without) };
}

/** What EXCLUDE names is not handed on. */
function withoutExcluded(item: readonly string[]): readonly string[] {
  const at = item.indexOf("exclude");
  if (at < 0) return item;
  const end = item[at + 1] === "(" ? closing(item, at + 1) : at + 1;
  return [...item.slice(0, at), ...item.slice(end + 1)];
}

/** A relation's name that stands for its row: `to_json(s)`, but not `s.score`. */
function mentionsRow(item: readonly string[], rows: ReadonlySet<string>): boolean {
  const words = uncounted(item);
  return words.some(
    (token, at) =>
      rows.has(token) &&
      ![".", "("].includes(words[at + 1] ?? "") &&
      ![".", "from", "join", "as"].includes(words[at - 1] ?? ""),
  );
}

/** Nothing but counts, numbers, texts and what functions make of them. */
function onlyCounts(item: readonly string[]): boolean {
  if (starOf(item) !== null) return true;
  const words = uncounted(item);
  const isName = (at: number): boolean =>
    words[at - 1] === "as" ||
    words[at + 1] === ":" ||
    // Behind a count, which is taken out of the words.
    (at === 0 && words.length === 1 && item.length > 1) ||
    (at === words.length - 1 && words[at - 1] === ")");
  return words.every((token, at) => !isWord(token) || token === "as" || words[at + 1] === "(" || isName(at));
}

function depthsOf(tokens: readonly string[]): number[] {
  let depth = 0;
  return tokens.map((token) => {
    if (token === ")") depth--;
    const here = depth;
    if (token === "(") depth++;
    return here;
  });
}

/** What an item is called: what follows each AS, else its last word; DuckDB also takes `name: expression`. */
function namesOf(item: readonly string[]): string[] {
  const given = item.flatMap((token, at) => (token === "as" && item[at + 1] !== undefined ? [item[at + 1]!] : []));
  const last = item.at(-1);
  const prefix = item[1] === ":" ? [item[0]!] : [];
  return [...given, ...prefix, ...(isWord(last) ? [last] : [])];
}

/** `WITH t(a, b) AS` and `FROM (…) AS t(a, b)`: names that stand elsewhere than in the select list. */
function isColumnList(tokens: readonly string[], open: number): boolean {
  const before = tokens[open - 1];
  if (!isWord(before)) return false;
  const [after, then] = tokens.slice(closing(tokens, open) + 1);
  const named = tokens[open - 2];
  const isQuery = after === "as" && (then === "(" || then === "not" || then === "materialized");
  return (
    ((named === "with" || named === "," || named === "recursive") && isQuery) ||
    (named === "as" && tokens[open - 3] === ")")
  );
}
