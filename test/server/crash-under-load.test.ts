import { rm } from "node:fs/promises";
import process from "node:process";
import { afterEach, expect, test } from "vitest";
import { childProcesses } from "../support/child-processes.ts";
import { type Random, seededRandom } from "../support/random.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { decision } from "../support/workspace-folder.ts";

const KILLS = 8;
const AFTER_THE_LAST_KILL_MILLIS = 30_000;

let server: TestServer;
let folder: string | null = null;
afterEach(async () => {
  await server?.kill();
  if (folder !== null) await rm(folder, { recursive: true, force: true });
});

interface Sent {
  readonly decisions: Map<string, number>;
  readonly feedback: Map<string, boolean>;
}

/** Sends random batches until told to stop; each one again and again until it is acknowledged, as a careful client does. */
async function client(name: string, random: Random, key: string, sent: Sent, goesOn: () => boolean): Promise<void> {
  const { origin } = server;
  for (let batch = 0; goesOn(); batch += 1) {
    const events: { log: string; line: Record<string, unknown>; id: string }[] = [];
    for (let at = random.integer(1, 150); at > 0; at -= 1) {
      const id = `${name}-${batch}-${at}`;
      const line = decision(id, { score: random.integer(0, 1000) / 1000 });
      events.push({ log: "decisions", line, id });
      if (random.chance(0.3)) {
        const label = random.chance(0.2);
        const line = {
          feedback_id: `f-${id}`,
          decision_id: id,
          label,
          source: "analyst",
          observed_at: "2026-03-03T00:00:00Z",
        };
        events.push({ log: "feedback", line, id: `f-${id}` });
      }
    }
    for (const log of random.chance(0.5) ? ["decisions", "feedback"] : ["feedback", "decisions"]) {
      const own = events.filter((event) => event.log === log);
      if (own.length === 0) continue;
      const body = own.map(({ line }) => JSON.stringify(line)).join("\n");
      while (!(await delivered(`${origin}/api/streams/card_fraud/${log}`, key, body)))
        await new Promise((resolve) => setTimeout(resolve, random.integer(5, 60)));
      for (const { id, line } of own) {
        if (log === "decisions") sent.decisions.set(id, line.score as number);
        else sent.feedback.set(id, line.label as boolean);
      }
    }
  }
}

async function delivered(url: string, key: string, body: string): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
      body,
    });
    const told = await answer.text();
    if (answer.status === 200) {
      expect(JSON.parse(told).quarantined).toEqual([]);
      return true;
    }
    if (![429, 503].includes(answer.status)) throw new Unexpected(`${answer.status} ${told}`);
    return false;
  } catch (error) {
    if (error instanceof Unexpected) throw error;
    return false; // The line broke: nobody knows whether it arrived, so it is sent again.
  }
}
class Unexpected extends Error {}

async function rows<T>(sql: string): Promise<T[]> {
  return server.ask<T[]>("/api/query", { method: "POST", json: { sql } });
}

test("whatever is killed under load, every acknowledged event is there exactly once", {
  timeout: 120_000,
}, async () => {
  const random = seededRandom("crash under load");
  server = await startServer();
  ({ folder } = server);
  const port = server.port;
  const key = (
    await server.ask<{ secret: string }>("/api/keys", {
      method: "POST",
      json: { scopes: ["ingest:card_fraud"], ratePerSecond: 100_000 },
    })
  ).secret;
  const sent: Sent = { decisions: new Map(), feedback: new Map() };
  let goesOn = true;
  const clients = ["a", "b", "c"].map((name) => client(name, random, key, sent, () => goesOn));
  const all = Promise.all(clients);
  all.catch(() => {});

  const killed: string[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, random.integer(50, 900)));
    const what = random.pick(["server", "loader-process", "loader-process", "engine-process"]);
    killed.push(what);
    if (what === "server") {
      await server.kill();
      server = await startServer({ folder: folder!, args: ["--port", String(port)] });
    } else {
      if (what === "engine-process") void rows("SELECT count(*) FROM card_fraud.decisions").catch(() => {});
      for (const pid of childProcesses(server.process.pid!, what)) process.kill(pid, "SIGKILL");
    }
  }
  goesOn = false;
  await all;
  console.log(`killed ${killed.join(", ")} under ${sent.decisions.size} decisions and ${sent.feedback.size} feedback`);
  expect(sent.decisions.size).toBeGreaterThan(500);

  const until = Date.now() + AFTER_THE_LAST_KILL_MILLIS;
  const counts = async (): Promise<number[]> =>
    (
      await Promise.all(
        ["decisions", "feedback"].map((log) => rows<{ n: number }>(`SELECT count(*) AS n FROM card_fraud.${log}`)),
      )
    ).map(([row]) => row!.n);
  while (Date.now() < until) {
    const [decisions, feedback] = await counts().catch(() => [0, 0]);
    if (decisions! >= sent.decisions.size && feedback! >= sent.feedback.size) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const decisions = await rows<{ decision_id: string; score: number }>(
    "SELECT decision_id, score FROM card_fraud.decisions",
  );
  expect(decisions).toHaveLength(sent.decisions.size);
  expect(new Map(decisions.map((row) => [row.decision_id, row.score]))).toEqual(sent.decisions);
  const feedback = await rows<{ feedback_id: string; label: boolean }>(
    "SELECT feedback_id, label FROM card_fraud.feedback",
  );
  expect(feedback).toHaveLength(sent.feedback.size);
  expect(new Map(feedback.map((row) => [row.feedback_id, row.label]))).toEqual(sent.feedback);
  expect(await rows("SELECT * FROM card_fraud.quarantine")).toEqual([]);
  // No two events of a log share their recorded time, also across restarts.
  for (const log of ["decisions", "feedback"])
    expect(await rows(`SELECT recorded_at FROM card_fraud.${log} GROUP BY recorded_at HAVING count(*) > 1`)).toEqual(
      [],
    );
});
