import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { AlertList, Delivery, DeliveryList } from "../../cells/wire/http-alerts.ts";
import type { Job, RunDetail, RunList, Tick, TickList } from "../../cells/wire/http-jobs.ts";
import type { ReportDetail } from "../../cells/wire/http-reports.ts";
import { JobQueue } from "../../workspaces/jobs/job-queue.ts";
import { JobStore } from "../../workspaces/jobs/job-store.ts";
import { openMonitorDatabase } from "../../workspaces/monitor/monitor-database.ts";
import { ReportStore } from "../../workspaces/reports/report-store.ts";
import type { Kill, LastingSteps } from "./lasting-steps.ts";
import { queryable } from "./monitored-days.ts";
import { promote } from "./monitored-job.ts";
import { spawnServer, startServer, type TestServer } from "./server.ts";
import { CARD_CONTRACT, decision, workspaceFolder } from "./workspace-folder.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PRELOAD = new URL("./lasting-steps.ts", import.meta.url).href;
/** Some seconds on a quiet machine, and ten more where a run was lost and is tried again. */
const SETTLED_WITHIN_MILLIS = 120_000;
const KILLED_WITHIN_MILLIS = 120_000;

/** A check that fails for an hour without rows. */
const NOTEBOOK = `---
driftbook: 1
---
\`\`\`yaml check name=load
from: card_fraud
fail: {rows: {min: 1}}
\`\`\`
`;

/**
 * A workspace whose hourly job missed its last two due times: whoever serves it runs both. The first finds no rows and
 * fires, the second resolves. A report begins with the next run.
 */
export interface KilledJob {
  readonly folder: string;
  /** ISO 8601, in their order. */
  readonly dueTimes: readonly [string, string];
}

/** The workspace before its job was promoted, and before anybody served it. */
export const promotable = (): Promise<string> =>
  workspaceFolder({
    "driftbook.yaml": settingsFor("http://127.0.0.1:9/"),
    "checks.nb.md": NOTEBOOK,
    "streams/card_fraud.yaml": CARD_CONTRACT.replace("lateness: 1 hour", "lateness: 0 minutes"),
  });

export async function killedJob(): Promise<KilledJob> {
  const last = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
  const folder = await promotable();
  const server = await startServer({ folder });
  try {
    const events = [last - 30 * MINUTE, last + MINUTE].map((millis) =>
      decision(`d-${millis}`, { decided_at: iso(millis) }),
    );
    await server.ask("/api/streams/card_fraud/decisions", { method: "POST", json: events });
    await queryable(server, events.length);
    await promoteHourly(server, new Date(last).getUTCMinutes());
  } finally {
    await server.stop();
  }
  missDueTimes(folder, last - HOUR - 1);
  return { folder, dueTimes: [iso(last - HOUR), iso(last)] };
}

/** The job `checks`, due every hour; at which minute does not matter where it only is promoted. */
export const promoteHourly = (server: TestServer, minute = 0): Promise<Job> =>
  promote(server, "checks", {
    run: "checks.nb.md",
    schedule: `${minute} * * * *`,
    catch_up: "all, at most 2",
    alert: { to: ["team"] },
  });

/** As if nobody had served the workspace since then. */
function missDueTimes(folder: string, sinceMillis: number): void {
  const database = openMonitorDatabase(folder);
  try {
    const jobs = new JobStore(database, new JobQueue(database));
    const { spec, plan, version } = jobs.find("checks")!;
    jobs.remove("checks", "test", sinceMillis);
    jobs.put("checks", { spec, zone: plan.zone, version }, sinceMillis);
    const choices = { showCode: false, tables: "all", personal: false, backfills: false } as const;
    const about = { title: "Checks", notebook: "checks.nb.md", job: "checks", choices };
    new ReportStore(folder, database).begin("daily", about);
  } finally {
    database.close();
  }
}

/** Links in messages are the same whatever port a server has. */
const settingsFor = (webhook: string): string =>
  `zone: UTC\nurl: http://driftbook.test\ndestinations:\n  team: {webhook: "${webhook}", allow_private: true}\n`;

/** The same workspace once more, told to this receiver. */
export async function copyOf(folder: string, webhook: string): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), "driftbook-killed-"));
  await cp(folder, copy, { recursive: true });
  await writeFile(path.join(copy, "driftbook.yaml"), settingsFor(webhook));
  return copy;
}

/** What goes on until it is over; the server may be killed meanwhile. */
export type Work<T> = (server: TestServer) => Promise<T>;

