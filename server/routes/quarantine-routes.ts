import { z } from "zod";
import { quarantineDetail, quarantineList, replayAnswer, replayRequest } from "../../cells/wire/http-streams.ts";
import { HttpError } from "../http-error.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const byStream = z.object({ stream: z.string() });

/** Events that were refused, with reason and raw bytes. */
export const quarantineRoutes: readonly Route[] = [
  defineRoute("GET", "/api/streams/:stream/quarantine", {
    need: "read",
    summary: "A stream's quarantine, newest first; conflicts of identity among it",
    params: byStream,
    query: z.object({
      reason: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      offset: z.coerce.number().int().min(0).default(0),
    }),
    answer: quarantineList,
    handle: async ({ params, query, services }) => {
      const { reason, ...page } = query;
      const found = await services.workspace.quarantine.list({
        stream: params.stream,
        ...page,
        ...(reason === undefined ? {} : { reason }),
      });
      return { total: found.total, entries: [...found.entries] };
    },
  }),
  defineRoute("GET", "/api/streams/:stream/quarantine/:id", {
    need: "read",
    summary: "One refused event as it came",
    params: z.object({ stream: z.string(), id: z.string() }),
    answer: quarantineDetail,
    handle: async ({ params, services }) => {
      const found = await services.workspace.quarantine.show(params.stream, params.id);
      if (found === null) throw new HttpError(404, `"${params.id}" is not in the quarantine of ${params.stream}.`);
      return found;
    },
  }),
  defineRoute("POST", "/api/streams/:stream/quarantine/replay", {
    need: "edit",
    summary: "Check refused events again under the present contract; all of them, or by ids or reason",
    params: byStream,
    body: replayRequest,
    answer: replayAnswer,
    handle: async ({ params, body, services, audit }) => {
      const done = await services.workspace.quarantine.replay(params.stream, {
        ...(body.ids === undefined ? {} : { ids: body.ids }),
        ...(body.reason === undefined ? {} : { reason: body.reason }),
      });
      audit("replay quarantine", params.stream, { replayed: done.replayed });
      return { replayed: done.replayed, stillRefused: [...done.stillRefused] };
    },
  }),
];
