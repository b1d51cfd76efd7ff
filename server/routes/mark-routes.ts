import { z } from "zod";
import { mark } from "../../cells/monitoring/mark.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { parseInstant } from "../../cells/time/instant.ts";
import { resolveWindow } from "../../cells/time/resolve-window.ts";
import { parseWindow } from "../../cells/time/window.ts";
import { markList, markRequest } from "../../cells/wire/http-marks.ts";
import { actorOf } from "../gate/principal.ts";
import { HttpError } from "../http-error.ts";
import type { Services } from "../services.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const byStream = z.object({ stream: z.string() });
const byId = byStream.extend({ id: z.string() });

/** Dated notes on streams, which charts show and measurements may leave out. */
export const markRoutes: readonly Route[] = [
  defineRoute("GET", "/api/streams/:stream/marks", {
    need: "read",
    summary: "A stream's marks, as they stand now or at an as-of",
    params: byStream,
    query: z.object({ asOf: z.string().optional() }),
    answer: markList,
    handle: ({ params, query, services }) => {
      const stream = knownStream(services, params.stream);
      const { zone } = services.settings;
      const asOf = query.asOf === undefined ? null : instantOf(query.asOf, zone);
      return { zone, marks: [...services.workspace.marks.list(asOf, stream)] };
    },
  }),
  defineRoute("POST", "/api/streams/:stream/marks", {
    need: "edit",
    summary: "Mark a window of a stream with a note; with excludes its rows leave references and KPIs from now on",
    params: byStream,
    body: markRequest,
    answer: mark,
    handle: ({ params, body, services, principal, audit }) => {
      const made = services.workspace.marks.make({
        stream: knownStream(services, params.stream),
        window: windowOf(body.window, services.settings.zone),
        note: body.note.replaceAll(/\s+/g, " "),
        excludes: body.excludes,
        by: actorOf(principal),
      });
      const { id, window, note, excludes } = made;
      audit("mark", params.stream, { id, window, note, excludes });
      return made;
    },
  }),
  defineRoute("DELETE", "/api/streams/:stream/marks/:id", {
    need: "edit",
    summary: "Remove a mark from now on; an earlier as-of still sees it",
    params: byId,
    answer: mark,
    handle: ({ params: { stream, id }, services, audit }) => {
      const { marks } = services.workspace;
      const known = marks.show(knownStream(services, stream), id);
      if (known === null)
        throw new HttpError(404, `The stream ${stream} has no mark "${id}".`, {
          hint: `driftbook mark --list ${stream} shows those it has.`,
        });
      if (known.removedAt !== null) throw new HttpError(409, `The mark ${id} was removed at ${known.removedAt}.`);
      const { window, note, excludes } = known;
      audit("remove mark", stream, { id, window, note, excludes });
      return marks.remove(stream, id)!;
    },
  }),
];

/** @throws HttpError 404 */
function knownStream({ workspace }: Services, stream: string): string {
  if (workspace.contracts.list().some((one) => one.stream === stream)) return stream;
  throw new HttpError(404, `There is no stream "${stream}".`);
}

/** @throws HttpError 400 with what would be right */
function windowOf(text: string, zone: string): ResolvedWindow {
  const read = parseWindow(text);
  const resolved = read.ok ? resolveWindow(read.window, { at: new Date().toISOString(), zone }) : read;
  if (!resolved.ok) throw new HttpError(400, `window: ${resolved.problem}.`);
  return resolved.window;
}

function instantOf(text: string, zone: string): string {
  const read = parseInstant(text, zone);
  if (!read.ok) throw new HttpError(400, `asOf: ${read.problem}.`);
  return read.instant;
}
