import { z } from "zod";
import {
  auditList,
  keyCreate,
  keyCreated,
  keyList,
  sessionList,
  storageFreed,
  storageUse,
} from "../../cells/wire/http-settings.ts";
import { parseDuration } from "../duration.ts";
import { HttpError } from "../http-error.ts";
import { freeStorage, storageUse as measureStorage } from "../storage.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const byId = z.object({ id: z.string() });
const nothing = z.object({});

/** Keys, browser sessions and the audit log. */
export const settingsRoutes: readonly Route[] = [
  defineRoute("GET", "/api/keys", {
    need: "admin",
    summary: "API keys, without their secrets",
    answer: keyList,
    handle: ({ services }) => ({ keys: services.keys.list() }),
  }),
  defineRoute("POST", "/api/keys", {
    need: "admin",
    summary: "A new API key; the answer is the only place where its secret is ever shown",
    body: keyCreate,
    answer: keyCreated,
    handle: ({ body, services, audit }) => {
      let expiresAfterMillis: number | null = null;
      try {
        if (body.expires !== undefined) expiresAfterMillis = parseDuration(body.expires);
      } catch (error) {
        throw new HttpError(400, `body.expires: ${(error as Error).message}`);
      }
      const made = services.keys.create({ ...body, expiresAfterMillis });
      audit("create key", made.key.id, { scopes: made.key.scopes, expiresAt: made.key.expiresAt });
      return made;
    },
  }),
  defineRoute("DELETE", "/api/keys/:id", {
    need: "admin",
    summary: "Revoke an API key at once",
    params: byId,
    answer: nothing,
    handle: ({ params, services, audit }) => {
      if (!services.keys.revoke(params.id)) throw new HttpError(404, `There is no key "${params.id}".`);
      audit("revoke key", params.id);
      return {};
    },
  }),
  defineRoute("GET", "/api/sessions", {
    need: "admin",
    summary: "Browsers that are signed in",
    answer: sessionList,
    handle: ({ services, principal }) => ({
      sessions: services.sessions.list().map((row) => ({
        id: row.id,
        createdAt: new Date(row.created_at_millis).toISOString(),
        lastSeenAt: new Date(row.last_seen_at_millis).toISOString(),
        expiresAt: new Date(row.expires_at_millis).toISOString(),
        address: row.address,
        agent: row.agent,
        current: principal.kind === "browser" && principal.id === row.id,
      })),
    }),
  }),
  defineRoute("DELETE", "/api/sessions/:id", {
    need: "admin",
    summary: "Sign a browser out; its cookie and its sockets end at once",
    params: byId,
    answer: nothing,
    handle: ({ params, services, audit }) => {
      if (!services.sessions.revoke(params.id)) throw new HttpError(404, `There is no browser session "${params.id}".`);
      services.notebooks.signedOut(params.id);
      audit("revoke browser session", params.id);
      return {};
    },
  }),
  defineRoute("GET", "/api/audit", {
    need: "admin",
    summary: "The audit log, newest first",
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      before: z.coerce.number().int().min(1).optional(),
    }),
    answer: auditList,
    handle: ({ query, services }) => {
      const entries = services.audit.list(query.limit, query.before ?? null);
      return { entries, nextBefore: entries.length < query.limit ? null : entries.at(-1)!.id };
    },
  }),
  defineRoute("GET", "/api/storage", {
    need: "admin",
    summary: "What uses the disk, and what of it can be freed",
    answer: storageUse,
    handle: ({ services }) => measureStorage(services.folder),
  }),
  defineRoute("POST", "/api/storage/verify", {
    need: "admin",
    summary: "Compare every file of the lake with its checksum; what differs is named and left out from then on",
    answer: z.object({ problems: z.array(z.object({ file: z.string(), message: z.string() })) }),
    handle: async ({ services }) => {
      await services.workspace.verify();
      const { problems } = services.workspace.health();
      return { problems: problems.map(({ file, message }) => ({ file, message })) };
    },
  }),
  defineRoute("DELETE", "/api/storage/:name", {
    need: "admin",
    summary: "Free what GET /api/storage calls freeable",
    params: z.object({ name: z.string() }),
    answer: storageFreed,
    handle: async ({ params, services, audit }) => {
      const bytes = await freeStorage(services.folder, params.name);
      if (bytes === null) throw new HttpError(404, `"${params.name}" is not something that can be freed.`);
      audit("free storage", params.name, { bytes });
      return { bytes };
    },
  }),
];
