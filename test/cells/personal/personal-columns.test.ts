import { expect, test } from "vitest";
import { isAggregate } from "../../../cells/personal/is-aggregate.ts";
import { personalTrace } from "../../../cells/personal/personal-columns.ts";

const trace = (sql: string) => personalTrace(sql, new Set(["account_id"]));

test("a personal column is followed through aliases, expressions, inner queries and CTEs", () => {
  for (const [sql, columns] of [
    ["SELECT account_id AS who, score FROM s", ["who"]],
    ["SELECT account_id who FROM s", ["who"]],
    ['SELECT s."account_id" AS "Who Is", 1 AS a FROM s', ["who is"]],
    ["SELECT who: account_id, 1 AS a FROM s", ["who"]],
    ["SELECT upper(account_id) || '-' AS u, count(*) AS n FROM s GROUP BY 1", ["u"]],
    ["SELECT * RENAME (account_id AS w) FROM s", ["w"]],
    ["WITH t AS (SELECT account_id AS a FROM s) SELECT left(a, 3) AS b, 1 AS c FROM t", ["a", "b"]],
    ["SELECT b FROM (SELECT md5(account_id) AS b FROM s)", ["b"]],
    ["SELECT max(account_id) AS latest FROM s", ["latest"]],
  ] as const) {
    const found = trace(sql);
    expect([sql, ...columns.filter((name) => !found.columns.includes(name))]).toEqual([sql]);
    expect([sql, found.columns.includes("n") || found.columns.includes("c")]).toEqual([sql, false]);
  }
});

test("counting a personal column gives nothing away, nor does its name in text or in a comment", () => {
  for (const sql of [
    "SELECT country, count(DISTINCT account_id) AS accounts FROM s GROUP BY country",
    "SELECT 'account_id' AS a FROM s -- account_id",
    "SELECT count(*) AS n FROM s WHERE account_id = 'a'",
  ])
    expect([sql, trace(sql).columns, trace(sql).unclear]).toEqual([sql, [], false]);
});

test("what cannot be followed is unclear", () => {
  for (const sql of [
    "PIVOT s ON account_id USING count(*)",
    "SELECT country AS a FROM s UNION ALL SELECT account_id FROM s",
    "WITH t(a) AS (SELECT account_id FROM s) SELECT a FROM t",
    "SELECT a FROM (SELECT account_id FROM s) AS t(a)",
  ])
    expect([sql, trace(sql).unclear]).toEqual([sql, true]);
});

test("a statement aggregates when it groups or aggregates on its outermost level", () => {
  for (const sql of [
    "SELECT day, count(*) FROM s GROUP BY day",
    "SELECT avg(score) AS m FROM s",
    "WITH t AS (SELECT * FROM s) SELECT sum(amount) FILTER (WHERE label) FROM t",
  ])
    expect([sql, isAggregate(sql)]).toEqual([sql, true]);
  for (const sql of [
    "SELECT * FROM s",
    "SELECT * FROM (SELECT day, count(*) FROM s GROUP BY day)",
    "SELECT score, avg(score) OVER (ORDER BY t) FROM s",
    "SELECT country, list(score) FROM s GROUP BY country",
    "SELECT DISTINCT country FROM s",
    "FROM s",
  ])
    expect([sql, isAggregate(sql)]).toEqual([sql, false]);
});
