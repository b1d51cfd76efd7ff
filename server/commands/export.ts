import process from "node:process";
import { exportFormat } from "../../cells/wire/http-reports.ts";
import { withApi } from "./api.ts";
import { assignments, type Command, textOption, textOptions, UsageError } from "./command.ts";
import { notebookOf } from "./notebook-argument.ts";
import { writeTo } from "./write-file.ts";

export const exportCommand: Command = {
  usage: ["driftbook export NOTEBOOK --to html|ipynb|md [--out FILE] [--set NAME=VALUE]… [--window W] [--as-of TIME]"],
  summary: "Run a notebook and write it with its results as one file",
  about: [
    "--to html    one page with its data, which loads nothing; ipynb is a Jupyter notebook, md is Markdown",
    "--out FILE   otherwise to stdout",
    "--show-code  cells' texts too (a Jupyter notebook always has them)",
    "--tables T   all, or the name of a cell whose table of single rows is shown; may be repeated",
    "--personal   also columns that contracts mark personal",
  ],
  options: {
    to: { type: "string" },
    out: { type: "string" },
    set: { type: "string", multiple: true },
    window: { type: "string" },
    "as-of": { type: "string" },
    "show-code": { type: "boolean" },
    tables: { type: "string", multiple: true },
    personal: { type: "boolean" },
  },
  arguments: { min: 1, max: 1 },
  async run(invocation) {
    const to = exportFormat.safeParse(textOption(invocation, "to"));
    if (!to.success)
      throw new UsageError(
        `--to "${textOption(invocation, "to") ?? ""}" is none of ${exportFormat.options.join(", ")}.`,
      );
    const { folder, notebook } = notebookOf(invocation, invocation.positionals[0]!);
    const tables = textOptions(invocation, "tables");
    const json = {
      to: to.data,
      set: assignments(textOptions(invocation, "set"), "set"),
      window: textOption(invocation, "window"),
      asOf: textOption(invocation, "as-of"),
      showCode: invocation.values["show-code"] === true,
      personal: invocation.values.personal === true,
      ...(tables.length === 0 ? {} : { tables: tables.includes("all") ? "all" : tables }),
    };
    return withApi(invocation, folder, async (api) => {
      const path = `/api/notebooks/${encodeURIComponent(notebook)}/export`;
      const { bytes } = await api.send({ method: "POST", path, json });
      const out = textOption(invocation, "out");
      if (out === undefined) process.stdout.write(bytes);
      else {
        await writeTo(out, bytes);
        invocation.note(`Wrote ${out}.`);
      }
      return 0;
    });
  },
};
