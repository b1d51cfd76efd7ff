/** Functions that say how many values there are, and none of them. */
const COUNTED = new Set(["count", "approx_count_distinct", "count_if"]);
const QUOTED = /^"((?:[^"]|"")*)"$/;
// Texts and comments first: each may look like the other inside.
const WORDS =
  /[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|\$([\p{L}_]*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"]|"")*"|\$\d+|[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*|::|\S/gu;

/** Lower case words, quoted names without their quotes, and single signs; a text is `''`, a comment nothing. */
export function tokensOf(statement: string): string[] {
  return [...statement.matchAll(WORDS)].flatMap(([token]) => {
    if (/^(--|\/\*)/.test(token)) return [];
    if (/^([eE]?'|\$[^\d])/.test(token)) return ["''"];
    const quoted = QUOTED.exec(token)?.[1];
    return [(quoted?.replaceAll('""', '"') ?? token).toLowerCase()];
  });
}

export const isWord = (token: string | undefined): token is string => token !== undefined && /^[\p{L}_]/u.test(token);

/** Every item of every select list, at any depth. */
export function* selectItems(tokens: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < tokens.length; start++) if (tokens[start] === "select") yield* itemsBehind(tokens, start);
}

/** The items of the select list that opens at `start`. */
export function* itemsBehind(tokens: readonly string[], start: number): Generator<readonly string[]> {
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
const LIST_ENDS: ReadonlySet<string> = new Set([
  ...["from", "where", "group", "order", "limit", "having", "union", "intersect", "qualify", "window", ";"],
]);

/** Whether a name of `known` is read other than to count it. */
export function mentions(tokens: readonly string[], known: ReadonlySet<string>): boolean {
  return uncounted(tokens).some((token) => known.has(token));
}

/** The words without what stands inside of count(…), and without the count itself. */
export function uncounted(tokens: readonly string[]): string[] {
  const left: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at + 1] === "(" && COUNTED.has(tokens[at]!)) at = closing(tokens, at + 1);
    else left.push(tokens[at]!);
  }
  return left;
}

export function closing(tokens: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at] === "(") depth++;
    if (tokens[at] === ")" && --depth === 0) return at;
  }
  return tokens.length;
}
