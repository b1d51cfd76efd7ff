import path from "node:path";
import { restoreBackup } from "../../workspaces/backup/restore-backup.ts";
import { type Command, UsageError } from "./command.ts";

export const restoreCommand: Command = {
  usage: ["driftbook restore FILE DIR"],
  summary: "A backup as a new workspace; DIR must be absent or empty",
  about: [],
  options: {},
  arguments: { min: 2, max: 2 },
  async run(invocation) {
    const [file, folder] = invocation.positionals as [string, string];
    try {
      const done = await restoreBackup(path.resolve(file), path.resolve(folder));
      invocation.print(
        invocation.json
          ? JSON.stringify(done)
          : `${done.folder}: ${done.files} files, as of ${done.at}. Check it with: driftbook doctor ${folder}`,
      );
      return 0;
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error), error);
    }
  },
};
