/** `node bench/visible.ts [rounds=60]`: from the acknowledgement of an event to the first query that sees it, in ms. */
import { rmSync } from "node:fs";
import { startServer } from "../test/support/server.ts";
import { decision } from "../test/support/workspace-folder.ts";
import { percentile } from "./percentile.ts";

const ROUNDS = Number(process.argv[2] ?? 60);
const server = await startServer();
const count = async (): Promise<number> =>
  (
    await server.ask<{ n: number }[]>("/api/query", {
      method: "POST",
      json: { sql: "SELECT count(*) AS n FROM card_fraud.decisions" },
    })
  )[0]!.n;
const took: number[] = [];
try {
  for (let round = 1; round <= ROUNDS; round += 1) {
    await server.ask("/api/streams/card_fraud/decisions", { method: "POST", json: [decision(`v-${round}`)] });
    const acknowledged = performance.now();
    while ((await count()) < round);
    took.push(performance.now() - acknowledged);
  }
  took.sort((a, b) => a - b);
  console.log(
    `visible after the acknowledgement: p50 ${Math.round(percentile(took, 0.5))} ms, p95 ${Math.round(percentile(took, 0.95))} ms, worst ${Math.round(took.at(-1)!)} ms`,
  );
} finally {
  await server.stop();
  rmSync(server.folder, { recursive: true, force: true });
}
