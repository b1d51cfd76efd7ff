import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newCellId } from "../../../cells/document/cell-id.ts";
import { applyEdits, applyTextChanges, diffDocuments, textChanges } from "../../../cells/document/diff-document.ts";
import { type Cell, contentOf, type Document } from "../../../cells/document/document.ts";
import {
  changeSource,
  deleteCell,
  insertCell,
  moveCell,
  setAttribute,
  setDefaultWindow,
  setKind,
  setName,
  setRunMode,
  setTitle,
} from "../../../cells/document/edit-document.ts";
import { parseDocument } from "../../../cells/document/parse-document.ts";
import { serializeDocument } from "../../../cells/document/serialize-document.ts";
import { notebookText } from "./arbitrary-notebook.ts";

const RUNS = 3_000;
const parse = (text: string) => parseDocument(text).document;
const brief = (document: Document) =>
  document.cells.map(({ kind, name, source }) => `${kind}${name === null ? "" : ` ${name}`}: ${source}`);
const content = (cell: Cell) => ({
  kind: cell.kind,
  name: cell.name,
  source: cell.source,
  attributes: cell.attributes,
});

const EXAMPLE = `---
driftbook: 1
title: Card fraud, daily health   # shown in the list
run: manual
window: last 28 days
headline: [fraud_kpis.recall]
owner: risk
---
Recall was **\${percent(x)}**.

\`\`\`yaml input name=threshold
type: slider
default: 0.8
\`\`\`

\`\`\`sql name=alerts code=hidden
SELECT 1
\`\`\`
\`\`\`ts id=w0c4v5yd
1 + 1
\`\`\`

Adjacent one

<!-- cell -->

Adjacent two
`;

