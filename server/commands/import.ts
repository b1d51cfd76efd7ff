import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { fromJupyter } from "../../cells/document/from-jupyter.ts";
import { serializeDocument } from "../../cells/document/serialize-document.ts";
import { withApi } from "./api.ts";
import { type Command, textOption, UsageError } from "./command.ts";

const MOST_BYTES = 64_000_000;

export const importCommand: Command = {
  usage: ["driftbook import FILE.ipynb [--as NOTEBOOK]"],
  summary: "Make a notebook of a Jupyter notebook, without its outputs; nothing is run or replaced",
  about: ["--as NOTEBOOK  its path in the workspace; otherwise the file's name with .nb.md"],
  options: { as: { type: "string" } },
  arguments: { min: 1, max: 1 },
  async run(invocation) {
    const [file] = invocation.positionals as [string];
    const value = await readJson(file);
    const found = fromJupyter(value, Math.random);
    if (!found.ok) throw new UsageError(`"${file}" is no Jupyter notebook that can be read: ${found.problem}.`);
    const notebook = textOption(invocation, "as") ?? `${path.basename(file).replace(/\.ipynb$/i, "")}.nb.md`;
    return withApi(invocation, invocation.workspace(), async (api) => {
      await api.ask({
        method: "POST",
        path: "/api/notebooks",
        json: { path: notebook, text: serializeDocument(found.document) },
      });
      const cells = found.document.cells.length;
      const prose = found.asProse === 0 ? "" : ` ${found.asProse} code cells of another language are kept as text.`;
      if (invocation.json) invocation.print(JSON.stringify({ notebook, cells, asProse: found.asProse }));
      else invocation.print(`${notebook}: ${cells} cells.${prose}`);
      return 0;
    });
  },
};

/** @throws UsageError */
async function readJson(file: string): Promise<unknown> {
  const size = await stat(file).then(
    ({ size: bytes }) => bytes,
    (error: unknown) => {
      throw new UsageError(`"${file}" cannot be read: ${(error as Error).message}.`, error);
    },
  );
  if (size > MOST_BYTES)
    throw new UsageError(
      `"${file}" has ${Math.round(size / 1e6)} MB; the largest that is read has ${MOST_BYTES / 1e6} MB. Clear its outputs in Jupyter and save it first.`,
    );
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`"${file}" is not JSON: ${(error as Error).message}.`, error);
  }
}
