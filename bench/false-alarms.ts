/**
 * `node bench/false-alarms.ts [cells=1000] [seed=1]`: the share of drift cells of twenty columns that are not `ok` though
 * nothing drifts, and of those that see a drift in one of their columns: a mean that moves by 0.3 standard deviations, or
 * 15 points of share that move between two categories of 30 %. Both samples are simulated; a cell is judged as a
 * notebook's is.
 */
import { Random } from "../test/support/random.ts";
import { falseAlarms, power } from "../test/support/simulated-drift.ts";

const CELLS = Number(process.argv[2] ?? 1000);
const SEED = Number(process.argv[3] ?? 1);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

for (const n of [100, 300, 1000, 3000, 100_000])
  console.log(
    `no drift, ${n} rows a side: ${percent(falseAlarms(CELLS, n, new Random(SEED + n)))} of ${CELLS} cells not ok`,
  );
for (const [kind, text] of [
  ["mean", "mean moved by 0.3 standard deviations"],
  ["share", "15 points of share moved"],
] as const)
  console.log(
    `${text}, 5000 rows a side: ${percent(power(CELLS, 5000, kind, new Random(SEED)))} of ${CELLS} cells at least warn`,
  );
