/** What a statement gives away of personal columns under other names. */
export interface PersonalTrace {
  /** Result columns that are made of a personal column. */
  readonly columns: readonly string[];
  /** A personal column is read in a way that cannot be followed: no column of the result is known to be free of it. */
  readonly unclear: boolean;
}

const NAME = /^"?([^"]+)"?$/;
const COUNTED = new Set(["count", "approx_count_distinct", "count_if"]);
/** Forms whose result columns are not the items of one select list. */
const UNFOLLOWED = new Set(["pivot", "unpivot", "union", "intersect", "except", "summarize", "describe", "columns"]);

/**
 * Which columns of a SELECT hold a personal column's values though they are called otherwise. Text only, and careful: a
 * select item that names a personal column anywhere but inside count(…) is personal, whatever it makes of it, and so is
 * every reader of a name given in an inner query. `personal` are names in lower case.
 */
export function personalTrace(statement: string, personal: ReadonlySet<string>): PersonalTrace {
  const tokens = tokensOf(statement);
  const known = new Set(personal);
  const found = new Set<string>();
  // A name given inside is read outside: until nothing new is found.
  for (let size = -1; size !== known.size; ) {
    size = known.size;
    for (const item of selectItems(tokens)) {
      if (!mentions(item, known)) continue;
      for (const name of namesOf(item)) {
        known.add(name);
        found.add(name);
      }
    }
  }
  const unclear =
    mentions(tokens, known) &&
    tokens.some((token, at) => UNFOLLOWED.has(token) || (token === "(" && isColumnList(tokens, at)));
  return { columns: [...found], unclear };
}

/** Lower case words, quoted names without their quotes, and single signs; no text, no comments. */
function tokensOf(statement: string): string[] {
  const bare = statement
    .replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, " ")
    .replaceAll(/'(?:[^']|'')*'/g, " '' ")
    .replaceAll(/\$\{[^}]*\}/g, " ? ");
  return [...bare.matchAll(/"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*|''|::|\S/gu)].map(([token]) =>
    token.startsWith('"') ? (NAME.exec(token.replaceAll('""', '"'))?.[1] ?? "").toLowerCase() : token.toLowerCase(),
  );
}

/** Every item of every select list, at any depth. */
function* selectItems(tokens: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < tokens.length; start++) {
    if (tokens[start] !== "select") continue;
    let depth = 0;
    let item: string[] = [];
    for (let at = start + 1; at <= tokens.length; at++) {
      const token = tokens[at];
      if (token === "(" || token === "[" || token === "{") depth++;
      if (token === ")" || token === "]" || token === "}") depth--;
      const ends = token === undefined || depth < 0 || (depth === 0 && LIST_ENDS.has(token));
      if (ends || (depth === 0 && token === ",")) {
        yield item;
        item = [];
        if (ends) break;
      } else item.push(token!);
    }
  }
}
const LIST_ENDS = new Set(["from", "where", "group", "order", "limit", "having", "union", "qualify", "window", ";"]);

/** Whether a name of `known` is read other than to count it. */
function mentions(tokens: readonly string[], known: ReadonlySet<string>): boolean {
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at + 1] === "(" && COUNTED.has(tokens[at]!)) {
      at = closing(tokens, at + 1);
      continue;
    }
    if (known.has(tokens[at]!)) return true;
  }
  return false;
}

function closing(tokens: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at] === "(") depth++;
    if (tokens[at] === ")" && --depth === 0) return at;
  }
  return tokens.length;
}

/** What an item is called: what follows each AS, else its last word; DuckDB also takes `name: expression`. */
function namesOf(item: readonly string[]): string[] {
  const given = item.flatMap((token, at) => (token === "as" && item[at + 1] !== undefined ? [item[at + 1]!] : []));
  const last = item.at(-1);
  const prefix = item[1] === ":" ? [item[0]!] : [];
  return [...given, ...prefix, ...(last !== undefined && /^[\p{L}_]/u.test(last) ? [last] : [])];
}

/** `WITH t(a, b) AS` and `FROM (…) AS t(a, b)`: names that stand elsewhere than in the select list. */
function isColumnList(tokens: readonly string[], open: number): boolean {
  const before = tokens[open - 1];
  if (before === undefined || !/^[\p{L}_]/u.test(before)) return false;
  const after = tokens[closing(tokens, open) + 1];
  const named = tokens[open - 2];
  return (
    ((named === "with" || named === "," || named === "recursive") && after === "as") ||
    (named === "as" && tokens[open - 3] === ")")
  );
}

const AGGREGATES =
  /^(count|count_if|sum|avg|mean|min|max|median|mode|quantile\w*|percentile\w*|approx_\w+|stddev\w*|var\w*|corr|covar\w*|regr_\w+|bool_and|bool_or|histogram|entropy|kurtosis|skewness|fsum|product|favg|any_value|first|last|arg_min|arg_max|list|string_agg|array_agg)$/;
/** Of these the values of single rows come out. */
const ROW_VALUES = new Set([
  "list",
  "string_agg",
  "array_agg",
  "histogram",
  "any_value",
  "first",
  "last",
  "arg_min",
  "arg_max",
  "mode",
]);

/**
 * Whether each row of the result stands for several rows: grouped, or aggregated without OVER, on the outermost level,
 * and nothing that hands on single values. A statement that cannot be told apart is none.
 */
export function isAggregate(statement: string): boolean {
  const tokens = tokensOf(statement);
  const outer = outermost(tokens);
  if (tokens.some((token, at) => ROW_VALUES.has(token) && tokens[at + 1] === "(")) return false;
  const select = outer.findIndex(({ token }) => token === "select");
  if (select < 0) return false;
  if (outer.some(({ token }, at) => token === "group" && outer[at + 1]?.token === "by")) return true;
  return outer.some(({ token, at }) => {
    if (!AGGREGATES.test(token) || tokens[at + 1] !== "(") return false;
    const end = closing(tokens, at + 1);
    return (
      tokens[end + 1] !== "over" && !(tokens[end + 1] === "filter" && tokens[closing(tokens, end + 2) + 1] === "over")
    );
  });
}

function outermost(tokens: readonly string[]): { readonly token: string; readonly at: number }[] {
  let depth = 0;
  return tokens.flatMap((token, at) => {
    if (token === ")") depth--;
    const here = depth === 0 ? [{ token, at }] : [];
    if (token === "(") depth++;
    return here;
  });
}
