import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyseSqlTemplate } from "../../../cells/analysis/sql/analyse-sql.ts";
import { sourceOffset, splitSqlTemplate } from "../../../cells/analysis/sql/split-sql-template.ts";

const split = (source: string) => {
  const { text, expressions } = splitSqlTemplate(source);
  return [text, ...expressions.map((expression) => expression.source)];
};

describe("splitting", () => {
  test.each<[string, string[]]>([
    ["SELECT 1", ["SELECT 1"]],
    ["a >= ${window.start} AND b > ${threshold}", ["a >= $1 AND b > $2", "window.start", "threshold"]],
    ["f(${x}) GROUP BY f(${ x })", ["f($1) GROUP BY f($1)", "x"]],
    ["${a}::DATE", ["$1::DATE", "a"]],
    ["LIMIT${n}OFFSET${m}", ["LIMIT $1 OFFSET $2", "n", "m"]],
    ["'${no}' || ${x}", ["'${no}' || $1", "x"]],
    ["'it''s ${no}', ${x}", ["'it''s ${no}', $1", "x"]],
    ["E'\\'${no}', ${x}", ["E'\\'${no}', $1", "x"]],
    ["name'${no}'", ["name'${no}'"]],
    ['"a""${no}", ${x}', ['"a""${no}", $1', "x"]],
    ["-- ${no}'\n${x}", ["-- ${no}'\n$1", "x"]],
    ["/* ' ${no} /* */ ${no} */ ${x}", ["/* ' ${no} /* */ ${no} */ $1", "x"]],
    ["$$ ${no} ' $$ ${x}", ["$$ ${no} ' $$ $1", "x"]],
    ["$tag$ $$ ${no} $tag$ ${x}", ["$tag$ $$ ${no} $tag$ $1", "x"]],
    ["a$$ ${x}", ["a$$ $1", "x"]],
    ["${ {a: {b: 1}}.a.b }", ["$1", "{a: {b: 1}}.a.b"]],
    ["${`a ${`}`} '`}, ${y}", ["$1, $2", "`a ${`}`} '`", "y"]],
    ["'unclosed ${no}", ["'unclosed ${no}"]],
    ["x -> '$.a', ${y}", ["x -> '$.a', $1", "y"]],
  ])("%j becomes %j", (source, expected) => {
    expect(split(source)).toEqual(expected);
  });

  test("a placeholder within quotes is warned of, in comments it is not", () => {
    const { warnings } = splitSqlTemplate("SELECT '${a}',\n  \"${b}\", $$${c}$$ -- ${d}");
    expect(warnings.map(({ line, column }) => `${line}:${column}`)).toEqual(["1:9", "2:4", "2:13"]);
    expect(warnings[0]!.message).toContain("is text and not a value");
  });

  test("what cannot run is told where it stands", () => {
    expect(splitSqlTemplate("SELECT\n ${a").problem).toMatchObject({ line: 2, column: 2 });
    expect(splitSqlTemplate("SELECT ${ }").problem?.message).toContain("no expression");
    expect(splitSqlTemplate("SELECT $1").problem).toMatchObject({ line: 1, column: 8 });
    expect(splitSqlTemplate("SELECT $name").problem?.message).toContain("$name cannot be given a value");
    expect(splitSqlTemplate("SELECT a$1, '$1', 5").problem).toBeNull();
  });

  test("reads come from the expressions, and an error inside one points into the cell", () => {
    const found = analyseSqlTemplate("SELECT\n  ${a} + ${b\n!}", (source) => ({
      reads: [source[0]!],
      problem: source.includes("!") ? { message: "no !", line: 2, column: 1 } : null,
    }));
    expect(found.reads).toEqual(["a", "b"]);
    expect(found.problem).toEqual({ message: "no !", line: 3, column: 1 });
  });
});

describe("random statements", () => {
  const piece = fc.constantFrom(
    "'",
    '"',
    "--",
    "\n",
    "/*",
    "*/",
    "$$",
    "$t$",
    "${a}",
    "${`}`}",
    "${",
    "}",
    "E'",
    "\\",
    " ",
    "x",
    "1",
    "$1",
    ";",
  );
  const statement = fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join(""));

  test("putting the expressions back gives the cell again", () => {
    fc.assert(
      fc.property(statement, (source) => {
        const { text, expressions, replacements } = splitSqlTemplate(source);
        let back = "";
        let at = 0;
        for (const { from, to, textFrom, textTo } of replacements) {
          back += text.slice(at, textFrom) + source.slice(from, to);
          const number = Number(/\d+/.exec(text.slice(textFrom, textTo))![0]);
          expect(source.slice(from + 2, to - 1).trim()).toBe(expressions[number - 1]!.source);
          at = textTo;
        }
        expect(back + text.slice(at)).toBe(source);
      }),
      { numRuns: 3_000 },
    );
  });

  test("offsets outside the parameters lead back to the same character", () => {
    fc.assert(
      fc.property(statement, (source) => {
        const found = splitSqlTemplate(source);
        for (let offset = 0; offset < found.text.length; offset++) {
          const inside = found.replacements.some(({ textFrom, textTo }) => offset >= textFrom && offset < textTo);
          if (!inside) expect(source[sourceOffset(found, offset)]).toBe(found.text[offset]);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
