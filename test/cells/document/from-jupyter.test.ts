import { expect, test } from "vitest";
import { fromJupyter } from "../../../cells/document/from-jupyter.ts";
import { parseDocument } from "../../../cells/document/parse-document.ts";
import { serializeDocument } from "../../../cells/document/serialize-document.ts";

let next = 0;
const random = () => {
  next += 0.618;
  return next % 1;
};
const notebook = (cells: unknown[], metadata: unknown = {}) => ({ nbformat: 4, nbformat_minor: 5, metadata, cells });
const read = (value: unknown) => {
  const found = fromJupyter(value, random);
  if (!found.ok) throw new Error(found.problem);
  // What counts is what the file says when it is read again.
  return { ...found, cells: parseDocument(serializeDocument(found.document)).document.cells };
};

test("cells come over with their text, other languages as prose, outputs not at all", () => {
  const { cells, asProse } = read(
    notebook([
      { cell_type: "markdown", metadata: {}, source: ["# Title\n", "text"] },
      { cell_type: "code", metadata: {}, source: "import pandas", outputs: [{ big: "x" }], execution_count: 1 },
      { cell_type: "code", metadata: {}, source: ["%%sql\n", "SELECT 1"], outputs: [] },
    ]),
  );
  expect(cells.map(({ kind, source }) => [kind, source])).toEqual([
    ["prose", "# Title\ntext"],
    ["prose", "```python\nimport pandas\n```"],
    ["sql", "SELECT 1"],
  ]);
  expect(asProse).toBe(1);
});

test("what a markdown cell fences does not become a cell that runs", () => {
  const { cells } = read(
    notebook([
      {
        cell_type: "markdown",
        metadata: {},
        source: "Look:\n\n```ts\nfetch('http://x')\n```\n\n``` sql name=a\nSELECT 1\n```",
      },
    ]),
  );
  expect(cells.every(({ kind }) => kind === "prose")).toBe(true);
});

test("our own cells come back with kind, name and attributes; a name that is taken or none is left out", () => {
  const own = (name: string | null) => ({ driftbook: { kind: "drift", name, attributes: [["code", "hidden"]] } });
  const { cells } = read(
    notebook([
      { cell_type: "code", metadata: own("moved"), source: "from: s" },
      { cell_type: "code", metadata: own("moved"), source: "from: s" },
      { cell_type: "code", metadata: own("__proto__"), source: "from: s" },
    ]),
  );
  expect(cells.map(({ kind, name }) => [kind, name])).toEqual([
    ["drift", "moved"],
    ["drift", null],
    ["drift", null],
  ]);
  expect(cells[0]!.attributes).toContainEqual(["code", "hidden"]);
});

test("what is no notebook is refused with what would be right; depth and size of outputs do not matter", () => {
  for (const [value, problem] of [
    [{ nbformat: 3 }, /nbformat 4/],
    [[], /expected object/],
    [notebook([{ cell_type: "evil", source: "" }]), /cells\.0\.cell_type/],
    [notebook(Array.from({ length: 5001 }, () => ({ cell_type: "raw", source: "", metadata: {} }))), /at most 5000/],
  ] as const) {
    const found = fromJupyter(value, random);
    expect(found.ok ? "taken" : found.problem).toMatch(problem);
  }
  const deep = JSON.parse(`${"[".repeat(10_000)}${"]".repeat(10_000)}`) as unknown;
  expect(
    read(
      notebook([{ cell_type: "code", metadata: {}, source: "1", outputs: deep }], {
        language_info: { name: "typescript" },
      }),
    ).cells[0]!.kind,
  ).toBe("ts");
});
