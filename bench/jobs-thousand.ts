/**
 * A thousand jobs due in the same second, each a trivial SQL cell, while somebody runs `1 + 1` in an open notebook:
 * seconds until all are done, how late they began, and what the person waits. `node bench/jobs-thousand.ts [JOBS]`
 */
import { rm } from "node:fs/promises";
import process from "node:process";
import { quietServices } from "../test/support/quiet-services.ts";
import { workspaceFolder } from "../test/support/workspace-folder.ts";

const count = Number(process.argv[2] ?? 1000);
const CELL = "---\ndriftbook: 1\n---\n\n```sql name=one\nSELECT 1 AS one\n```\n";
const TYPED = "---\ndriftbook: 1\n---\n\n```ts name=two\n1 + 1\n```\n";
const folder = await workspaceFolder({ "job.nb.md": CELL, "typed.nb.md": TYPED });
const services = await quietServices(folder);
const { jobs, notebooks } = services;
const spec = { run: "job.nb.md#one", schedule: "0 * * * *" };

const { session } = await notebooks.open("typed.nb.md");
/** Milliseconds from the request to the last operation of the run. */
async function typed(): Promise<number> {
  const begun = performance.now();
  await session.perform({ type: "run", request: 1, cells: ["two"] }, "bench");
  while (session.busy) await new Promise((resolve) => setTimeout(resolve, 1));
  return performance.now() - begun;
}
const quantile = (list: readonly number[], share: number): number =>
  list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(share * list.length))]!;

for (let warm = 0; warm < 20; warm += 1) await typed();
const alone: number[] = [];
for (let at = 0; at < 50; at += 1) alone.push(await typed());

// All were made before the last full hour, and nothing has planned it: it is due for all of them now.
const before = Date.now() - 3_600_000;
const promoting = performance.now();
for (let at = 0; at < count; at += 1) {
  const name = `job-${at}`;
  await jobs.promotions.put(name, { spec, promote: true, note: null }, "bench");
}
console.info(`${count} promotions in ${((performance.now() - promoting) / 1000).toFixed(1)} s`);
services.monitor.exec(`UPDATE jobs SET through_millis = ${before}, next_millis = ${before}`);
const begun = Date.now();
await jobs.start();
const meanwhile: number[] = [];
let left = count;
while (left > 0) {
  meanwhile.push(await typed());
  await new Promise((resolve) => setTimeout(resolve, 100));
  left = count - Number(services.monitor.prepare("SELECT count(*) AS n FROM ticks WHERE state = 'done'").get()!.n);
}
const seconds = (Date.now() - begun) / 1000;
const started = services.monitor
  .prepare("SELECT started_at_millis AS at FROM runs")
  .all()
  .map(({ at }) => Number(at) - begun);
console.info(
  `${count} jobs done in ${seconds.toFixed(1)} s (${Math.round((seconds / count) * 1000)} ms each); begun after p50 ${Math.round(quantile(started, 0.5))}, p99 ${Math.round(quantile(started, 0.99))} ms`,
);
for (const [what, list] of [
  ["1 + 1 alone", alone],
  ["1 + 1 meanwhile", meanwhile],
] as const)
  console.info(
    `${what}: p50 ${quantile(list, 0.5).toFixed(1)} ms, p95 ${quantile(list, 0.95).toFixed(1)} ms (${list.length} runs)`,
  );
console.info(`p95 meanwhile / alone: ${(quantile(meanwhile, 0.95) / quantile(alone, 0.95)).toFixed(2)}`);
await services.close();
await rm(folder, { recursive: true, force: true });
