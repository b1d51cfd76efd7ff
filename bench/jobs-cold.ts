/**
 * A run of a promoted drift cell, from asking for it to its recorded result, against the same cell run in an open
 * notebook; and the backfill of 180 daily runs. Over the example's 300 000 decisions. `node bench/jobs-cold.ts`
 */
import { exampleFolder } from "../test/support/example-folder.ts";
import { quietServices } from "../test/support/quiet-services.ts";

const { folder, remove } = await exampleFolder();
const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1]!;

const ROUNDS = 7;
const [inNotebook, cold, recycled]: [number[], number[], number[]] = [[], [], []];
for (let round = 0; round < ROUNDS; round += 1) {
  const services = await quietServices(folder);
  const { jobs, notebooks, monitor } = services;
  // What init left to do is not what is measured.
  monitor.exec("DELETE FROM runs WHERE state = 'queued'");
  const timed = async (): Promise<number> => {
    const begun = performance.now();
    const [run] = jobs.asked.runNow("daily-drift", { window: null, asOf: null }).runs;
    for (;;) {
      const { state } = jobs.history.run(run!)!;
      if (state === "done") return performance.now() - begun;
      if (state !== "queued" && state !== "running") throw new Error(`The run is ${state}.`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  cold.push(await timed());
  recycled.push(await timed());
  const { session } = await notebooks.open("watch.nb.md");
  for (let time = 0; time < 2; time += 1) {
    const begun = performance.now();
    await session.perform({ type: "run", request: 1, cells: ["drift_of_the_day"] }, "bench");
    while (session.busy) await new Promise((resolve) => setTimeout(resolve, 2));
    // The first one starts the engine and pins the data.
    if (time > 0) inNotebook.push(performance.now() - begun);
  }
  await services.close();
}
const [notebook, first, next] = [inNotebook, cold, recycled].map(median) as [number, number, number];
console.info(`drift cell in an open notebook: ${notebook.toFixed(0)} ms`);
console.info(`its job, in a new process: ${first.toFixed(0)} ms, + ${(first - notebook).toFixed(0)} ms`);
console.info(`its job, in a recycled process: ${next.toFixed(0)} ms, + ${(next - notebook).toFixed(0)} ms`);

const services = await quietServices(folder);
const { jobs, monitor } = services;
const now = Date.now();
const range = { start: new Date(now - 180 * 86_400_000).toISOString(), end: new Date(now).toISOString() };
const begun = performance.now();
const { runs } = jobs.asked.backfill("daily-drift", range, { as: "known-then", alerts: false });
const left = monitor.prepare("SELECT count(*) AS n FROM runs WHERE ended_at_millis IS NULL");
while (Number(left.get()!.n) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
const seconds = (performance.now() - begun) / 1000;
console.info(
  `backfill of ${runs.length} daily runs: ${seconds.toFixed(1)} s, ${((seconds / runs.length) * 1000).toFixed(0)} ms each`,
);
await services.close();
await remove();
