import type { Queued, Run } from "../../cells/wire/http-jobs.ts";
import type { TestServer } from "./server.ts";
import { decision } from "./workspace-folder.ts";

/** A check that fails for a day without rows. */
const NOTEBOOK = `---
driftbook: 1
---
\`\`\`yaml check name=load
from: card_fraud
fail: {rows: {min: 1}}
\`\`\`
`;

/** Files of a workspace whose destination `team` is the receiver at `url`. */
export const failingJobFiles = (url: string): Readonly<Record<string, string>> => ({
  "driftbook.yaml": `zone: UTC\ndestinations:\n  team: {webhook: "${url}", allow_private: true}\n`,
  "checks.nb.md": NOTEBOOK,
});

/** Promotes the notebook as the job `checks`, told to `team`. */
export async function promoteChecks(server: TestServer): Promise<void> {
  const spec = { run: "checks.nb.md", schedule: "0 6 * * *", window: "yesterday", alert: { to: ["team"] } };
  await server.ask("/api/jobs/checks", { method: "PUT", json: { spec } });
}

/** Runs it as on that day, over the day before it, with alerts; resolves when the run is over, or was asked for. */
export async function runFor(server: TestServer, day: string, wait = true): Promise<void> {
  const json = { range: day, as: "known-now", alerts: true };
  const { runs } = await server.ask<Queued>("/api/jobs/checks/backfill", { method: "POST", json });
  if (!wait) return;
  for (;;) {
    const { run } = await server.ask<{ run: Run }>(`/api/jobs/checks/runs/${runs[0]}`);
    if (run.state === "done") return;
    if (run.state !== "queued" && run.state !== "running") throw new Error(`The run is ${run.state}: ${run.reason}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** One decision on each of these days, loaded. */
export async function fillDays(server: TestServer, ...days: readonly string[]): Promise<void> {
  const json = days.map((day) => decision(`d-${day}`, { decided_at: `${day}T10:15:00Z` }));
  await server.ask("/api/streams/card_fraud/decisions", { method: "POST", json });
  const sql = "SELECT count(*) AS n FROM card_fraud.decisions";
  for (;;) {
    const [row] = await server.ask<{ n: number }[]>("/api/query", { method: "POST", json: { sql } });
    if (Number(row?.n) >= days.length) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
