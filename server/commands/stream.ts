import { existsSync, readFileSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import type { InferenceView } from "../../cells/wire/http-streams.ts";
import { withApi } from "./api.ts";
import { type Command, UsageError } from "./command.ts";

export const streamCommand: Command = {
  usage: ["driftbook stream infer NAME FILE"],
  summary: "A stream's contract from a sample of its decisions, for review",
  about: ["Writes streams/NAME.yaml unless it is there already; CSV, NDJSON, JSON or Parquet"],
  options: {},
  arguments: { min: 3, max: 3 },
  async run(invocation) {
    const [verb, stream, file] = invocation.positionals as [string, string, string];
    if (verb !== "infer") throw new UsageError(`"${verb}" is not known; driftbook stream infer NAME FILE.`);
    const sample = path.resolve(file);
    if (!existsSync(sample)) throw new UsageError(`There is no file "${file}".`);
    const folder = invocation.workspace();
    const target = path.join(folder, "streams", `${stream}.yaml`);
    if (existsSync(target)) {
      const text = readFileSync(target, "utf8");
      throw new UsageError(
        `${target} exists already (${text.length} characters). Move it away first, or infer another name.`,
      );
    }
    return withApi(invocation, folder, async (api) => {
      const found = await api.ask<InferenceView>({
        method: "POST",
        path: "/api/inference",
        json: { stream, file: sample },
      });
      await mkdir(path.dirname(target), { recursive: true });
      // Exclusive: between the look above and this write nobody's file is replaced.
      const handle = await open(target, "wx");
      await handle.writeFile(found.contract);
      await handle.close();
      if (invocation.json) invocation.print(JSON.stringify({ path: target, ...found }));
      else {
        invocation.print(found.contract.trimEnd());
        for (const note of found.notes) invocation.note(note);
        invocation.note(
          `Written to ${path.relative(process.cwd(), target)}. Review it: every event is checked against it.`,
        );
      }
      return 0;
    });
  },
};
