// Unclosed ones run to the end: DuckDB will tell.
const STRING = /'(?:[^']|'')*(?:'|$)/y;
const ESCAPE_STRING = /[eE]'(?:[^'\\]|''|\\[\s\S]|\\$)*(?:'|$)/y;
const IDENTIFIER = /"(?:[^"]|"")*(?:"|$)/y;
const LINE_COMMENT = /--[^\n]*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*)?\$/y;
const WORD = /[A-Za-z_\u0080-\uFFFF](?:[\w\u0080-\uFFFF]|\$(?!\{))*/y;

/** Where the quoted text, quoted name or comment ends that begins at `at`; null where none begins there. */
export function quotedEnd(source: string, at: number): { readonly end: number; readonly isText: boolean } | null {
  for (const pattern of [STRING, ESCAPE_STRING, IDENTIFIER]) {
    const found = matchAt(pattern, source, at);
    if (found !== null) return { end: at + found.length, isText: true };
  }
  const line = matchAt(LINE_COMMENT, source, at);
  if (line !== null) return { end: at + line.length, isText: false };
  if (source.startsWith("/*", at)) return { end: blockCommentEnd(source, at), isText: false };
  const tag = matchAt(DOLLAR_TAG, source, at);
  if (tag === null) return null;
  const closing = source.indexOf(tag, at + tag.length);
  return { end: closing < 0 ? source.length : closing + tag.length, isText: true };
}

/** Where the word ends that begins at `at`, else the sign: what comes next is no part of it. */
export function wordEnd(source: string, at: number): number {
  return at + (matchAt(WORD, source, at)?.length ?? 1);
}

export function matchAt(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? null;
}

/** Block comments nest, as in PostgreSQL. */
function blockCommentEnd(source: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(source); found !== null; found = mark.exec(source)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return source.length;
}
