import { parse } from "@babel/parser";
import type { SourceFile } from "./source-rules.ts";

/** What only DuckDB understands, or understands so. Above the dialect port statements are standard SQL. */
const SPELLINGS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/::\s*[A-Za-z]{3,}/, "CAST(… AS …)"],
  [/\b(?:GROUP|ORDER) BY ALL\b/i, "the columns by name"],
  [/\bTRY_CAST\b/i, "Dialect.double or Dialect.reads"],
  [/(?<![.\w])isfinite\s*\(/i, "Dialect.isFinite"],
  [/(?<![.\w])epoch(?:_ms|_us|_ns)?\s*\(/i, "Dialect.seconds"],
  [/(?<![.\w])quantile_(?:cont|disc)\s*\(/i, "percentile_cont(…) WITHIN GROUP, or Dialect.quantiles"],
  [/(?<![.\w])regexp_(?:full_match|matches|extract)\s*\(/i, "Dialect.matches"],
  [/(?<![.\w])bool_(?:or|and)\s*\(/i, "max(CASE WHEN … END)"],
  [
    /(?<![.\w])(?:list|list_\w+|array_\w+|len|unnest|map_\w+|struct_pack|arg_max|arg_min|any_value)\s*\(/i,
    "a method of Dialect",
  ],
  [/(?<![.\w])(?:strftime|strptime|date_trunc|date_part|datediff)\s*\(/i, "Dialect.unitStart"],
  [/(?<![.\w])hash\s*\(/i, "Dialect.hash"],
  [/\.hash\([^}]*\}\s*%/, "Dialect.uniform"],
  [/\bCOLUMNS\s*\(|\*\s*(?:EXCLUDE|REPLACE)\b/, "the columns by name"],
  [/\bHUGEINT\b/, "DECIMAL(38, 0)"],
];

/** Every such spelling in a statement of these files, as `path:line: what, better what`. */
export function duckdbSpellings(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    textsOf(file.text).flatMap(({ text, line }) =>
      text.split("\n").flatMap((part, at) =>
        SPELLINGS.flatMap(([pattern, instead]) => {
          const found = pattern.exec(part);
          return found === null ? [] : [`${file.path}:${line + at}: ${found[0].trim()}; write ${instead}`];
        }),
      ),
    ),
  );
}

interface Text {
  readonly text: string;
  readonly line: number;
}

/** Strings and templates of a file, expressions in templates as they stand in the source. */
function textsOf(source: string): Text[] {
  const found: Text[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one);
    if (typeof node !== "object" || node === null || !("type" in node)) return;
    const { type, start, end, loc, ...rest } = node as Record<string, unknown> & {
      type: string;
      start: number;
      end: number;
      loc: { start: { line: number } };
    };
    // An import's path is no statement.
    if (type === "ImportDeclaration" || type === "ExportAllDeclaration") return;
    if (type === "StringLiteral" || type === "TemplateLiteral") {
      const text = source.slice(start + 1, end - 1);
      if (isSql(text)) found.push({ text, line: loc.start.line });
      return;
    }
    for (const [key, value] of Object.entries(rest)) if (!key.endsWith("omments") && key !== "extra") visit(value);
  };
  visit(parse(source, { sourceType: "module", plugins: ["typescript"] }).program);
  return found;
}

/** Words that only statements have, or a call: texts for people have neither. */
const isSql = (text: string): boolean =>
  /\b(?:SELECT|FROM|WHERE|GROUP BY|ORDER BY|CASE WHEN|NULL|CAST|FILTER|OVER|AS)\b|\w\(|::/.test(text);
