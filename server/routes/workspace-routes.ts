import path from "node:path";
import process from "node:process";
import { z } from "zod";
import { lintView } from "../../cells/wire/http-lint.ts";
import { settingsView } from "../../cells/wire/http-settings.ts";
import { dataFiles, relationsView, workspaceView } from "../../cells/wire/http-workspace.ts";
import { dataFilesOf } from "../data-files.ts";
import { lintWorkspace } from "../lint-workspace.ts";
import { summariseNotebooks } from "../notebook-summaries.ts";
import { viewRelations } from "../streams/relations-view.ts";
import { summariseStreams } from "../streams/stream-summaries.ts";
import { workspaceProblems } from "../workspace-problems.ts";
import { readSettings } from "../workspace-settings.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

/** What Home, the data panel and Settings show of the workspace as a whole. */
export const workspaceRoutes: readonly Route[] = [
  defineRoute("GET", "/api/workspace", {
    need: "read",
    summary: "The workspace at a glance: streams, notebooks, problems",
    answer: workspaceView,
    handle: async ({ services }) => ({
      name: path.basename(services.folder),
      version: services.configuration.version,
      zone: services.settings.zone,
      watermark: services.workspace.watermark(),
      streams: summariseStreams(services),
      notebooks: await summariseNotebooks(services),
      problems: await workspaceProblems(services),
    }),
  }),
  defineRoute("GET", "/api/relations", {
    need: "read",
    summary: "Tables that SQL can read, with their columns; measures come from a bounded sample",
    answer: relationsView,
    handle: ({ services }) => viewRelations(services),
  }),
  defineRoute("GET", "/api/lint", {
    need: "read",
    summary: "What is wrong with notebooks, contracts and settings; runs nothing",
    answer: lintView,
    handle: ({ services }) => lintWorkspace(services),
  }),
  defineRoute("POST", "/api/backup", {
    need: "local",
    summary: "The whole workspace as one file of this machine, also while events come in",
    body: z.object({ file: z.string() }),
    answer: z.object({ file: z.string(), bytes: z.int(), files: z.int() }),
    handle: async ({ body, services, audit }) => {
      const done = await services.workspace.backup(body.file);
      audit("backup", done.file, { files: done.files });
      return { ...done };
    },
  }),
  defineRoute("GET", "/api/data", {
    need: "read",
    summary: "Files under data/",
    answer: dataFiles,
    handle: async ({ services }) => ({ files: await dataFilesOf(services.folder) }),
  }),
  defineRoute("GET", "/api/settings", {
    need: "read",
    summary: "driftbook.yaml and what is in force",
    answer: settingsView,
    handle: async ({ services }) => {
      const read = await readSettings(services.folder);
      return {
        file: "driftbook.yaml",
        text: read.text,
        zone: services.settings.zone,
        url: services.settings.url,
        problem: read.ok ? null : read.problem,
        version: services.configuration.version,
        node: process.version,
      };
    },
  }),
];
