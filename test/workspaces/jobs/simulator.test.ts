import process from "node:process";
import { expect, test } from "vitest";
import { JobSimulation } from "../../support/job-simulator.ts";

const SCHEDULES = [
  ["*/20 * * * *", "UTC"],
  ["30 2 * * *", "Europe/Berlin"],
  ["30 1 * * *", "America/New_York"],
  ["15 2 * * *", "Australia/Lord_Howe"],
  ["0 * * * *", "Europe/Berlin"],
  ["0 6 * * 1", "UTC"],
] as const;

const first = Number(process.env.DRIFTBOOK_SEED ?? Math.floor(Math.random() * 1e9));

test.each([first, first + 1, first + 2])(
  "whatever dies, stalls, fails or is late, every due time ends once (seed %d)",
  async (seed) => {
    console.info(`simulator seed ${seed}`);
    // The days hold a change of the clocks in each zone.
    const simulation = new JobSimulation({
      seed,
      jobs: 12,
      days: 36,
      crash: 0.0005,
      troubles: 12,
      schedules: SCHEDULES,
      concurrency: 4,
      long: 0.1,
      late: 23,
      store: "sqlite",
    });
    const done = await simulation.run();
    expect(done.ticks).toBeGreaterThan(3000);
    expect(done.crashes).toBeGreaterThan(20);
    for (const count of [done.closed, done.timeouts, done.changes, done.backfilled]) expect(count).toBeGreaterThan(0);
    expect(done.states.done).toBeGreaterThan(1000);
    expect(done.states.failed).toBeGreaterThan(0);
    expect(done.states.skipped).toBeGreaterThan(0);
  },
  180_000,
);
