import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { SourceFile } from "./source-rules.ts";
import { duckdbSpellings } from "./sql-spellings.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** Where statements are made for monitoring: whoever adds a second engine writes a dialect and nothing else. */
function statementFiles(): SourceFile[] {
  return [
    "cells/kinds/drift",
    "cells/kinds/check",
    "cells/kinds/kpi",
    "cells/monitoring",
    "cells/statistics",
    "kernels/monitoring",
  ].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return { path: path.relative(ROOT, file).replaceAll(path.sep, "/"), text: readFileSync(file, "utf8") };
      }),
  );
}

test("statements of monitoring cells are standard SQL but for what the dialect says", () => {
  const files = statementFiles();
  expect(files.filter(({ text }) => text.includes("SELECT ")).length).toBeGreaterThan(10);
  expect(duckdbSpellings(files)).toEqual([]);
});

test.each([
  ["const sql = `SELECT a::DOUBLE FROM t`;", "::DOUBLE"],
  ["const sql = `SELECT ${x}::VARCHAR`;", "::VARCHAR"],
  ['const sql = "SELECT a FROM t GROUP BY ALL";', "GROUP BY ALL"],
  ["const sql = `try_cast(${x} AS DOUBLE)`;", "try_cast"],
  ["const sql = `CASE WHEN isfinite(${x}) THEN 1 END`;", "isfinite("],
  ["const sql = `SELECT epoch(a - b)`;", "epoch("],
  ["const sql = `quantile_cont(x, 0.5)`;", "quantile_cont("],
  ["const sql = `NOT regexp_full_match(a, b)`;", "regexp_full_match("],
  ["const sql = `${dialect.hash([x])} % ${every} = 0`;", ".hash([x])} %"],
  ["const sql = `SELECT hash(a)`;", "hash("],
  ["const sql = `bool_or(x)`;", "bool_or("],
  ["const sql = `list_sort(list(x))`;", "list_sort("],
  ["const sql = [`SELECT a`,\n  `SELECT COLUMNS(*)\n FROM t`];", "COLUMNS("],
])("%s is found", (text, spelling) => {
  const [found] = duckdbSpellings([{ path: "cells/a.ts", text }]);
  expect(found).toContain(spelling);
  expect(found).toMatch(/^cells\/a\.ts:[12]: /);
});

test.each([
  "const sql = `SELECT CAST(a AS DOUBLE PRECISION) FILTER (WHERE b) FROM t GROUP BY GROUPING SETS ((a), ())`;",
  "const made = dialect.hash([x]);",
  'const text = "a list (of things): 3 % of all";',
  "const sql = `SELECT ${dialect.uniform([x])} < 0.1`;",
])("%s is not", (text) => {
  expect(duckdbSpellings([{ path: "cells/a.ts", text }])).toEqual([]);
});
