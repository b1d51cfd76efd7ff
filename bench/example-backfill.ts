/**
 * The example's three jobs over their six months, as `npm start` leaves them to the server: from its opening until
 * nothing waits and the report has its revisions. `node bench/example-backfill.ts`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readConfiguration } from "../server/configuration.ts";
import { quietLog } from "../server/log.ts";
import { openServices } from "../server/open-services.ts";
import { driftbook } from "../test/support/server.ts";

const folder = path.join(await mkdtemp(path.join(tmpdir(), "driftbook-example-")), "example");
const made = await driftbook(["init", folder, "--example", "card-fraud"]);
if (made.code !== 0) throw new Error(made.stderr);

const services = await openServices({
  folder,
  configuration: readConfiguration(),
  log: quietLog,
  token: "t".repeat(32),
  localSecret: "s".repeat(32),
  address: () => ({ host: "127.0.0.1", port: 0 }),
});
const { jobs, monitor, reports } = services;
const left = monitor.prepare("SELECT count(*) AS n FROM runs WHERE ended_at_millis IS NULL");
const runs = Number(left.get()!.n);
const begun = performance.now();
await jobs.start();
while (Number(left.get()!.n) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
const seconds = (performance.now() - begun) / 1000;
// What their report still draws belongs to it.
await reports.close();
const drawn = (performance.now() - begun) / 1000;
const revisions = reports.store.revisions("card-fraud-value").length;
console.info(
  `${runs} runs in ${seconds.toFixed(1)} s, ${((seconds / runs) * 1000).toFixed(0)} ms each; ${revisions} revisions of the report after ${drawn.toFixed(1)} s`,
);
await services.close();
await rm(path.dirname(folder), { recursive: true, force: true });
