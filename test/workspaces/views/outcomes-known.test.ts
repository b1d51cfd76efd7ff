import { afterAll, beforeAll, expect, test } from "vitest";
import { microsFromIso } from "../../../workspaces/lake/sql-text.ts";
import { seededRandom } from "../../support/random.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { CARD_CONTRACT } from "../../support/workspace-folder.ts";

const CONTRACT = CARD_CONTRACT.replace(
  "maturity: 45 days",
  "maturity: 45 days\n  silence: {means: false, after: 20 days, for: [approve]}",
);
const DAY = 86_400_000;
const random = seededRandom("outcomes known");

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "streams/card_fraud.yaml": CONTRACT } });
});
afterAll(() => server?.stop());

const query = <T>(sql: string, asOf?: string): Promise<T[]> =>
  server.ask<T[]>("/api/query", { method: "POST", json: { sql, ...(asOf === undefined ? {} : { asOf }) } });
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString();

async function load(
  log: "decisions" | "feedback",
  rows: readonly Record<string, unknown>[],
  history = true,
): Promise<string> {
  const body = rows.map((row) => JSON.stringify(row)).join("\n");
  const upload = await server.ask<{ id: string }>(`/api/uploads?name=${log}.ndjson`, { method: "POST", body });
  const answer = await server.ask<{ import: { id: string; accepted: number } }>("/api/streams/card_fraud/imports", {
    method: "POST",
    json: { log, upload: upload.id, history, dryRun: false },
  });
  expect(answer.import.accepted).toBe(rows.length);
  return answer.import.id;
}

const ids = Array.from({ length: 60 }, (_, at) => `t-${at}`);
let made: string[] = [];
/** Feedback about any decision: late, withdrawn (no label), superseding another, or before its decision. */
function feedback(prefix: string, knownDays: readonly [number, number] | null): Record<string, unknown>[] {
  const rows = Array.from({ length: random.integer(20, 50) }, (_, at) => ({
    feedback_id: `${prefix}-${at}`,
    decision_id: random.pick(ids),
    label: random.chance(0.15) ? null : random.chance(0.5),
    source: random.pick(["chargeback", "analyst", "rumour"]),
    observed_at: daysAgo(100),
    ...(knownDays === null ? {} : { known_at: daysAgo(random.integer(...knownDays)) }),
    ...(made.length > 0 && random.chance(0.3) ? { supersedes: random.pick(made) } : {}),
  }));
  made = [...made, ...rows.map(({ feedback_id }) => feedback_id)];
  return rows;
}
const decisionOf = (id: string): Record<string, unknown> => ({
  decision_id: id,
  decided_at: daysAgo(random.integer(0, 100)),
  decision: random.pick(["approve", "block"]),
  score: 0.5,
});

const OUTCOME = "decision_id, label, label_source, label_recorded_at, feedback_count, reconstructed";

test("the outcomes known at many moments are those of the relations at each of them, with history and withdrawals", {
  timeout: 90_000,
}, async () => {
  const withdraw = (id: string): Promise<unknown> => server.ask(`/api/imports/${id}/withdraw`, { method: "POST" });
  // Before any moment that is asked about: a reconstruction knows what has been withdrawn by its as-of.
  await withdraw(await load("feedback", feedback("x", [0, 90])));
  await load(
    "decisions",
    ids.slice(0, 40).map((id) => ({ ...decisionOf(id), known_at: daysAgo(random.integer(0, 90)) })),
  );
  await load("feedback", feedback("h", [0, 90]));
  const withdrawn = await load("feedback", feedback("w", null), false);
  const live = ids
    .slice(40)
    .map((id) => ({ ...decisionOf(id), features: { account_id: "a", amount: "1.00", country: "DE" } }));
  const post = (log: string, events: readonly unknown[]): Promise<unknown> =>
    server.ask(`/api/streams/card_fraud/${log}`, { method: "POST", json: events });
  await post("decisions", live.slice(0, 10));
  await post("feedback", feedback("l", null));
  await withdraw(withdrawn);
  await post("feedback", feedback("m", null));
  await post("decisions", live.slice(10));
  const count = (sql: string): Promise<number> =>
    query<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`).then(([row]) => row!.n);
  await expect.poll(() => count("card_fraud.decisions"), { timeout: 20_000 }).toBe(60);
  const last = made.filter((id) => id.startsWith("m-")).length;
  await expect.poll(() => count("card_fraud.feedback WHERE feedback_id LIKE 'm-%'"), { timeout: 10_000 }).toBe(last);

  const recorded = await query<{ at: string }>(
    "SELECT DISTINCT recorded_at AS at FROM (SELECT recorded_at FROM card_fraud.feedback UNION ALL SELECT recorded_at FROM card_fraud.decisions)",
  );
  const [newest] = await query<{ at: string }>("SELECT now() AS at");
  const asOfs = [newest!.at, ...Array.from({ length: 2 }, () => random.pick(recorded).at), daysAgo(3)];
  for (const asOf of asOfs) {
    const windows = Array.from({ length: 10 }, (_, at) => ({
      start: daysAgo(100 - at * 10),
      end: daysAgo(90 - at * 10),
    }));
    const moments = windows.map((window) => {
      const wanted = random.chance(0.5) ? random.pick(recorded).at : daysAgo(random.integer(0, 90));
      return { ...window, knownBy: microsFromIso(wanted) <= microsFromIso(asOf) ? wanted : asOf };
    });
    const list = moments
      .map(
        ({ start, end, knownBy }) =>
          `{start: TIMESTAMPTZ '${start}', "end": TIMESTAMPTZ '${end}', known_by: TIMESTAMPTZ '${knownBy}'}`,
      )
      .join(", ");
    const found = await query<{ decision_id: string }>(
      `SELECT ${OUTCOME}, decided_at FROM card_fraud.outcomes_known([${list}]) ORDER BY decision_id`,
      asOf,
    );
    const expected: { decision_id: string }[] = [];
    for (const { start, end, knownBy } of moments)
      expected.push(
        ...(await query<{ decision_id: string }>(
          `SELECT ${OUTCOME}, decided_at FROM card_fraud.outcomes WHERE decided_at >= TIMESTAMPTZ '${start}' AND decided_at < TIMESTAMPTZ '${end}'`,
          knownBy,
        )),
      );
    expected.sort((a, b) => (a.decision_id < b.decision_id ? -1 : 1));
    expect(found, `as of ${asOf}`).toEqual(expected);
  }
});
