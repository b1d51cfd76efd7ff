import { expect, test } from "vitest";
import { bindNamed } from "../../server/query/named-parameters.ts";

test("names become numbers in the order in which they are read, and mean nothing in texts, names and comments", () => {
  const bound = bindNamed("SELECT $b, $a, $b WHERE x > $a", { a: 1, b: "two" });
  expect(bound).toEqual({ sql: "SELECT $1, $2, $1 WHERE x > $2", parameters: ["two", 1] });
  for (const text of [
    ...[
      "SELECT '$a'",
      "SELECT 'it''s $a'",
      'SELECT 1 AS "$a"',
      "SELECT 1 -- $a",
      "SELECT $$ $a $$",
      "SELECT $t$ $a $$ $t$",
    ],
    ...["SELECT E'\\' $a'", "/* /* */ $a */ SELECT 1", "SELECT c$a FROM t"],
  ])
    expect(bindNamed(text, {}), text).toEqual({ sql: text, parameters: [] });
  expect(bindNamed("SELECT '$a', $a -- $a", { a: [1, null] }).sql).toBe("SELECT '$a', $1 -- $a");
});

test("a name without a value, a value without a name and a value that is none are refused by name", () => {
  expect(() => bindNamed("SELECT $a", {})).toThrow('reads $a, and no parameter "a" is given');
  expect(() => bindNamed("SELECT '$a'", { a: 1 })).toThrow(
    'The parameter "a" is given, and the statement does not read $a',
  );
  expect(() => bindNamed("SELECT $a", { a: {} })).toThrow('The parameter "a" is an object');
});
