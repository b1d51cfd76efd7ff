import type { z } from "zod";
import type { ImportView, importList } from "../../cells/wire/http-streams.ts";
import { withApi } from "./api.ts";
import { type Command, UsageError } from "./command.ts";
import { tableText } from "./print-table.ts";

export const importsCommand: Command = {
  usage: ["driftbook imports list", "driftbook imports show ID", "driftbook imports withdraw ID"],
  summary: "Loads of files: list them, show one, hide the rows of one from now on",
  about: [],
  options: {},
  arguments: { min: 1, max: 2 },
  async run(invocation) {
    const [verb, id] = invocation.positionals;
    if (verb !== "list" && verb !== "show" && verb !== "withdraw")
      throw new UsageError(`"${verb}" is none of list, show, withdraw.`);
    if (verb !== "list" && id === undefined) throw new UsageError(`Which import? driftbook imports ${verb} ID`);
    return withApi(invocation, invocation.workspace(), async (api) => {
      if (verb === "list") {
        const { imports } = await api.ask<z.infer<typeof importList>>({ method: "GET", path: "/api/imports" });
        invocation.print(invocation.json ? JSON.stringify(imports) : listText(imports));
        return 0;
      }
      const where = `/api/imports/${encodeURIComponent(id!)}`;
      const one = await api.ask<ImportView>(
        verb === "show" ? { method: "GET", path: where } : { method: "POST", path: `${where}/withdraw` },
      );
      if (invocation.json) invocation.print(JSON.stringify(one));
      else if (verb === "withdraw") invocation.print(`Import ${one.id} is withdrawn: its rows are hidden from now on.`);
      else invocation.print(tableText(["", ""], Object.entries(one)).trimStart());
      return 0;
    });
  },
};

function listText(imports: readonly ImportView[]): string {
  if (imports.length === 0) return "No imports yet. Load files with: driftbook ingest STREAM decisions FILE";
  return tableText(
    ["id", "stream", "log", "state", "accepted", "duplicates", "quarantined", "started"],
    imports.map((one) => [
      one.id,
      one.stream,
      one.log,
      one.state,
      one.accepted,
      one.duplicates,
      one.quarantined,
      one.startedAt,
    ]),
  );
}
