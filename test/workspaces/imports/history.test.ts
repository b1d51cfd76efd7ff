import { afterAll, beforeAll, expect, test } from "vitest";
import type { DryRunView, ImportView } from "../../../cells/wire/http-streams.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { decision } from "../../support/workspace-folder.ts";

const DAYS = 730;
const SELECT = `SELECT payment_no AS decision_id, strptime(happened, '%d.%m.%Y %H:%M') AS decided_at,
  CASE verdict WHEN 'ok' THEN 'approve' WHEN 'stop' THEN 'block' ELSE verdict END AS decision,
  risk / 100 AS score, customer AS account_id, eur AS amount, land AS country
FROM input`;

let server: TestServer;
let csv: string;
beforeAll(async () => {
  server = await startServer();
  const lines = ["payment_no,happened,verdict,risk,customer,eur,land"];
  for (let day = 0; day < DAYS; day += 1) {
    const at = new Date(Date.UTC(2024, 0, 1 + day));
    const date = `${String(at.getUTCDate()).padStart(2, "0")}.${String(at.getUTCMonth() + 1).padStart(2, "0")}.${at.getUTCFullYear()} 12:00`;
    lines.push(`p-${day},${date},${day % 10 === 0 ? "stop" : "ok"},${day % 101},c-${day % 7},${day}.50,DE`);
  }
  lines.push("p-bad,01.01.2024 12:00,,40,c-1,1.00,DE", ",01.01.2024 12:00,ok,1,c-1,1.00,DE");
  csv = `${lines.join("\n")}\n`;
});
afterAll(() => server?.stop());

const query = <T>(sql: string, asOf?: string): Promise<T[]> =>
  server.ask<T[]>("/api/query", { method: "POST", json: { sql, ...(asOf === undefined ? {} : { asOf }) } });
const count = async (asOf?: string): Promise<number> =>
  (await query<{ n: number }>("SELECT count(*) AS n FROM card_fraud.decisions", asOf))[0]!.n;
const upload = async (): Promise<string> =>
  (await server.ask<{ id: string }>("/api/uploads?name=payments.csv", { method: "POST", body: csv })).id;
const load = async <T>(more: Record<string, unknown> = {}): Promise<T> =>
  server.ask<T>("/api/streams/card_fraud/imports", {
    method: "POST",
    json: { log: "decisions", upload: await upload(), select: SELECT, history: true, dryRun: false, ...more },
  });

test("two years under other names: rehearsed, loaded by one SELECT, seen as they were known, withdrawn, loaded again", async () => {
  const { dryRun } = await load<{ dryRun: DryRunView }>({ dryRun: true });
  expect(dryRun).toMatchObject({ accepted: DAYS, duplicates: 0, quarantined: 2 });
  expect(dryRun.reasons.map(({ reason }) => reason).sort()).toEqual(["decision: missing", "decision_id: missing"]);
  expect([dryRun.from, dryRun.to]).toEqual(["2024-01-01T12:00:00.000Z", "2025-12-30T12:00:00.000Z"]);
  expect(dryRun.rows).toHaveLength(10);
  expect(await count()).toBe(0);

  const { import: loaded } = await load<{ import: ImportView }>();
  expect(loaded).toMatchObject({ state: "loaded", accepted: DAYS, duplicates: 0, quarantined: 2, history: true });
  expect(await count()).toBe(DAYS);
  // The same file again is known already, row by row.
  expect((await load<{ import: ImportView }>()).import).toMatchObject({ accepted: 0, duplicates: DAYS });

  // Before the stream's first live row a query sees what the source knew by then, and is told that it is reconstructed.
  await server.ask("/api/streams/card_fraud/decisions", { method: "POST", json: [decision("live-1")] });
  await expect.poll(() => count(), { timeout: 20_000 }).toBe(DAYS + 1);
  expect(await count("2024-02-01T00:00:00Z")).toBe(31);
  expect(
    await query("SELECT bool_and(reconstructed) AS all_are FROM card_fraud.decisions", "2024-02-01T00:00:00Z"),
  ).toEqual([{ all_are: true }]);
  expect(await query("SELECT * FROM card_fraud.quarantine", "2024-02-01T00:00:00Z")).toEqual([]);
  const [live] = await query<{ recorded_at: string }>(
    "SELECT recorded_at FROM card_fraud.decisions WHERE decision_id = 'live-1'",
  );

  const before = live!.recorded_at;
  await server.ask(`/api/imports/${loaded.id}/withdraw`, { method: "POST" });
  expect(await count()).toBe(1);
  expect(await count(before)).toBe(DAYS + 1);

  // A corrected file takes the same ids: those of a withdrawn import are free again.
  const { import: again } = await load<{ import: ImportView }>({ select: SELECT.replace("risk / 100", "risk / 200") });
  expect(again).toMatchObject({ accepted: DAYS, duplicates: 0, quarantined: 2 });
  expect(await query("SELECT score FROM card_fraud.decisions WHERE decision_id = 'p-100'")).toEqual([{ score: 0.5 }]);
  expect(await query("SELECT score FROM card_fraud.decisions WHERE decision_id = 'p-100'", before)).toEqual([
    { score: 1 },
  ]);
});

test("a SELECT that does not fit, writes, or reads elsewhere is refused with the reason, and nothing is loaded", async () => {
  const rows = await count();
  for (const [select, message] of [
    ["SELECT nonsense FROM input", /nonsense/],
    ["DROP TABLE input", /SELECT|not allowed/],
    ["SELECT * FROM read_text('/etc/passwd')", /reads .*passwd/],
    ["SELECT 1; SELECT 2", /statement/],
  ] as const) {
    const answer = await server.request("/api/streams/card_fraud/imports", {
      method: "POST",
      json: { log: "decisions", upload: await upload(), select, history: true, dryRun: false },
    });
    const text = await answer.text();
    expect([select, answer.status >= 400 && answer.status < 500]).toEqual([select, true]);
    expect(text).toMatch(message);
  }
  expect(await count()).toBe(rows);
});
