import { beforeAll, expect, test } from "vitest";
import { DuckDBInstance } from "../../../kernels/duckdb/duckdb.ts";
import { asOfMacros } from "../../../kernels/engine/as-of-macros.ts";
import { tableMacrosOf } from "../../../kernels/engine/table-macros.ts";
import { asOfStatements } from "../../../workspaces/views/as-of-statements.ts";

/** What DuckDB says of them once they are made. */
let listed: (statements: readonly string[]) => Promise<string[]>;
beforeAll(async () => {
  listed = async (statements) => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    for (const statement of statements) await connection.run(statement);
    const rows = await connection.run(
      "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type = 'table_macro' AND NOT internal ORDER BY 1",
    );
    return (await rows.getRows()).map(([name]) => String(name));
  };
});

test("the table macros of statements are those that DuckDB lists when they were run", async () => {
  const made = [
    'CREATE SCHEMA "a ""b"" (c) AS TABLE"',
    'CREATE OR REPLACE MACRO "a ""b"" (c) AS TABLE"."Odd ""Name"" (x)"(moments) AS TABLE SELECT 1 AS one',
    "create macro plain(a, b) as table\nselect a, b",
    "CREATE MACRO scalar(a) AS (SELECT 'MACRO x() AS TABLE' || a)",
    "CREATE VIEW seen AS SELECT 'CREATE MACRO hidden() AS TABLE SELECT 1' AS text",
    ...asOfMacros("2026-03-01T10:00:00Z"),
  ];
  expect(tableMacrosOf(made).toSorted()).toEqual(await listed(made));
  expect(tableMacrosOf(made)).toHaveLength(2);
});

test("so are those of a stream's relations", async () => {
  const shape = {
    stream: "card_fraud",
    features: [{ name: "amount", type: "DOUBLE" }],
    ...{ entity: null, amount: null, labelType: "BOOLEAN", sources: ["analyst"], silence: null },
  };
  const nothing = { parts: [], imports: [], firstLiveMicros: new Map<string, number>() };
  const statements = asOfStatements(nothing as unknown as Parameters<typeof asOfStatements>[0], [shape], 1e15, "/w");
  expect(await listed(statements)).toEqual(["outcomes_known"]);
  expect(tableMacrosOf(statements)).toEqual(["outcomes_known"]);
});
