import type { z } from "zod";
import type { quarantineDetail, quarantineList, replayAnswer } from "../../cells/wire/http-streams.ts";
import { withApi } from "./api.ts";
import { type Command, textOption, UsageError } from "./command.ts";
import { tableText } from "./print-table.ts";

export const quarantineCommand: Command = {
  usage: [
    "driftbook quarantine list [--stream STREAM]",
    "driftbook quarantine show ID --stream STREAM",
    "driftbook quarantine replay [ID…] --stream STREAM",
  ],
  summary: "Events that were refused: list them, show one as it came, check them again",
  about: ["replay without ids checks all of the stream's quarantine again, after the contract was corrected"],
  options: { stream: { type: "string" } },
  arguments: { min: 1, max: 1000 },
  async run(invocation) {
    const [verb, ...ids] = invocation.positionals;
    const stream = textOption(invocation, "stream");
    return withApi(invocation, invocation.workspace(), async (api) => {
      const streams = stream === undefined ? await streamNames(api) : [stream];
      const at = (name: string) => `/api/streams/${encodeURIComponent(name)}/quarantine`;
      switch (verb) {
        case "list": {
          const all = [];
          for (const name of streams)
            all.push(...(await api.ask<z.infer<typeof quarantineList>>({ method: "GET", path: at(name) })).entries);
          invocation.print(invocation.json ? JSON.stringify(all) : listText(all));
          return 0;
        }
        case "show": {
          const [id] = ids;
          if (id === undefined) throw new UsageError("Which event? driftbook quarantine show ID");
          const one = await api.ask<z.infer<typeof quarantineDetail>>({
            method: "GET",
            path: `${at(only(streams))}/${encodeURIComponent(id)}`,
          });
          invocation.print(invocation.json ? JSON.stringify(one) : `${one.reason}\n${one.raw}`);
          return 0;
        }
        case "replay": {
          const done = await api.ask<z.infer<typeof replayAnswer>>({
            method: "POST",
            path: `${at(only(streams))}/replay`,
            json: ids.length === 0 ? {} : { ids },
          });
          invocation.print(
            invocation.json
              ? JSON.stringify(done)
              : `${done.replayed} accepted, ${done.stillRefused.length} still refused.`,
          );
          return 0;
        }
        default:
          throw new UsageError(`"${verb}" is none of list, show, replay.`);
      }
    });
  },
};

async function streamNames(api: { ask<T>(request: { method: "GET"; path: string }): Promise<T> }): Promise<string[]> {
  const { streams } = await api.ask<{ streams: { name: string }[] }>({ method: "GET", path: "/api/streams" });
  return streams.map((stream) => stream.name);
}

function only(streams: readonly string[]): string {
  if (streams.length !== 1) throw new UsageError(`Which stream? Say --stream with one of: ${streams.join(", ")}.`);
  return streams[0]!;
}

function listText(entries: z.infer<typeof quarantineList>["entries"]): string {
  if (entries.length === 0) return "Nothing is in quarantine.";
  return tableText(
    ["id", "stream", "log", "at", "reason"],
    entries.map((one) => [
      one.id,
      one.stream,
      one.log,
      one.recordedAt,
      one.replayed ? `(replayed) ${one.reason}` : one.reason,
    ]),
  );
}
