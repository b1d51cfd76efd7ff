import { z } from "zod";
import { health } from "../../cells/wire/http-problem.ts";
import { gauges } from "../gauges.ts";
import { openApi } from "../openapi.ts";
import { alertRoutes } from "./alert-routes.ts";
import { defineRoute } from "./define-route.ts";
import { importRoutes } from "./import-routes.ts";
import { jobRoutes } from "./job-routes.ts";
import { markRoutes } from "./mark-routes.ts";
import { notebookResultRoutes } from "./notebook-result-routes.ts";
import { notebookRoutes } from "./notebook-routes.ts";
import { quarantineRoutes } from "./quarantine-routes.ts";
import { queryRoutes } from "./query-routes.ts";
import { readingRoutes } from "./reading-routes.ts";
import { reportRoutes } from "./report-routes.ts";
import { Answer, type Route } from "./route.ts";
import { settingsRoutes } from "./settings-routes.ts";
import { silenceRoutes } from "./silence-routes.ts";
import { streamRoutes } from "./stream-routes.ts";
import { workspaceRoutes } from "./workspace-routes.ts";

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
  defineRoute("GET", "/metrics", {
    need: "read",
    summary: "Counters and gauges as Prometheus text",
    answersAlso: ["text/plain"],
    handle: async ({ services }) =>
      new Answer(
        200,
        { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
        services.metrics.render(await gauges(services)),
      ),
  }),
];

/** Every route of the server but the pages; the gate test and /openapi.json walk it. */
export const routes: readonly Route[] = [
  ...ownRoutes,
  ...workspaceRoutes,
  ...streamRoutes,
  ...markRoutes,
  ...quarantineRoutes,
  ...importRoutes,
  ...queryRoutes,
  ...readingRoutes,
  ...alertRoutes,
  ...silenceRoutes,
  ...jobRoutes,
  ...notebookRoutes,
  ...notebookResultRoutes,
  ...reportRoutes,
  ...settingsRoutes,
];
