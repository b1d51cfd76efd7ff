import path from "node:path";
import { z } from "zod";
import {
  importAnswer,
  importList,
  importRequest,
  importView,
  inferenceRequest,
  inferenceView,
  uploadView,
} from "../../cells/wire/http-streams.ts";
import { HttpError } from "../http-error.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const byStream = z.object({ stream: z.string() });
const byId = z.object({ id: z.string() });
const LARGEST_UPLOAD_BYTES = 4_000_000_000;

/** Loads of files: from an upload for browsers and keys, from paths of this machine for the command line alone. */
export const importRoutes: readonly Route[] = [
  defineRoute("GET", "/api/imports", {
    need: "read",
    summary: "All imports, newest last",
    query: z.object({ stream: z.string().optional() }),
    answer: importList,
    handle: ({ query, services }) => ({ imports: [...services.workspace.imports.list(query.stream)] }),
  }),
  defineRoute("GET", "/api/imports/:id", {
    need: "read",
    summary: "One import",
    params: byId,
    answer: importView,
    handle: ({ params, services }) => {
      const found = services.workspace.imports.show(params.id);
      if (found === null) throw new HttpError(404, `There is no import "${params.id}".`);
      return found;
    },
  }),
  defineRoute("POST", "/api/imports/:id/withdraw", {
    need: "edit",
    summary: "Hide an import's rows from now on; an earlier as-of still sees them",
    params: byId,
    answer: importView,
    handle: async ({ params, services, audit }) => {
      if (services.workspace.imports.show(params.id) === null)
        throw new HttpError(404, `There is no import "${params.id}".`);
      const done = await services.workspace.imports.withdraw(params.id);
      audit("withdraw import", params.id, { stream: done.stream });
      return done;
    },
  }),
  defineRoute("POST", "/api/streams/:stream/imports", {
    need: "edit",
    summary: "Load an uploaded file as one import, or rehearse it with dryRun",
    params: byStream,
    body: importRequest,
    answer: importAnswer,
    handle: async ({ params, body, services, principal, audit }) => {
      if (body.files !== undefined && principal.kind !== "local")
        throw new HttpError(
          403,
          "body.files: only the command line names files of this machine; upload the file instead.",
        );
      if ((body.files === undefined) === (body.upload === undefined))
        throw new HttpError(400, "Give either upload or files.");
      const files = body.files ?? [await services.uploads.file(body.upload!)];
      const request = {
        stream: params.stream,
        log: body.log,
        files,
        history: body.history,
        ...(body.select === undefined ? {} : { select: body.select }),
      };
      if (body.dryRun) return { dryRun: await services.workspace.imports.dryRun(request) };
      const done = await services.workspace.imports.load(request);
      audit("import", done.id, {
        stream: params.stream,
        files: files.map((file) => path.basename(file)),
        accepted: done.accepted,
      });
      return { import: done };
    },
  }),
  defineRoute("POST", "/api/uploads", {
    need: "edit",
    summary: "A file to load, as the body; name says its format by its ending",
    query: z.object({ name: z.string().min(1).max(200) }),
    stream: { limit: LARGEST_UPLOAD_BYTES },
    answer: uploadView,
    handle: ({ query, body, services }) => services.uploads.keep(query.name, body, LARGEST_UPLOAD_BYTES),
  }),
  defineRoute("POST", "/api/uploads/:id/inference", {
    need: "edit",
    summary: "A contract and a SELECT proposed from an uploaded sample, for review",
    params: byId,
    body: inferenceRequest,
    answer: inferenceView,
    handle: async ({ params, body, services }) =>
      services.workspace.imports.infer(await services.uploads.file(params.id), body.stream),
  }),
  defineRoute("POST", "/api/inference", {
    need: "local",
    summary: "As for uploads, of a file of this machine",
    body: z.object({ stream: z.string(), file: z.string() }),
    answer: inferenceView,
    handle: ({ body, services }) => services.workspace.imports.infer(body.file, body.stream),
  }),
];
