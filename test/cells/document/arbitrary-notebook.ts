import fc from "fast-check";

/** Lines that mean something to the format or to Markdown, so that random texts meet its corners. */
const LINES = [
  "",
  "",
  "",
  " ",
  "\t",
  "---",
  "--- ",
  "driftbook: 1",
  "title: Card fraud",
  "title: [a",
  "run: manual",
  "# Heading",
  "Some *prose* with ${x + 1}.",
  "- item",
  "  nested",
  "> quote",
  "> ```ts",
  "1. one",
  "    indented code",
  "\tindented",
  "```",
  "````",
  "`````",
  "~~~",
  "~~~~",
  "```ts",
  "```ts name=daily",
  "```sql id=k3f9a2xq",
  "```sql name=daily id=k3f9a2xq",
  "```yaml input name=threshold",
  "```yaml drift name=x",
  "```yaml",
  "```yml",
  "```tsx",
  "```ts run=false",
  "``` ts",
  "```sql run=manual code=hidden wide",
  '```ts note="two words" id=a1',
  "```ts name=9x id=__proto__",
  "````ts id=b2",
  " ```ts",
  "  ```sql name=indented",
  "~~~ts",
  "```js",
  "const a = 1;",
  "SELECT 1",
  "type: slider",
  "<!-- cell -->",
  "<!-- cell -->  ",
  "<!--",
  "-->",
  "<!-- a -->",
  "<div>",
  "</div>",
  "<script>",
  "</script>",
  "<?php",
  "<![CDATA[",
  "[a]: /url",
  "===",
  "***",
  "a\u0000b",
  "\uFEFF",
  "\uD800",
  "naïve – 数",
  "``` `ts",
  "```ts `",
  "\u2028",
  "\u00a0",
];

const line = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...LINES) }, { weight: 1, arbitrary: fc.string() });
const ending = fc.oneof(
  { weight: 3, arbitrary: fc.constant(["\n"]) },
  { weight: 1, arbitrary: fc.constant(["\r\n"]) },
  { weight: 1, arbitrary: fc.constant(["\n", "\r\n", "\r"]) },
);

/** Texts of up to 40 such lines with one or several kinds of line ending, with or without a mark and a final newline. */
export const notebookText = fc
  .tuple(
    fc.boolean(),
    fc.array(line, { maxLength: 40 }),
    ending,
    fc.array(fc.nat(2), { minLength: 40, maxLength: 40 }),
    fc.boolean(),
  )
  .map(([mark, lines, endings, picks, final]) => {
    let text = mark ? "\uFEFF" : "";
    for (const [index, content] of lines.entries()) {
      const isLast = index === lines.length - 1;
      text += content + (isLast && !final ? "" : endings[picks[index]! % endings.length]!);
    }
    return text;
  });
