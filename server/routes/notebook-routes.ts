import { z } from "zod";
import {
  notebookCreate,
  notebookList,
  notebookMove,
  notebookMoved,
  notebookPut,
  notebookText,
} from "../../cells/wire/http-notebooks.ts";
import { actorOf } from "../gate/principal.ts";
import { HttpError } from "../http-error.ts";
import { moveNotebook } from "../move-notebook.ts";
import { textHash } from "../notebook-files.ts";
import { summariseNotebooks } from "../notebook-summaries.ts";
import { newNotebookText, titleOfPath } from "../notebook-template.ts";
import { defineRoute } from "./define-route.ts";
import { Answer, type Route } from "./route.ts";

const byPath = z.object({ path: z.string() });

/** Notebooks as files. Their life while open is the socket's. */
export const notebookRoutes: readonly Route[] = [
  defineRoute("GET", "/api/notebooks", {
    need: "read",
    summary: "All notebooks of the workspace",
    answer: notebookList,
    handle: async ({ services }) => ({ notebooks: await summariseNotebooks(services) }),
  }),
  defineRoute("POST", "/api/notebooks", {
    need: "edit",
    summary: "A new notebook; never replaces one",
    body: notebookCreate,
    answer: notebookText,
    handle: async ({ body, services, audit }) => {
      await services.notebookFiles.create(body.path, body.text ?? newNotebookText(titleOfPath(body.path)));
      audit("create notebook", body.path);
      return services.notebookFiles.read(body.path);
    },
  }),
  defineRoute("GET", "/api/notebooks/:path", {
    need: "read",
    summary: "A notebook's text; path percent-encoded",
    params: byPath,
    answer: notebookText,
    handle: async ({ params, services }) => withTag(await services.notebookFiles.read(params.path)),
  }),
  defineRoute("PUT", "/api/notebooks/:path", {
    need: "edit",
    summary: "Replace a notebook's text; If-Match names the text it was made from",
    params: byPath,
    body: notebookPut,
    answer: notebookText,
    handle: async ({ params, body, headers, services, audit }) => {
      const wanted = headers["if-match"];
      if (wanted === undefined)
        throw new HttpError(428, "PUT needs If-Match with the ETag that GET gave, so that nobody's edit is lost.");
      await services.notebookWrites.run(params.path, async () => {
        const present = await services.notebookFiles.read(params.path);
        if (wanted !== `"${present.hash}"` && wanted !== "*")
          throw new HttpError(412, `"${params.path}" changed since: it is "${present.hash}" now.`, {
            hint: "GET it again and apply the edit to that text.",
          });
        await services.notebookFiles.write(params.path, body.text);
      });
      audit("write notebook", params.path, { hash: textHash(body.text) });
      return withTag(await services.notebookFiles.read(params.path));
    },
  }),
  defineRoute("DELETE", "/api/notebooks/:path", {
    need: "edit",
    summary: "Remove a notebook; its text is kept in .driftbook/trash",
    params: byPath,
    answer: z.object({}),
    handle: async ({ params, services, audit }) => {
      await services.notebookFiles.read(params.path);
      await services.notebooks.closeGone(params.path);
      await services.notebookFiles.remove(params.path);
      audit("delete notebook", params.path);
      return {};
    },
  }),
  defineRoute("POST", "/api/notebooks/:path/move", {
    need: "edit",
    summary: "Rename a notebook; never replaces another. Its results, readings, jobs and reports go with it",
    params: byPath,
    body: notebookMove,
    answer: notebookMoved,
    handle: async ({ params, body, services, principal, audit }) => {
      const { jobs, reports } = await moveNotebook(services, params.path, body.to, actorOf(principal), (took) =>
        audit("move notebook", params.path, {
          to: body.to,
          jobs: took.jobs.map(({ job }) => job),
          reports: took.reports,
        }),
      );
      return { ...(await services.notebookFiles.read(body.to)), jobs, reports };
    },
  }),
];

function withTag(notebook: z.infer<typeof notebookText>): Answer {
  const headers = { "content-type": "application/json; charset=utf-8", etag: `"${notebook.hash}"` };
  return new Answer(200, headers, JSON.stringify(notebook));
}
