import type { LintView } from "../../cells/wire/http-lint.ts";
import { withApi } from "./api.ts";
import type { Command } from "./command.ts";

export const lintCommand: Command = {
  usage: ["driftbook lint [DIR]"],
  summary: "Every notebook, contract and job: parses, names and dataflow; runs nothing",
  about: ["Exit code 1 when something is wrong."],
  options: {},
  arguments: { min: 0, max: 1 },
  async run(invocation) {
    return withApi(invocation, invocation.workspace(invocation.positionals[0]), async (api) => {
      const { files, findings } = await api.ask<LintView>({ method: "GET", path: "/api/lint" });
      if (invocation.json) invocation.print(JSON.stringify({ files, findings }));
      else {
        for (const { file, line, cell, message, hint } of findings)
          invocation.print(
            `${file}${line === null ? "" : `:${line}`}${cell === null ? "" : ` (${cell})`}: ${message}${hint === null ? "" : ` ${hint}`}`,
          );
        invocation.print(`${files} files, ${findings.length} problems.`);
      }
      return findings.length === 0 ? 0 : 1;
    });
  },
};
