/**
 * A year of 1 000 jobs on 20 schedules, at least two million ticks, over a store in memory: seconds a seed, and what
 * must hold at its end. `node bench/jobs-simulator.ts [FIRST_SEED] [SEEDS] [--small] [--sqlite]`; small ones have more
 * trouble. The store is the model that the real one is held against call by call; with --sqlite, the real one.
 */
import process from "node:process";
import { JobSimulation, type SimulationWish } from "../test/support/job-simulator.ts";

const [firstSeed = "1", seeds = "1"] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const isSmall = process.argv.includes("--small");
const store = process.argv.includes("--sqlite") ? "sqlite" : "model";

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"] as const;
const YEAR = Array.from({ length: 20 }, (_, at) => {
  const zone = ZONES[at % ZONES.length]!;
  // Four every hour, two every three hours, the others every day.
  const hours = at < 4 ? "*" : at < 6 ? "*/3" : String(at % 24);
  return [`${(at * 7) % 60} ${hours} * * *`, zone] as const;
});
const SMALL = [
  ["*/20 * * * *", "UTC"],
  ["30 2 * * *", "Europe/Berlin"],
  ["30 1 * * *", "America/New_York"],
  ["15 2 * * *", "Australia/Lord_Howe"],
  ["0 * * * *", "Europe/Berlin"],
  ["0 6 * * 1", "UTC"],
] as const;

const wish: Omit<SimulationWish, "seed"> = isSmall
  ? {
      jobs: 12,
      days: 36,
      crash: 0.0005,
      troubles: 12,
      schedules: SMALL,
      concurrency: 4,
      long: 0.1,
      late: 23,
      store: "sqlite",
    }
  : {
      jobs: 1000,
      days: 365,
      crash: 0.000002,
      troubles: 6,
      schedules: YEAR,
      concurrency: 200,
      long: 0.0001,
      late: 997,
      store,
    };

for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(seeds); seed += 1) {
  const begun = performance.now();
  const { ticks, runs, crashes, stale, states } = await new JobSimulation({ ...wish, seed }).run();
  const seconds = (performance.now() - begun) / 1000;
  const each = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  console.info(
    `seed ${seed}: ${ticks} ticks (${each.join(", ")}), ${runs} executions, ${crashes} crashes, ${stale} stale results refused, ${seconds.toFixed(1)} s, ${Math.round(ticks / seconds)} ticks/s; all holds`,
  );
}
