const NAME = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`;
const TABLE_MACRO = new RegExp(
  String.raw`^\s*CREATE\s+(?:OR\s+REPLACE\s+)?MACRO\s+(?:${NAME}\.)*(${NAME})\s*\([^()]*\)\s+AS\s+TABLE\b`,
  "i",
);

/**
 * Names of the table macros that statements of this program make, in lower case. DuckDB would tell them too, by listing all
 * its functions: that takes longer than to make the views of a stream.
 */
export function tableMacrosOf(statements: readonly string[]): string[] {
  return statements.flatMap((statement) => {
    const name = TABLE_MACRO.exec(statement)?.[1];
    if (name === undefined) return [];
    return [(name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name).toLowerCase()];
  });
}
