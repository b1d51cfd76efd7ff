import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { ZodObject } from "zod";
import { readFrontMatter } from "../../cells/document/front-matter.ts";
import { inputSpec } from "../../cells/kinds/input/input-spec.ts";
import { parseYaml } from "../../cells/yaml/read-yaml.ts";
import { readBlocks } from "./read-commands.ts";
import { tableOf } from "./read-tables.ts";

const GUIDE = path.join(fileURLToPath(new URL("../..", import.meta.url)), "docs/notebooks.md");
const guide = await readFile(GUIDE, "utf8");

test("the guide of notebooks has every type of input with every key", () => {
  const said = new Map(tableOf(guide, "`type`").map(([type, , keys]) => [type!.replaceAll("`", ""), keys!]));
  const options = inputSpec.options as readonly ZodObject[];
  const types = options.map(({ shape }) => String((shape.type as { value?: unknown }).value));
  expect([...said.keys()]).toEqual(types);
  for (const [at, { shape }] of options.entries())
    expect(said.get(types[at]!)!.match(/\w+/g) ?? [], types[at]).toEqual(
      expect.arrayContaining(Object.keys(shape).filter((key) => !["type", "label", "default"].includes(key))),
    );
  const example = readBlocks(guide).find(({ text }) => text.startsWith("# yaml input"))!;
  expect(parseYaml(example.text, inputSpec)).toMatchObject({ ok: true, value: { type: "slider", default: 0.6 } });
});

test("the guide of notebooks has every key of front matter", () => {
  const { frontMatter } = readFrontMatter("---\ndriftbook: 1\n---\n");
  const keys = Object.keys(frontMatter)
    .filter((key) => key !== "raw")
    .map((key) => (key === "asOf" ? "as_of" : key));
  const said = tableOf(guide, "key").map(([key]) => key!.replaceAll("`", ""));
  expect(said.toSorted()).toEqual(["driftbook", ...keys].toSorted());
});
