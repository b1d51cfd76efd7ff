import type { Job, Queued, Run, RunDetail } from "../../cells/wire/http-jobs.ts";
import type { TestServer } from "./server.ts";

/** A drift cell of the twenty days, an input that moves its bound, and a value over the labels. */
export const WATCHED = `---
driftbook: 1
---
\`\`\`yaml input name=bound
type: slider
min: 0
max: 1
step: 0.05
default: 0.2
\`\`\`

\`\`\`yaml drift name=scores
from: card_fraud
reference: 5 days before
columns: [score]
metrics: [psi]
min_rows: 30
fail: {psi: "\${bound}"}
\`\`\`

\`\`\`yaml kpi name=caught
from: card_fraud
metrics: [precision]
min_rows: 1
\`\`\`
`;

export const promote = (server: TestServer, name: string, spec: Record<string, unknown>): Promise<Job> =>
  server.ask<Job>(`/api/jobs/${name}`, { method: "PUT", json: { spec } });

export const act = <T = Queued>(server: TestServer, job: string, verb: string, json: unknown = {}): Promise<T> =>
  server.ask<T>(`/api/jobs/${job}/${verb}`, { method: "POST", json });

/** The run when it has ended. */
export async function ended(server: TestServer, job: string, run: string): Promise<RunDetail> {
  for (;;) {
    const detail = await server.ask<RunDetail>(`/api/jobs/${job}/runs/${run}`);
    if (!["queued", "running"].includes(detail.run.state)) return detail;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs it now, and waits. */
export async function runNow(server: TestServer, job: string, wish: Record<string, unknown> = {}): Promise<RunDetail> {
  const { runs } = await act(server, job, "run", wish);
  return ended(server, job, runs[0]!);
}

/** Runs it for each due time of a range, and waits. */
export async function backfill(server: TestServer, job: string, range: string, wish: object = {}): Promise<Run[]> {
  const { runs } = await act(server, job, "backfill", { range, ...wish });
  const done: Run[] = [];
  for (const id of runs) done.push((await ended(server, job, id)).run);
  return done;
}
