import type { z } from "zod";
import type { KeyView, keyCreated, keyList } from "../../cells/wire/http-settings.ts";
import { withApi } from "./api.ts";
import { type Command, textOption, textOptions, UsageError } from "./command.ts";
import { tableText } from "./print-table.ts";

export const keyCommand: Command = {
  usage: [
    "driftbook key create --scope ingest:STREAM|read|admin… [--name TEXT] [--expires 90d]",
    "driftbook key list",
    "driftbook key revoke ID",
  ],
  summary: "API keys: create prints the key once, list, revoke",
  about: [
    "--scope S     may be given several times",
    "--expires 90d  a number with s, m, h or d; without it the key does not expire",
  ],
  options: {
    scope: { type: "string", multiple: true },
    expires: { type: "string" },
    name: { type: "string" },
  },
  arguments: { min: 1, max: 2 },
  async run(invocation) {
    const [verb, id] = invocation.positionals;
    return withApi(invocation, invocation.workspace(), async (api) => {
      switch (verb) {
        case "create": {
          const scopes = textOptions(invocation, "scope");
          if (scopes.length === 0)
            throw new UsageError("A key needs at least one --scope: ingest:STREAM, read or admin.");
          const expires = textOption(invocation, "expires");
          const made = await api.ask<z.infer<typeof keyCreated>>({
            method: "POST",
            path: "/api/keys",
            json: { name: textOption(invocation, "name") ?? "", scopes, ...(expires === undefined ? {} : { expires }) },
          });
          if (invocation.json) invocation.print(JSON.stringify(made));
          else {
            invocation.print(made.secret);
            invocation.note("Keep it: it is not shown again.");
          }
          return 0;
        }
        case "list": {
          const { keys } = await api.ask<z.infer<typeof keyList>>({ method: "GET", path: "/api/keys" });
          invocation.print(invocation.json ? JSON.stringify(keys) : listText(keys));
          return 0;
        }
        case "revoke": {
          if (id === undefined)
            throw new UsageError("Which key? driftbook key revoke ID; driftbook key list shows them.");
          await api.send({ method: "DELETE", path: `/api/keys/${encodeURIComponent(id)}` });
          invocation.print(invocation.json ? JSON.stringify({ revoked: id }) : `Key ${id} is revoked.`);
          return 0;
        }
        default:
          throw new UsageError(`"${verb}" is none of create, list, revoke.`);
      }
    });
  },
};

function listText(keys: readonly KeyView[]): string {
  if (keys.length === 0) return "No keys yet. Make one with: driftbook key create --scope read";
  const state = (key: KeyView) =>
    key.revokedAt !== null ? `revoked ${key.revokedAt}` : key.expiresAt === null ? "valid" : `until ${key.expiresAt}`;
  return tableText(
    ["id", "name", "scopes", "state", "last used"],
    keys.map((key) => [key.id, key.name, key.scopes.join(" "), state(key), key.lastUsedAt ?? "never"]),
  );
}
