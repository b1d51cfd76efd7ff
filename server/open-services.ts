import { createHash, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import { Serial } from "../kernels/lifecycle/serial.ts";
import { makeAlertTables } from "../workspaces/alerts/alert-tables.ts";
import { makeJobTables } from "../workspaces/jobs/jobs-schema.ts";
import { openMonitorDatabase } from "../workspaces/monitor/monitor-database.ts";
import { MonitorRelations, withMonitor } from "../workspaces/monitor/monitor-relations.ts";
import { ReadingStore } from "../workspaces/readings/reading-store.ts";
import { ReportStore } from "../workspaces/reports/report-store.ts";
import { openWorkspace } from "../workspaces/workspace.ts";
import { openAlerts } from "./alerts/open-alerts.ts";
import type { Configuration } from "./configuration.ts";
import { ContractFiles } from "./contract-files.ts";
import { newEngine } from "./engines.ts";
import { Audit } from "./gate/audit.ts";
import { BrowserSessions } from "./gate/browser-sessions.ts";
import { Gate } from "./gate/gate.ts";
import { Keys } from "./gate/keys.ts";
import type { Jobs } from "./jobs/jobs.ts";
import { openJobs } from "./jobs/open-jobs.ts";
import type { Log } from "./log.ts";
import { loginPage } from "./login-page.ts";
import { openMetadata } from "./metadata.ts";
import { Metrics } from "./metrics.ts";
import { NotebookFiles } from "./notebook-files.ts";
import { Notebooks } from "./notebooks.ts";
import { QueryRunner } from "./query/query-runner.ts";
import { Reports } from "./reports/reports.ts";
import type { Services } from "./services.ts";
import { NotebookSessions } from "./sessions.ts";
import { Uploads } from "./uploads.ts";
import { WebFiles } from "./web-files.ts";
import { DEFAULT_SETTINGS, readSettings } from "./workspace-settings.ts";

export interface Opening {
  readonly folder: string;
  readonly configuration: Configuration;
  readonly log: Log;
  readonly token: string;
  readonly localSecret: string;
  /** 0 until the server listens; names are asked for with each request. */
  readonly address: () => { readonly host: string; readonly port: number };
}

/** Wires the parts together over one workspace folder. `close` ends every child process that was started. */
export async function openServices(opening: Opening): Promise<Services & { close(): Promise<void> }> {
  const { folder, configuration, log } = opening;
  const read = await readSettings(folder);
  if (!read.ok) log.write("error", "driftbook.yaml is not right; the defaults are in force", { problem: read.problem });
  const settings = read.ok ? read.settings : DEFAULT_SETTINGS;
  const workspace = await openWorkspace(folder, {
    zone: settings.zone,
    keepFreeBytes: settings.limits.keepFreeBytes,
    onNotice: (message) => log.write("error", message),
  });
  const scratchFolder = path.join(folder, ".driftbook", "scratch", "engines");
  await rm(scratchFolder, { recursive: true, force: true });
  const database = openMetadata(folder);
  const keys = new Keys(database);
  const sessions = new BrowserSessions(database, opening.token);
  const { url } = settings;
  const cookieName = () => `driftbook_${opening.address().port}`;
  const gate = new Gate({
    keys,
    sessions,
    localSecret: opening.localSecret,
    names: () => names(opening.address(), url),
    cookieName,
  });
  const notebookFiles = new NotebookFiles(folder);
  const lookForDamage = () =>
    void workspace
      .verify()
      .catch((error: unknown) => log.write("error", "the lake's files were not checked", { problem: String(error) }));
  const monitor = openMonitorDatabase(folder);
  makeJobTables(monitor);
  makeAlertTables(monitor);
  const monitorRelations = new MonitorRelations(folder, monitor);
  // Ahead of the first who reads them; whoever does meets the same problem.
  void monitorRelations
    .catchUp()
    .catch((error: unknown) => log.write("error", "the tables of jobs were not written", { problem: String(error) }));
  const queries = new QueryRunner({
    newEngine: (scratch) => newEngine(folder, settings, scratch, [monitorRelations.folder], lookForDamage),
    relations: async (asOf) => {
      const relations = await withMonitor(await workspace.relations(asOf), monitorRelations, asOf);
      return { ...relations, key: createHash("sha256").update(relations.statements.join("\n")).digest("hex") };
    },
    scratchFolder,
  });
  const readings = new ReadingStore(folder, { driftbook: configuration.version, engine: configuration.engine });
  const notebookSessions = new NotebookSessions({
    folder,
    settings,
    configuration,
    workspace,
    notebookFiles,
    readings,
    monitor: monitorRelations,
    log,
    scratchFolder,
    lookForDamage,
  });
  const notebooks = new Notebooks({
    files: notebookFiles,
    log,
    idleCloseMillis: 10 * 60_000,
    openSession: (name, text, watched) => notebookSessions.open(name, text, watched),
    countNewer: (asOf) => workspace.countNewer(asOf),
  });
  const alerts = openAlerts({
    database: monitor,
    settings,
    variable: configuration.granted,
    origin: () => url ?? ownOrigin(opening.address()),
    log,
    jobs: () => jobs,
  });
  const jobs: Jobs = openJobs({
    folder,
    settings,
    destinations: read.ok ? settings.destinations.map(({ name }) => name) : null,
    configuration,
    workspace,
    notebookFiles,
    notebooks,
    notebookSessions,
    readings,
    monitor,
    log,
    lookForDamage,
    onEnded: alerts.onEnded,
    onRemoved: alerts.onRemoved,
    onPublished: (run, executed) => reports.follower.follow(run, executed),
    onChange: () => reports.follower.changed(),
  });
  const reports = new Reports({
    store: new ReportStore(folder, monitor),
    zone: settings.zone,
    ...{ workspace, notebookFiles, notebooks, notebookSessions, log },
    jobs: () => jobs,
  });
  return {
    folder,
    monitor,
    monitorRelations,
    jobs,
    reports,
    alerts,
    notebookFiles,
    notebooks,
    notebookSessions,
    readings,
    workspace,
    settings,
    queries,
    contractFiles: new ContractFiles(workspace),
    uploads: new Uploads(folder),
    notebookWrites: new Serial(),
    configuration,
    database,
    gate,
    keys,
    sessions,
    audit: new Audit(database),
    log,
    metrics: new Metrics(),
    web: new WebFiles(),
    pagesAreHttps: url?.startsWith("https:") ?? false,
    newRequestId: () => randomBytes(9).toString("base64url"),
    cookieName,
    loginPage,
    async close() {
      await jobs.close();
      await reports.follower.close();
      await alerts.close();
      await notebooks.closeAll();
      await queries.close();
      await workspace.close();
      readings.close();
      monitorRelations.close();
      monitor.close();
      database.close();
      log.close();
    },
  };
}

/** Where a link leads that no browser asked for. */
function ownOrigin({ host, port }: { host: string; port: number }): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function names(address: { host: string; port: number }, url: string | null) {
  const bare = ["127.0.0.1", "localhost", "[::1]"];
  if (!bare.includes(address.host) && !["0.0.0.0", "::", "::1"].includes(address.host))
    bare.push(address.host.includes(":") ? `[${address.host}]` : address.host);
  const hosts = new Set(bare.map((name) => `${name}:${address.port}`));
  const origins = new Set([...hosts].map((host) => `http://${host}`));
  if (url !== null) {
    hosts.add(new URL(url).host);
    origins.add(new URL(url).origin);
  }
  return { hosts, origins };
}
