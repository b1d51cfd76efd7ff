import { existsSync } from "node:fs";
import path from "node:path";
import { withApi } from "./api.ts";
import { type Command, UsageError } from "./command.ts";

export const backupCommand: Command = {
  usage: ["driftbook backup FILE"],
  summary: "The whole workspace as one file, also while events come in",
  about: [],
  options: {},
  arguments: { min: 1, max: 1 },
  async run(invocation) {
    const file = path.resolve(invocation.positionals[0]!);
    if (existsSync(file))
      throw new UsageError(`"${invocation.positionals[0]}" exists already; a backup never replaces a file.`);
    return withApi(invocation, invocation.workspace(), async (api) => {
      const done = await api.ask<{ file: string; bytes: number; files: number }>({
        method: "POST",
        path: "/api/backup",
        json: { file },
      });
      invocation.print(
        invocation.json ? JSON.stringify(done) : `${done.file}: ${done.files} files, ${done.bytes} bytes.`,
      );
      return 0;
    });
  },
};
