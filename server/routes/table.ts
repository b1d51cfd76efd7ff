import { z } from "zod";
import { health } from "../../cells/wire/http-problem.ts";
import { openApi } from "../openapi.ts";
import { defineRoute } from "./define-route.ts";
import { notebookRoutes } from "./notebook-routes.ts";
import type { Route } from "./route.ts";
import { settingsRoutes } from "./settings-routes.ts";

const ownRoutes: readonly Route[] = [
  defineRoute("GET", "/api/health", {
    need: "public",
    summary: "Whether the server answers",
    answer: health,
    handle: ({ services }) => ({ status: "ok" as const, version: services.configuration.version }),
  }),
  defineRoute("GET", "/openapi.json", {
    need: "read",
    summary: "This description",
    answer: z.record(z.string(), z.json()),
    handle: ({ services }) => openApi(routes, services.configuration.version) as never,
  }),
];

/** Every route of the server but the pages; the gate test and /openapi.json walk it. */
export const routes: readonly Route[] = [...ownRoutes, ...notebookRoutes, ...settingsRoutes];
