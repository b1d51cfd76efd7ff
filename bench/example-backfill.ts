/**
 * The example's three jobs over their six months, as `npm start` leaves them to the server: from its opening until
 * nothing waits and the report has its revisions. `node bench/example-backfill.ts`
 */
import { exampleFolder } from "../test/support/example-folder.ts";
import { quietServices } from "../test/support/quiet-services.ts";

const { folder, remove } = await exampleFolder();
const services = await quietServices(folder);
const { jobs, monitor, reports } = services;
const left = monitor.prepare("SELECT count(*) AS n FROM runs WHERE ended_at_millis IS NULL");
const runs = Number(left.get()!.n);
const begun = performance.now();
await jobs.start();
while (Number(left.get()!.n) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
const seconds = (performance.now() - begun) / 1000;
// What their report still draws belongs to it.
await reports.follower.close();
const drawn = (performance.now() - begun) / 1000;
const revisions = reports.store.revisions("card-fraud-value").length;
console.info(
  `${runs} runs in ${seconds.toFixed(1)} s, ${((seconds / runs) * 1000).toFixed(0)} ms each; ${revisions} revisions of the report after ${drawn.toFixed(1)} s`,
);
await services.close();
await remove();