/** Works undisturbed. @returns the steps from the server's start on, in the order of their beginnings */
export async function stepsOf<T>(folder: string, work: Work<T>): Promise<{ steps: string[]; done: T }> {
  const list = path.join(folder, "steps.txt");
  const server = await startServer({ folder, env: watched({ folder, list, kill: null }) });
  try {
    const done = await work(server);
    return { done, steps: (await readFile(list, "utf8")).trimEnd().split("\n") };
  } finally {
    await server.stop();
    await rm(list, { force: true });
  }
}

/**
 * Serves the folder until the step kills the server; `work` is begun when it is ready, where it gets so far.
 * @throws Error where the server ends otherwise, or never comes there
 */
export async function killAt(folder: string, kill: Kill, work: Work<unknown> | null = null): Promise<void> {
  const list = path.join(folder, "steps.txt");
  const env = watched({ folder, list, kill });
  const child = work === null ? spawnServer(folder, { env }) : (await workingServer(folder, env, work)).process;
  let text = "";
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  const timer = setTimeout(() => child.kill("SIGTERM"), KILLED_WITHIN_MILLIS);
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  clearTimeout(timer);
  const steps = await readFile(list, "utf8").catch(() => "");
  await rm(list, { force: true });
  if (child.signalCode !== "SIGKILL" || !steps.split("\n").includes(kill.step))
    throw new Error(`The server was not killed ${kill.side} "${kill.step}".\n${text}Its steps:\n${steps}`);
}

/** Its answers do not count: the server dies under them. */
async function workingServer(folder: string, env: Record<string, string>, work: Work<unknown>): Promise<TestServer> {
  const server = await startServer({ folder, env });
  void work(server).catch(() => {});
  return server;
}

const watched = (steps: LastingSteps): Record<string, string> => ({
  NODE_OPTIONS: `--import=${PRELOAD}`,
  LASTING_STEPS: JSON.stringify(steps),
});

export interface Outcome {
  /** In the order of their times. */
  readonly ticks: readonly Tick[];
  readonly runs: readonly RunDetail[];
  /** Oldest first. */
  readonly deliveries: readonly Delivery[];
  readonly alerts: AlertList["alerts"];
  /** Oldest first. */
  readonly revisions: ReportDetail["revisions"];
}

/** What the server shows when nothing is open any more. @throws Error with what is open where it takes too long */
export async function settled(server: TestServer): Promise<Outcome> {
  const until = Date.now() + SETTLED_WITHIN_MILLIS;
  for (;;) {
    const outcome = await outcomeOf(server);
    const isQuiet =
      outcome.ticks.length === 2 &&
      outcome.ticks.every(({ state }) => ["done", "failed", "skipped"].includes(state)) &&
      outcome.runs.every(({ run }) => run.state !== "queued" && run.state !== "running") &&
      outcome.deliveries.length >= 2 &&
      outcome.deliveries.every(({ state }) => state !== "waiting") &&
      outcome.revisions.length >= 2;
    if (isQuiet) return outcome;
    if (Date.now() > until) throw new Error(`After ${SETTLED_WITHIN_MILLIS / 1000} s there is still ${open(outcome)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function open({ ticks, runs, deliveries, revisions }: Outcome): string {
  const states = (all: readonly { readonly state: string }[]): string => all.map(({ state }) => state).join(", ");
  return `ticks: ${states(ticks)}; runs: ${states(runs.map(({ run }) => run))}; deliveries: ${states(deliveries)}; ${revisions.length} revisions`;
}

async function outcomeOf(server: TestServer): Promise<Outcome> {
  const { ticks } = await server.ask<TickList>("/api/jobs/checks/ticks");
  const { runs } = await server.ask<RunList>("/api/jobs/checks/runs");
  const details: RunDetail[] = [];
  for (const { id } of runs) details.push(await server.ask<RunDetail>(`/api/jobs/checks/runs/${id}`));
  const { deliveries } = await server.ask<DeliveryList>("/api/deliveries");
  const { alerts } = await server.ask<AlertList>("/api/alerts?state=all");
  const { revisions } = await server.ask<ReportDetail>("/api/reports/daily");
  return {
    ticks: ticks.toSorted((a, b) => (a.scheduledFor < b.scheduledFor ? -1 : 1)),
    runs: details,
    deliveries: deliveries.toReversed(),
    alerts,
    revisions: revisions.toReversed(),
  };
}

/** Names of the files of runs, and of the folders of the report. */
export async function leftFiles(folder: string): Promise<{ runs: string[]; revisions: string[] }> {
  const files = await readdir(path.join(folder, ".driftbook", "runs"), { recursive: true, withFileTypes: true });
  return {
    runs: files
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort(),
    revisions: (await readdir(path.join(folder, ".driftbook", "reports", "daily"))).sort(),
  };
}

const iso = (millis: number): string => new Date(millis).toISOString();
