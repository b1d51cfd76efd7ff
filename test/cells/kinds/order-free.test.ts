import { expect, test } from "vitest";
import { isOrderFree } from "../../../cells/kinds/kpi/order-free.ts";

const COLUMNS = [
  { name: "amount", type: "DECIMAL(12,2)" },
  { name: "n", type: "BIGINT" },
  { name: "flag", type: "BOOLEAN" },
  { name: "score", type: "DOUBLE" },
  { name: "country", type: "VARCHAR" },
  { name: "A b", type: "DECIMAL(18,4)" },
];

test.each([
  "count(*)",
  "1e4 * sum(amount) FILTER (WHERE flag AND score > 0.5e0) / sum(amount)",
  "count(*) FILTER (WHERE score > 1 / 3) / nullif(count(*), 0)",
  "sum(CASE WHEN flag THEN amount ELSE 0 END)",
  "max(score) - min(score)",
  "avg(n) + count(DISTINCT country)",
  "coalesce(sum(n * (amount + 2)), 0)",
  'sum("A b")',
  "sqrt(sum(n)) / 2",
  "sum(Amount)",
])("%s adds nothing that depends on the order", (expression) => {
  expect(isOrderFree(expression, COLUMNS)).toBe(true);
});

test.each([
  "sum(score)",
  "sum(amount * score)",
  "sum(amount / 3)",
  "sum(amount * 1e-3)",
  "sum(n::DOUBLE)",
  "sum(CAST(n AS DOUBLE))",
  "sum(sqrt(n))",
  "sum(sum(n))",
  "avg(score)",
  "stddev(n)",
  "corr(n, amount)",
  "median(score)",
  "first(n)",
  "string_agg(country, '')",
  "sum(unknown)",
  'sum("score")',
  "sum(CASE WHEN score > 0.5 THEN 1 ELSE 0 END)",
  "sum(n /* score */)",
  "sum(n) OVER ()",
  "sum(n",
  "sum(n))",
  "sum(power(n, 2))",
  "sum(n ^ 2)",
  "list(n)[1]",
])("%s is not sure to be free of order", (expression) => {
  expect(isOrderFree(expression, COLUMNS)).toBe(false);
});
