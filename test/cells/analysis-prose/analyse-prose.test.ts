import fc from "fast-check";
import { expect, test } from "vitest";
import { analyseProse } from "../../../cells/analysis/prose/analyse-prose.ts";
import type { AnalyseExpression } from "../../../cells/analysis/template/expression.ts";
import { renderMarkdown } from "../../../cells/markdown/render-markdown.ts";

// Enough of an analysis to see what is handed on: identifiers not behind a dot, and `!` as an error where it stands.
const words: AnalyseExpression = (source) => ({
  reads: [...source.matchAll(/(?<![.\w'"])[a-z]\w*/g)].map(([name]) => name),
  problem: source.includes("!") ? { message: "no !", line: 1, column: source.indexOf("!") + 1 } : null,
});

test("expressions are found outside code, comments, escapes and addresses, each with its place", () => {
  const source = [
    "Recall **${percent(kpis.recall)}**, `${no}`, \\${no}, [${b}](x/${no}).",
    "",
    "- item ${ c }",
    "  > ${d}",
    "",
    "p",
    "",
    "    ${no}",
    "",
    "<!-- ${no} -->",
    "| ${e} |",
    "|---|",
    "| ${f} |",
  ].join("\n");
  const { expressions, reads, problem } = analyseProse(source, words);
  expect(expressions.map((found) => `${found.line}:${found.column} ${found.source}`)).toEqual([
    "1:12 percent(kpis.recall)",
    "1:57 b",
    "3:11 c",
    "4:7 d",
    "11:5 e",
    "13:5 f",
  ]);
  for (const { source: text, offset } of expressions) expect(source.slice(offset, offset + text.length)).toBe(text);
  expect(reads).toEqual(["percent", "kpis", "b", "c", "d", "e", "f"]);
  expect(problem).toBeNull();
});

test.each([
  ["${ {a: 1}.a }", "{a: 1}.a"],
  ["${`x${y}z}`}", "`x${y}z}`"],
  ["${'}'}", "'}'"],
  ['${"\\"}"}', '"\\"}"'],
  ["${/[}/]}/.test(x)}", "/[}/]}/.test(x)"],
  ["${a / b} / ${c}", "a / b"],
  ["${f(() => { return {} })}", "f(() => { return {} })"],
  ["${a /* } */}", "a /* } */"],
  ["${a\n&& b}", "a\n&& b"],
])("in %j the expression is %j", (source, expected) => {
  expect(analyseProse(source, words).expressions[0]?.source).toBe(expected);
});

test("an open expression and an error in one are told where they stand", () => {
  expect(analyseProse("text\n\nmore ${a + (b}", words).problem).toMatchObject({ line: 3, column: 6 });
  expect(analyseProse("text\n\nmore ${a!b}", words).problem).toEqual({ message: "no !", line: 3, column: 9 });
  expect(analyseProse("cost: $5 {a}", words)).toMatchObject({ expressions: [], problem: null });
});

test("rendering meets exactly the expressions that the analysis found, in the same order", () => {
  const piece = fc.constantFrom(
    "${a}",
    "${`b`}",
    "`",
    "``",
    "**",
    "\n",
    "\n\n",
    "- ",
    "> ",
    "    ",
    "[",
    "](x)",
    "![",
    "| ",
    "|---|",
    "\\",
    "<!--",
    "-->",
    "text",
    "```",
    "# ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const source = pieces.join("");
      const found = analyseProse(source, words).expressions;
      const html = renderMarkdown(
        source,
        found.map((expression, index) => `${index}=${expression.source}`),
      );
      const shown = [...html.matchAll(/<span class="expression">(.*?)<\/span>/g)].map((match) => match[1]);
      expect(shown).toEqual(found.map((expression, index) => `${index}=${expression.source}`));
      expect(html).not.toContain("pending");
    }),
    { numRuns: 2_000 },
  );
});
