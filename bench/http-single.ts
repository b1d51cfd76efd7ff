/** `node bench/http-single.ts [seconds=20]`: single JSON events at 500/s for a while; p50, p95, p99 and the worst, in ms. */
import { rmSync } from "node:fs";
import { Agent, request } from "node:http";
import process from "node:process";
import { startServer } from "../test/support/server.ts";
import { decision } from "../test/support/workspace-folder.ts";
import { percentile } from "./percentile.ts";

const SECONDS = Number(process.argv[2] ?? 20);
const PER_SECOND = 500;

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const server = await startServer();
const key = await server.key("ingest:card_fraud");
const took: number[] = [];
const statuses = new Map<number, number>();

function post(number: number): Promise<void> {
  const body = JSON.stringify(decision(`t-${number}`));
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const made = request(
      {
        host: "127.0.0.1",
        port: server.port,
        path: "/api/streams/card_fraud/decisions",
        method: "POST",
        agent,
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          "content-length": String(Buffer.byteLength(body)),
        },
      },
      (answer) => {
        answer.resume();
        answer.on("end", () => {
          took.push(performance.now() - began);
          statuses.set(answer.statusCode!, (statuses.get(answer.statusCode!) ?? 0) + 1);
          resolve();
        });
      },
    );
    made.on("error", reject);
    made.end(body);
  });
}

try {
  const began = performance.now();
  const all: Promise<void>[] = [];
  for (let number = 0; number < SECONDS * PER_SECOND; number += 1) {
    // By the clock, not after the last answer: a slow answer must not slow the question.
    const due = began + (number * 1000) / PER_SECOND;
    const early = due - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    all.push(post(number));
  }
  await Promise.all(all);
  const show = (share: number) => percentile(took, share).toFixed(1);
  console.log(
    `${took.length} single events at ${PER_SECOND}/s: p50 ${show(0.5)}, p95 ${show(0.95)}, p99 ${show(0.99)}, worst ${show(1)} ms`,
  );
  console.log(`answers by status: ${[...statuses].map(([status, count]) => `${status}: ${count}`).join(", ")}`);
} finally {
  await server.stop();
  agent.destroy();
  rmSync(server.folder, { recursive: true, force: true });
}
