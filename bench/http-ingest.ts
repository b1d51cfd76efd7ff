/**
 * `node bench/http-ingest.ts [events=1000000] [most events a second]`: NDJSON events of about 250 bytes over HTTP in batches of 1 000 on 4
 * connections, checked, deduplicated, durable, with the loader running. Prints events/s sustained, the memory of all
 * Driftbook processes, how long the loader needed to catch up, and beside it the bare limits of this machine.
 */
import { fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import path from "node:path";
import process from "node:process";
import { startServer, type TestServer } from "../test/support/server.ts";
import { memoryByProgram } from "./process-memory.ts";

const EVENTS = Number(process.argv[2] ?? 1_000_000);
const MOST_A_SECOND = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);
const BATCH = 1000;
const CONNECTIONS = 4;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

/** One batch; ids are new for each, everything else repeats as real features do. */
function batch(number: number): Buffer {
  const lines: string[] = [];
  for (let at = 0; at < BATCH; at += 1) {
    const id = number * BATCH + at;
    const at0 = new Date(Date.UTC(2026, 0, 1) + id * 37).toISOString();
    lines.push(
      `{"decision_id":"payment-2026-${String(id).padStart(12, "0")}","decided_at":"${at0}","decision":"${id % 9 === 0 ? "review" : "approve"}","score":0.${String((id * 7919) % 100000).padStart(5, "0")},"model":"gradient-boosting-cards","model_version":"7","features":{"account_id":"a-${id % 50021}","amount":"${(id % 90000) / 100}","country":"DE"}}`,
    );
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}

function post(port: number, where: string, headers: Record<string, string>, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const made = request(
      {
        host: "127.0.0.1",
        port,
        path: where,
        method: "POST",
        agent,
        headers: { ...headers, "content-length": String(body.length) },
      },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode!));
      },
    );
    made.on("error", reject);
    made.end(body);
  });
}

/** Sends all batches on `CONNECTIONS` connections; a 429 or 503 is tried again, as clients do. Batches per second. */
async function send(port: number, where: string, headers: Record<string, string>, batches: number): Promise<number> {
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let number = next++; number < batches; number = next++) {
        const body = batch(number);
        const early = began + (number * BATCH * 1000) / MOST_A_SECOND - performance.now();
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
        for (;;) {
          const status = await post(port, where, headers, body);
          if (status === 200) break;
          if (status !== 429 && status !== 503) throw new Error(`Batch ${number} was answered with ${status}.`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    }),
  );
  return batches / ((performance.now() - began) / 1000);
}

function bareAppend(batches: number): number {
  const file = path.join(process.cwd(), ".bench-append");
  const descriptor = openSync(file, "w");
  const body = batch(0);
  const began = performance.now();
  for (let at = 0; at < batches; at += 1) {
    writeSync(descriptor, body);
    fdatasyncSync(descriptor);
  }
  rmSync(file);
  return batches / ((performance.now() - began) / 1000);
}

async function bareHttp(batches: number): Promise<number> {
  const sink = createServer((incoming, answer) => {
    incoming.resume();
    incoming.on("end", () => answer.end());
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => sink.once("listening", resolve));
  const rate = await send((sink.address() as { port: number }).port, "/", {}, batches);
  sink.close();
  return rate;
}

async function loaded(server: TestServer): Promise<number> {
  const rows = await server.ask<{ n: number }[]>("/api/query", {
    method: "POST",
    json: { sql: "SELECT count(*) AS n FROM card_fraud.decisions" },
  });
  return rows[0]!.n;
}

const batches = Math.ceil(EVENTS / BATCH);
const few = Math.min(batches, 300);
console.log(
  `event: ${Math.round(batch(0).length / BATCH)} bytes; ${batches * BATCH} events in batches of ${BATCH} on ${CONNECTIONS} connections`,
);
console.log(`bare append + fdatasync: ${Math.round(bareAppend(few) * BATCH)} events/s`);
console.log(`bare HTTP, bodies made and thrown away: ${Math.round((await bareHttp(few)) * BATCH)} events/s`);

const server = await startServer();
const { secret: key } = await server.ask<{ secret: string }>("/api/keys", {
  method: "POST",
  json: { scopes: ["ingest:card_fraud"], ratePerSecond: 100_000 },
});
const memory: Map<string, number>[] = [];
const watch = setInterval(() => memory.push(memoryByProgram(server.process.pid!)), 1000);
// Somebody looks all the time, so that the engine that answers is a part of every third.
const looking = setInterval(() => void loaded(server).catch(() => undefined), 10_000);
await loaded(server);
try {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" };
  const rate = await send(server.port, "/api/streams/card_fraud/decisions", headers, batches);
  console.log(`Driftbook: ${Math.round(rate * BATCH)} events/s acknowledged`);
  const began = performance.now();
  let rows = 0;
  while (rows < batches * BATCH) {
    rows = await loaded(server);
    if (rows < batches * BATCH) await new Promise((resolve) => setTimeout(resolve, 100));
    if (performance.now() - began > 600_000) throw new Error(`Only ${rows} rows are loaded after ten minutes.`);
  }
  console.log(`all ${rows} queryable ${((performance.now() - began) / 1000).toFixed(1)} s after the last answer`);
  const third = Math.ceil(memory.length / 3);
  const highest = (of: (bytes: Map<string, number>) => number): string =>
    [0, 1, 2]
      .map((part) => Math.round(Math.max(0, ...memory.slice(part * third, (part + 1) * third).map(of)) / 1e6))
      .join(", ");
  const total = (bytes: Map<string, number>): number => [...bytes.values()].reduce((sum, one) => sum + one, 0);
  console.log(`highest memory in each third of the time, MB: all processes ${highest(total)}`);
  for (const program of new Set(memory.flatMap((bytes) => [...bytes.keys()])))
    console.log(`  ${program} ${highest((bytes) => bytes.get(program) ?? 0)}`);
} finally {
  clearInterval(watch);
  clearInterval(looking);
  await server.stop();
  agent.destroy();
  rmSync(server.folder, { recursive: true, force: true });
}
