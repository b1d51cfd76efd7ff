import { afterAll, beforeAll, expect, test } from "vitest";
import { inSample } from "../../../cells/kinds/drift/drift-plan.ts";
import { chiSquareUpper } from "../../../cells/statistics/special/distributions.ts";
import { duckdbDialect } from "../../../kernels/dialects/duckdb-dialect.ts";
import { ask } from "../../../kernels/monitoring/ask.ts";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";

let started: TestEngine;
beforeAll(async () => {
  started = await startEngine();
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

const rows = (sql: string): Promise<Record<string, unknown>[]> =>
  ask(
    { engine: started.engine, signal: new AbortController().signal, onProgress: () => undefined, asked: [] },
    "",
    sql,
  );

/** Relations whose rows differ, as tables do: few values a column, many rows; with and without a column that tells rows apart. */
const RELATIONS: readonly {
  title: string;
  sql: string;
  columns: readonly string[];
  identity: string | null;
  groups: readonly string[];
}[] = [
  {
    title: "numbers with few values, no identity",
    sql: "(SELECT i % 500 AS a, (i // 500) % 40 AS b, (i // 20000) % 12 AS c FROM range(240000) AS t(i))",
    columns: ["a", "b", "c"],
    identity: null,
    groups: ["a", "b", "c", "a * 1000 + b", "a * 1000 + c", "b * 1000 + c"],
  },
  {
    title: "amounts, texts, flags and times, no identity",
    sql: "(SELECT (i % 4000) / 100.0 AS amount, ['DE', 'FR', 'US'][1 + (i // 4000) % 3] AS country, (i // 12000) % 2 = 0 AS flag, TIMESTAMP '2026-01-01' + INTERVAL ((i // 24000) % 10) HOURS AS seen FROM range(240000) AS t(i))",
    columns: ["amount", "country", "flag", "seen"],
    identity: null,
    groups: ["amount", "country", "flag", "seen", "country || seen", "amount || country"],
  },
  {
    title: "ids that count up",
    sql: "(SELECT 't-' || i AS id, i % 97 AS a, i % 16 AS b FROM range(240000) AS t(i))",
    columns: ["id", "a", "b"],
    identity: "id",
    groups: ["a", "b", "length(id)", "right(id, 1)", "right(id, 2)"],
  },
];

test.each(RELATIONS)(
  "a sample is as likely for each value of each column: $title",
  async ({ sql, columns, identity, groups }) => {
    const relation = {
      title: "rows",
      sql,
      columns: columns.map((name) => ({ name, type: "DOUBLE" })),
      time: null,
      identity,
      source: null,
      roles: null,
    };
    for (const every of [10, 12, 16, 32]) {
      const taken = inSample({ relation, window: null, where: null, excluded: [] }, every, duckdbDialect);
      const found: Record<string, number> = {};
      for (const group of groups) {
        const counts = await rows(
          `SELECT ${group} AS v, count(*) AS n, count(*) FILTER (WHERE ${taken}) AS s FROM ${sql} GROUP BY 1`,
        );
        const share = 1 / every;
        const chi2 = counts.reduce((sum, { n, s }) => {
          const expected = Number(n) * share;
          return sum + (Number(s) - expected) ** 2 / (expected * (1 - share));
        }, 0);
        found[group] = chiSquareUpper(chi2, counts.length);
      }
      for (const [group, p] of Object.entries(found)) {
        expect(p, `too uneven over ${group}, one of ${every}`).toBeGreaterThan(1e-5);
        expect(1 - p, `too even over ${group}, one of ${every}`).toBeGreaterThan(1e-5);
      }
    }
  },
);
