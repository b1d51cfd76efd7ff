import { expect } from "vitest";
import type { TestServer } from "./server.ts";
import { decision } from "./workspace-folder.ts";

/** 60 decisions a day for the first 20 days of March 2026, until they can be queried; from the eleventh on scores are higher, and some carry labels. */
export async function fillTwentyDays(server: TestServer): Promise<void> {
  const decisions: unknown[] = [];
  const feedback: unknown[] = [];
  for (let at = 0; at < 1200; at += 1) {
    const day = Math.floor(at / 60);
    const noise = ((at * 7919) % 1000) / 1000;
    const score = day < 10 ? noise * 0.6 : 0.3 + noise * 0.7;
    const id = `d-${at}`;
    const decidedAt = new Date(Date.UTC(2026, 2, 1 + day) + (at % 60) * 1_200_000).toISOString();
    decisions.push(decision(id, { score, decided_at: decidedAt, decision: score > 0.8 ? "block" : "approve" }));
    if (at % 4 === 0) feedback.push({ decision_id: id, label: noise > 0.7, source: "analyst", observed_at: decidedAt });
  }
  const key = await server.key("ingest:card_fraud");
  const headers = { authorization: `Bearer ${key}` };
  for (const [log, events] of [
    ["decisions", decisions],
    ["feedback", feedback],
  ] as const) {
    const answer = await server.ask<{ accepted: number }>(`/api/streams/card_fraud/${log}`, {
      method: "POST",
      headers,
      json: events,
    });
    expect(answer.accepted).toBe(events.length);
  }
  await queryable(server, decisions.length);
}

/** Waits until so many rows of the log are loaded. */
export async function queryable(
  server: TestServer,
  rows: number,
  log: "decisions" | "feedback" = "decisions",
): Promise<void> {
  for (;;) {
    const [row] = await server.ask<{ n: number }[]>("/api/query", {
      method: "POST",
      json: { sql: `SELECT count(*) AS n FROM card_fraud.${log}` },
    });
    if (row!.n >= rows) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