describe("reading", () => {
  test("the example's front matter and cells are found, ids from names and id=", () => {
    const { document, problems } = parseDocument(EXAMPLE);
    expect(problems).toEqual([]);
    expect(document.frontMatter).toMatchObject({
      title: "Card fraud, daily health",
      run: "manual",
      window: "last 28 days",
      asOf: null,
      headline: ["fraud_kpis.recall"],
    });
    expect(brief(document)).toEqual([
      "prose: Recall was **${percent(x)}**.",
      "input threshold: type: slider\ndefault: 0.8",
      "sql alerts: SELECT 1",
      "ts: 1 + 1",
      "prose: Adjacent one",
      "prose: Adjacent two",
    ]);
    expect(document.cells.slice(1, 4).map((cell) => cell.id)).toEqual(["threshold", "alerts", "w0c4v5yd"]);
    expect(document.cells[2]!.attributes).toEqual([["code", "hidden"]]);
  });

  test.each([
    [
      "a fence inside a longer fence is its content",
      "````ts\n```sql\nSELECT 1\n```\n````",
      ["ts: ```sql\nSELECT 1\n```"],
    ],
    ["a tilde fence is prose", "~~~ts\n1\n~~~", ["prose: ~~~ts\n1\n~~~"]],
    ["run=false is prose", "```ts run=false\n1\n```", ["prose: ```ts run=false\n1\n```"]],
    ["other languages are prose", "```js\n1\n```", ["prose: ```js\n1\n```"]],
    ["yaml without a kind is prose", "```yaml\na: 1\n```", ["prose: ```yaml\na: 1\n```"]],
    ["tsx does not begin with the word ts", "```tsx\n1\n```", ["prose: ```tsx\n1\n```"]],
    [
      "a cell inside another language's longer fence is prose",
      "````md\n```ts\n1\n```\n````",
      ["prose: ````md\n```ts\n1\n```\n````"],
    ],
    [
      "a fence in a list or a quote is prose",
      "- a\n  ```ts\n  1\n  ```\n\n> ```sql\n> x\n> ```",
      ["prose: - a\n  ```ts\n  1\n  ```\n\n> ```sql\n> x\n> ```"],
    ],
    ["a fence in a comment is prose", "<!--\n```ts\n1\n```\n-->", ["prose: <!--\n```ts\n1\n```\n-->"]],
    ["indented code is prose", "    ```ts\n    1\n    ```", ["prose:     ```ts\n    1\n    ```"]],
    ["an indented fence takes its indentation from its lines", "  ```ts\n  a\n    b\n  ```", ["ts: a\n  b"]],
    ["CRLF never reaches a source", "```ts\r\na\r\nb\r\n```\r\n\r\ntext\r\nmore", ["ts: a\nb", "prose: text\nmore"]],
    ["a mark and front matter are not prose", "\uFEFF---\ntitle: x\n---\ntext", ["prose: text"]],
    ["a cell without lines has an empty source", "```ts\n```", ["ts: "]],
    ["blank lines at either end of a source are kept", "```ts\n\na\n\n```", ["ts: \na\n"]],
    ["a separator inside a code block is text", "```md\n<!-- cell -->\n```", ["prose: ```md\n<!-- cell -->\n```"]],
  ])("%s", (_, text, expected) => {
    expect(brief(parse(text))).toEqual(expected);
    expect(serializeDocument(parse(text))).toBe(text);
  });

  test("what is not understood is told with its line and kept", () => {
    const text =
      "---\nrun: sometimes\n---\n\n```yaml dirft\na: 1\n```\n\n```ts name=9x\n1\n```\n\n```sql id=a\n1\n```\n\n```sql id=a\nopen";
    const { document, problems } = parseDocument(text);
    expect(problems.map(({ line }) => line)).toEqual([2, 5, 9, 17, 17]);
    expect(problems[0]!.message).toBe('run: expected auto or manual, got "sometimes"');
    expect(problems[1]!.message).toContain('"yaml dirft"');
    expect(problems[2]!.message).toContain("name=9x");
    expect(problems.map(({ message }) => message).join()).toContain("never closed");
    expect(new Set(document.cells.map((cell) => cell.id)).size).toBe(document.cells.length);
    expect(serializeDocument(document)).toBe(text);
  });

  test("front matter that is no YAML is kept and told", () => {
    const text = "---\ntitle: [a\n---\ntext\n";
    const { document, problems } = parseDocument(text);
    expect(document.frontMatter.raw).toBe("---\ntitle: [a\n---\n");
    expect(problems).toHaveLength(1);
    expect(brief(document)).toEqual(["prose: text"]);
  });

  test("a derived id depends on the content, not on what stands around it", () => {
    const id = parse("```ts\na\n```").cells[0]!.id;
    expect(id).toMatch(/^[a-z][a-z0-9]{7}$/);
    expect(parse("text\n\n```ts\nb\n```\n\n```ts\na\n```").cells[2]!.id).toBe(id);
    const twins = parse("```ts\na\n```\n\n```ts\na\n```").cells.map((cell) => cell.id);
    expect(twins[0]).toBe(id);
    expect(twins[1]).not.toBe(id);
  });

  test("ten thousand CRLF lines after an unclosed front matter are read in no time", () => {
    const text = `---\r\n${"a: 1\r\n".repeat(10_000)}`;
    const before = performance.now();
    expect(serializeDocument(parse(text))).toBe(text);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

describe("writing", () => {
  test("parse then serialize is the identity for every text, and reading it again gives the same", () => {
    fc.assert(
      fc.property(notebookText, (text) => {
        const document = parse(text);
        expect(serializeDocument(document)).toBe(text);
        expect(parse(text)).toEqual(document);
        expect(new Set(document.cells.map((cell) => cell.id)).size).toBe(document.cells.length);
      }),
      { numRuns: RUNS },
    );
  });

  test("a document is plain data: it survives JSON", () => {
    fc.assert(
      fc.property(notebookText, (text) => {
        const document = parse(text);
        expect(JSON.parse(JSON.stringify(document))).toEqual(document);
      }),
      { numRuns: 300 },
    );
  });

  test("an edit changes the lines of its cell alone, and an unnamed cell gets its id", () => {
    const text = "---\ntitle: x\n---\n\n\n\nprose\n\n\n```ts\nold\n```\n\n\n\n```sql  name=b   odd\nSELECT 1\n```";
    const document = parse(text);
    const cell = document.cells[1]!;
    const edited = changeSource(document, cell.id, "new\n```\n");
    expect(serializeDocument(edited)).toBe(
      `---\ntitle: x\n---\n\n\n\nprose\n\n\n\`\`\`\`ts id=${cell.id}\nnew\n\`\`\`\n\n\`\`\`\`\n\n\n\n\`\`\`sql  name=b   odd\nSELECT 1\n\`\`\``,
    );
    expect(edited.cells[2]).toBe(document.cells[2]);
    expect(changeSource(document, cell.id, "old")).toBe(document);
  });

  test("unknown attributes survive an edit, also odd ones", () => {
    const text = '```ts wide odd=1 note="two words" quote="a\\"b" =x "lone name=9x\nold\n```\n';
    const document = parse(text);
    const again = parse(serializeDocument(changeSource(document, document.cells[0]!.id, "new")));
    expect(again.cells[0]!.attributes).toEqual(document.cells[0]!.attributes);
    expect(again.cells[0]!.source).toBe("new");
  });

  test("prose that would swallow the next cell is closed when it is written", () => {
    for (const open of ["```", "~~~~md\nx", "<!-- not done", "<script>", "<?php", "<![CDATA[", "<!DOCTYPE"]) {
      const document = parse("prose\n\n```ts name=a\n1\n```\n");
      const edited = changeSource(document, document.cells[0]!.id, open);
      const again = parse(serializeDocument(edited));
      expect(
        again.cells.map((cell) => cell.kind),
        open,
      ).toEqual(["prose", "ts"]);
      expect(again.cells[0]!.source.startsWith(open)).toBe(true);
    }
  });

  test("prose that begins like front matter is still prose when read again", () => {
    const document = insertCell(
      parse(""),
      { id: "p", kind: "prose", name: null, source: "---\na: 1\n---", attributes: [] },
      0,
    );
    expect(brief(parse(serializeDocument(document)))).toEqual(["prose: ---\na: 1\n---"]);
  });

  test("a file of CRLF lines gets CRLF in what is edited", () => {
    const document = parse("---\r\ntitle: x\r\n---\r\ntext\r\n\r\n```ts name=a\r\n1\r\n```\r\n");
    const edited = setTitle(changeSource(document, "a", "1\n2"), "y");
    expect(serializeDocument(edited)).toBe("---\r\ntitle: y\r\n---\r\ntext\r\n\r\n```ts name=a\r\n1\r\n2\r\n```\r\n");
  });

  test("front matter edits keep comments and other keys, and begin it where there was none", () => {
    const document = parse(EXAMPLE);
    const edited = setRunMode(setDefaultWindow(setTitle(document, 'Now: "new" # title'), "2026-03"), "auto");
    expect(serializeDocument(edited)).toBe(
      EXAMPLE.replace("Card fraud, daily health   # shown", "'Now: \"new\" # title'   # shown")
        .replace("run: manual", "run: auto")
        .replace("window: last 28 days", "window: 2026-03"),
    );
    expect(serializeDocument(setTitle(parse("text\n"), "T"))).toBe("---\ndriftbook: 1\ntitle: T\n---\ntext\n");
    expect(serializeDocument(setTitle(parse("---\ntitle: [a\nb: 1\n---\ntext\n"), "T"))).toBe(
      "---\ntitle: T\nb: 1\n---\ntext\n",
    );
    const without = setDefaultWindow(parse("---\nwindow: 2026-03 # w\ntitle: a # t\n---\n"), null);
    expect(without.frontMatter).toMatchObject({ window: null, title: "a" });
  });
});

// Sources that stay one cell of their kind: any text for code, plain paragraphs for prose.
const cellContent = (id: string) =>
  fc.oneof(
    fc.record({
      id: fc.constant(id),
      kind: fc.constantFrom("ts" as const, "sql" as const, "input" as const),
      name: fc.constantFrom(null, null, `n_${id}`),
      source: fc
        .array(fc.constantFrom("a", "```", "````ts", "~~~", "", "---", "<!-- cell -->", "<!--"), { maxLength: 5 })
        .map((lines) => lines.join("\n")),
      attributes: fc.constantFrom<[string, string | null][]>(
        [],
        [["wide", null]],
        [
          ["note", 'a `b`\n"c"'],
          ["run", "manual"],
        ],
      ),
    }),
    fc.record({
      id: fc.constant(id),
      kind: fc.constant("prose" as const),
      name: fc.constant(null),
      source: fc.constantFrom(
        "text",
        "- a\n\n      code",
        "    code",
        "a\n\nb",
        "---",
        "<div>\nx",
        "> q",
        "# h\n---",
        "[a]: b",
      ),
      attributes: fc.constant<[string, string | null][]>([]),
    }),
  );

type Step = (document: Document) => Document;
const pick = (document: Document, index: number) =>
  document.cells[index % Math.max(1, document.cells.length)]?.id ?? "none";
const step: fc.Arbitrary<Step> = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(1e9)).chain(
  ([at, to, seed]): fc.Arbitrary<Step> =>
    fc.oneof(
      cellContent(`i${seed}`).map(
        (cell): Step =>
          (document) =>
            insertCell(document, cell, to),
      ),
      fc.constant<Step>((document) => deleteCell(document, pick(document, at))),
      fc.constant<Step>((document) => moveCell(document, pick(document, at), to)),
      fc.constant<Step>((document) => {
        const cell = document.cells[at % Math.max(1, document.cells.length)];
        return cell === undefined || cell.kind === "prose"
          ? document
          : setAttribute(document, cell.id, "height", String(to));
      }),
    ),
);

const base = fc.constantFrom(
  EXAMPLE,
  "",
  "\uFEFFtext",
  "```ts\nopen",
  "a\n<!-- cell -->\nb\n```sql\n1\n```\nc",
  "- x\r\n\r\n~~~\r\nopen",
  "---\ntitle: a\n---",
);

describe("editing", () => {
  test("any edits written and read again give the same cells in the same order", () => {
    fc.assert(
      fc.property(base, fc.array(step, { maxLength: 8 }), (text, steps) => {
        const edited = steps.reduce((document, apply) => apply(document), parse(text));
        const again = parse(serializeDocument(edited));
        const closed = (cell: Cell) => ({
          ...content(cell),
          source: cell.kind === "prose" ? cell.source.replace(/\n~~~$/, "") : cell.source,
        });
        expect(again.cells.map(closed)).toEqual(edited.cells.map(closed));
        expect(again.frontMatter.raw.trimEnd()).toBe(edited.frontMatter.raw.trimEnd());
        expect(serializeDocument(again)).toBe(serializeDocument(edited));
      }),
      { numRuns: RUNS },
    );
  });

  test("operations on cells that are gone change nothing", () => {
    const document = parse(EXAMPLE);
    expect(deleteCell(document, "x")).toBe(document);
    expect(moveCell(document, "x", 0)).toBe(document);
    expect(setName(document, "x", "y")).toBe(document);
    expect(setKind(document, "x", "ts")).toBe(document);
    expect(insertCell(document, contentOf(document.cells[1]!), 0)).toBe(document);
  });

  test("a renamed cell keeps its id until the file is read again", () => {
    const document = setName(parse("```sql name=a\n1\n```"), "a", "b");
    expect(document.cells[0]).toMatchObject({ id: "a", name: "b" });
    expect(serializeDocument(document)).toBe("```sql name=b\n1\n```\n");
    expect(() => setName(document, "a", "not a name")).toThrow("cannot name a cell");
    expect(() => setName(document, "a", "__proto__")).toThrow(RangeError);
  });

  test("new ids have eight characters and follow the given numbers", () => {
    expect(newCellId(() => 0)).toBe("a0000000");
    expect(newCellId(() => 0.999999)).toBe("zzzzzzzz");
  });
});

describe("a file changed on disk", () => {
  const fresh = (taken: ReadonlySet<string>) => {
    for (let number = 0; ; number++) if (!taken.has(`fresh${number}`)) return `fresh${number}`;
  };
  const settled = (cell: Cell) => ({
    kind: cell.kind,
    name: cell.name,
    source: cell.source,
    attributes: Object.fromEntries(
      cell.attributes.filter(([key]) => key !== "name" && key !== "id").map(([key, value]) => [key, value ?? ""]),
    ),
  });

  test("the edits found turn any document into the content of any other", () => {
    fc.assert(
      fc.property(notebookText, notebookText, (from, to) => {
        const [old, now] = [parse(from), parse(to)];
        const result = applyEdits(old, diffDocuments(old, now, fresh));
        expect(result.cells.map(settled)).toEqual(now.cells.map(settled));
        expect(new Set(result.cells.map((cell) => cell.id)).size).toBe(result.cells.length);
        expect(result.frontMatter).toMatchObject({ run: now.frontMatter.run, window: now.frontMatter.window });
      }),
      { numRuns: RUNS },
    );
  });

  test("nothing changed gives no edits", () => {
    fc.assert(
      fc.property(notebookText, (text) => {
        expect(diffDocuments(parse(text), parse(text), fresh)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("an edited, a renamed, a moved and an inserted cell are each one edit on the cell concerned", () => {
    const edits = (change: (text: string) => string) => diffDocuments(parse(EXAMPLE), parse(change(EXAMPLE)), fresh);
    expect(edits((text) => text.replace("SELECT 1", "SELECT 12"))).toEqual([
      { type: "cell-edited", cell: "alerts", changes: [{ from: 8, to: 8, insert: "2" }] },
    ]);
    expect(edits((text) => text.replace("name=alerts", "name=alarms"))).toEqual([
      { type: "cell-renamed", cell: "alerts", name: "alarms" },
    ]);
    expect(edits((text) => text.replace("Adjacent one", "Adjacent 1"))).toMatchObject([{ type: "cell-edited" }]);
    expect(edits((text) => text.replace("Adjacent one", "```ts name=x\n1\n```\n\nAdjacent one"))).toMatchObject([
      { type: "cell-inserted", index: 4, cell: { name: "x" } },
    ]);
    expect(edits((text) => text.replace("title: Card fraud, daily health", "title: T"))).toEqual([
      { type: "title-set", title: "T" },
    ]);
  });

  test("text changes found between two texts give the second", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => {
        expect(applyTextChanges(a + b + d, textChanges(a + b + d, a + c + d))).toBe(a + c + d);
      }),
    );
  });
});
