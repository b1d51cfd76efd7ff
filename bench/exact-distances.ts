/**
 * `node bench/exact-distances.ts [rows=2000000]`: exact KS and Wasserstein distance of one column, so many rows on each
 * side, as a drift cell asks for them; against the plain form: union, group by value, cumulative sums over the ordered
 * values, in doubles that depend on the order of adding.
 */

import { lengthScale } from "../cells/kinds/drift/drift-plan.ts";
import { duckdbDialect } from "../kernels/dialects/duckdb-dialect.ts";
import { DuckDBInstance } from "../kernels/duckdb/duckdb.ts";
import { percentile } from "./percentile.ts";
import { times } from "./times.ts";

const ROWS = Number(process.argv[2] ?? 2_000_000);
const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
await connection.run(`CREATE TABLE samples AS SELECT (hash(range, 1) % 1000003)::DOUBLE / 100003 AS r,
  (hash(range, 2) % 1000003)::DOUBLE / 100003 + 0.01 AS c FROM range(${ROWS})`);
const ours = duckdbDialect.exactDistances({
  reference: "SELECT r AS v FROM samples",
  current: "SELECT c AS v FROM samples",
  nReference: ROWS,
  nCurrent: ROWS,
  scale: lengthScale(11),
});
const plain = `WITH u AS (SELECT r AS v, 1 AS r, 0 AS c FROM samples UNION ALL SELECT c, 0, 1 FROM samples),
t AS (SELECT v, sum(r) AS r, sum(c) AS c FROM u GROUP BY v),
s AS (SELECT lead(v) OVER w - v AS dx, sum(r) OVER w AS r, sum(c) OVER w AS c FROM t WINDOW w AS (ORDER BY v))
SELECT max(abs(r / ${ROWS} - c / ${ROWS})), sum(abs(r / ${ROWS} - c / ${ROWS}) * dx) FROM s`;
const run = async (sql: string): Promise<void> => {
  await (await connection.run(sql)).getRows();
};
await times(() => run(ours), 2);
await times(() => run(plain), 2);
const [mine, theirs] = [await times(() => run(ours), 7), await times(() => run(plain), 7)];
console.log(
  `exact KS + Wasserstein, ${ROWS} + ${ROWS} rows: ${Math.round(percentile(mine, 0.5))} ms; plain form ${Math.round(percentile(theirs, 0.5))} ms; ratio ${(percentile(mine, 0.5) / percentile(theirs, 0.5)).toFixed(2)}`,
);
