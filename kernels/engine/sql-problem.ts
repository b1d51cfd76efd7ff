import { SqlError, type SqlErrorKind, type SqlProblem } from "./sql-engine.ts";

/** Text of DuckDB's errors begins with a kind: "Binder Error: …". */
const KINDS: readonly (readonly [RegExp, SqlErrorKind])[] = [
  [/^Parser Error/, "syntax"],
  [/^INTERRUPT Error/, "interrupted"],
  [/^Out of Memory Error/, "out-of-memory"],
  [/^Permission Error/, "refused"],
  // What DuckDB says of broken Parquet has many forms.
  [
    /^(IO Error: (?!No files found|Cannot open file|Failed to download|Extension)|Serialization Error|Invalid Error: )/,
    "unreadable",
  ],
  [/^Invalid Input Error: .*(parquet|zstd|file ['"])/i, "unreadable"],
];

const FILES_HINT =
  "SQL may read the workspace's streams, other cells, and files under data/, for instance FROM 'data/sales.csv'.";
const DAMAGE_HINT =
  "The files of the streams are compared with their checksums now. One that is damaged is named on Home and left out from the next Refresh on.";
const MEMORY_HINT =
  "Aggregate, select fewer columns or filter before sorting and joining; or raise the engine's memory limit in driftbook.yaml.";

/**
 * DuckDB's error as kind, sentence and place. `linesBefore` is how many lines of ours stood before the user's text.
 */
export function sqlErrorFrom(error: unknown, sql: string, linesBefore = 0): SqlError {
  if (error instanceof SqlError) return error;
  const text = (error instanceof Error ? error.message : String(error)).replace(
    /^(Error: )?(Failed to (extract|prepare) statements?: )?/,
    "",
  );
  const kind = KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? "failed";
  const result = new SqlError(kind, problemFrom(text, kind, sql, linesBefore));
  result.cause = error;
  return result;
}

function problemFrom(text: string, kind: SqlErrorKind, sql: string, linesBefore: number): SqlProblem {
  const place = placeOf(text, sql, linesBefore);
  const body = text.replace(/\n\s*\nLINE \d+:[\s\S]*$/, "").replace(/^[A-Za-z ]+ Error: /, "");
  if (kind === "unreadable") return { message: `A file could not be read: ${firstLine(body)}`, hint: DAMAGE_HINT };
  if (kind === "interrupted") return { message: "Interrupted." };
  if (kind === "out-of-memory") return { message: `Out of memory: ${firstLine(body)}`, hint: MEMORY_HINT };
  const file = /Cannot access (?:file|directory) "([^"]*)"/.exec(body);
  if (file !== null) return { message: `The file "${file[1]}" cannot be read from SQL.`, ...place, hint: FILES_HINT };
  const hint = /(Did you mean [^\n]*|Candidate bindings: [^\n]*|HINT: [^\n]*)/.exec(body)?.[1]?.replace(/^HINT: /, "");
  const message = body.split(/\n(?:Did you mean|Candidate bindings|HINT:)/)[0]!.trim();
  return { message, ...place, ...(hint === undefined ? {} : { hint }) };
}

const firstLine = (text: string): string => text.split("\n")[0]!.trim();

/** "LINE 3:   select foo(1)" and a caret below; long lines are cut and begin or end with "...". */
function placeOf(text: string, sql: string, linesBefore: number): { line?: number; column?: number } {
  const match = /\nLINE (\d+): ([^\n]*)\n( *)\^/.exec(text);
  if (match === null) return {};
  const line = Number(match[1]) - linesBefore;
  if (line < 1) return {};
  const prefixLength = `LINE ${match[1]}: `.length;
  let column = match[3]!.length - prefixLength;
  const shown = match[2]!;
  if (shown.startsWith("...")) {
    const start = shown.slice(3).replace(/\.\.\.$/, "");
    const found = (sql.split("\n")[line - 1] ?? "").indexOf(start);
    if (found < 0) return { line };
    column += found - 3;
  }
  return { line, column: column + 1 };
}

/** Line and column (1-based) of a character position. */
export function placeAt(sql: string, position: number): { line: number; column: number } {
  const before = [...sql].slice(0, position).join("");
  const lines = before.split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
