import type { DatabaseSync } from "node:sqlite";
import type { Serial } from "../kernels/lifecycle/serial.ts";
import type { MonitorRelations } from "../workspaces/monitor/monitor-relations.ts";
import type { ReadingStore } from "../workspaces/readings/reading-store.ts";
import type { Workspace } from "../workspaces/workspace.ts";
import type { Alerts } from "./alerts/open-alerts.ts";
import type { Configuration } from "./configuration.ts";
import type { ContractFiles } from "./contract-files.ts";
import type { Audit } from "./gate/audit.ts";
import type { BrowserSessions } from "./gate/browser-sessions.ts";
import type { Gate } from "./gate/gate.ts";
import type { Keys } from "./gate/keys.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { NotebookFiles } from "./notebook-files.ts";
import type { Notebooks } from "./notebooks.ts";
import type { QueryRunner } from "./query/query-runner.ts";
import type { Reports } from "./reports/reports.ts";
import type { NotebookSessions } from "./sessions.ts";
import type { Uploads } from "./uploads.ts";
import type { WebFiles } from "./web-files.ts";
import type { WorkspaceSettings } from "./workspace-settings.ts";

/** What routes and sockets work with; made once by `openServices`. */
export interface Services {
  readonly folder: string;
  readonly configuration: Configuration;
  readonly database: DatabaseSync;
  readonly gate: Gate;
  readonly keys: Keys;
  readonly sessions: BrowserSessions;
  readonly audit: Audit;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly web: WebFiles;
  readonly notebookFiles: NotebookFiles;
  readonly notebooks: Notebooks;
  /** Opens sessions, and runs notebooks without one. */
  readonly notebookSessions: NotebookSessions;
  /** What is told of runs, and to whom. */
  readonly alerts: Alerts;
  /** What monitoring cells measured. */
  readonly readings: ReadingStore;
  /** The workspace's logs. */
  readonly workspace: Workspace;
  /** As they were when the workspace was opened. */
  readonly settings: WorkspaceSettings;
  /** Promoted cells and notebooks, their schedule and runs. */
  readonly jobs: Jobs;
  /** Published notebooks and outputs of jobs. */
  readonly reports: Reports;
  /** Tables of jobs, alerts and reports. */
  readonly monitor: DatabaseSync;
  /** The same, as SQL cells see them. */
  readonly monitorRelations: MonitorRelations;
  readonly queries: QueryRunner;
  readonly contractFiles: ContractFiles;
  readonly uploads: Uploads;
  /** Writes of one notebook's file by PUT, one at a time. */
  readonly notebookWrites: Serial;
  readonly pagesAreHttps: boolean;
  newRequestId(): string;
  cookieName(): string;
  loginPage(next: string, problem: string | null): string;
}
