import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../support/random.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { CARD_CONTRACT, decision } from "../../support/workspace-folder.ts";

const CONTRACT = CARD_CONTRACT.replace(
  "maturity: 45 days",
  "maturity: 45 days\n  silence: {means: false, after: 45 days, for: [approve]}",
);
const SOURCES = ["chargeback", "analyst", "rumour"];

interface Feedback {
  readonly feedback_id: string;
  readonly decision_id: string;
  readonly label: boolean | null;
  readonly source: string;
  readonly supersedes: string | null;
  readonly recorded_at: string;
  /** `recorded_at` in microseconds, as text; times as text have no fixed number of digits. */
  readonly micros: string;
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "streams/card_fraud.yaml": CONTRACT } });
});
afterAll(() => server?.stop());

const query = <T>(sql: string, asOf?: string): Promise<T[]> =>
  server.ask<T[]>("/api/query", { method: "POST", json: { sql, ...(asOf === undefined ? {} : { asOf }) } });

async function post(log: string, events: readonly unknown[]): Promise<{ accepted: number; duplicates: number }> {
  return server.ask(`/api/streams/card_fraud/${log}`, { method: "POST", json: events });
}

async function settled(log: string, rows: number): Promise<void> {
  await expect
    .poll(async () => (await query<{ n: number }>(`SELECT count(*) AS n FROM card_fraud.${log}`))[0]!.n, {
      timeout: 20_000,
    })
    .toBe(rows);
}

/** The standing label by the definition, row by row: known by T, not superseded by one known, best source, latest. */
function standing(known: readonly Feedback[], of: string): Feedback | null {
  const superseded = new Set(known.map(({ supersedes }) => supersedes));
  const rank = ({ source }: Feedback): number => {
    const at = ["chargeback", "analyst"].indexOf(source);
    return at < 0 ? 2 : at;
  };
  const [best] = known
    .filter((one) => one.decision_id === of && !superseded.has(one.feedback_id))
    .sort((a, b) => rank(a) - rank(b) || Number(BigInt(b.micros) - BigInt(a.micros)));
  return best ?? null;
}

test("decisions, feedback and outcomes at any as-of are those of the definition, row by row", {
  timeout: 90_000,
}, async () => {
  const random = seededRandom("outcomes");
  const ids = Array.from({ length: 40 }, (_, at) => `t-${at}`);
  const old = new Date(Date.now() - 60 * 86_400_000).toISOString();
  const young = new Date(Date.now() - 86_400_000).toISOString();
  const decisions = ids.map((id) =>
    decision(id, { decision: random.pick(["approve", "block"]), decided_at: random.pick([old, young]) }),
  );
  const made: Record<string, unknown>[] = [];
  let decided = 0;
  for (let batch = 0; batch < 12; batch += 1) {
    // Feedback may come before its decision, supersede what came before, withdraw a label, or be a retry.
    const events = Array.from({ length: random.integer(1, 12) }, (_, at) => ({
      feedback_id: `f-${batch}-${at}`,
      decision_id: random.pick(ids),
      label: random.chance(0.15) ? null : random.chance(0.5),
      source: random.pick(SOURCES),
      observed_at: "2026-03-05T00:00:00Z",
      ...(made.length > 0 && random.chance(0.3) ? { supersedes: random.pick(made).feedback_id } : {}),
    }));
    const again = made.filter(() => random.chance(0.1));
    const answer = await post("feedback", [...events, ...again]);
    expect(answer.accepted + answer.duplicates).toBe(events.length + again.length);
    made.push(...events);
    const some = decisions.slice(decided, decided + random.integer(1, 8));
    if (some.length > 0) await post("decisions", some);
    decided += some.length;
  }
  await post("decisions", decisions.slice(decided));
  await settled("decisions", decisions.length);
  await settled("feedback", made.length);

  const log = (await query<Feedback>(
    "SELECT feedback_id, decision_id, label, source, supersedes, recorded_at, epoch_us(recorded_at)::VARCHAR AS micros FROM card_fraud.feedback",
  )) as Feedback[];
  expect(log.map(({ feedback_id }) => feedback_id).sort()).toEqual(
    made.map(({ feedback_id }) => feedback_id as string).sort(),
  );
  const kept = await query<{
    decision_id: string;
    recorded_at: string;
    micros: string;
    decided_at: string;
    decision: string;
  }>(
    "SELECT decision_id, recorded_at, epoch_us(recorded_at)::VARCHAR AS micros, decided_at, decision FROM card_fraud.decisions",
  );
  const moments = [...log, ...kept].map(({ recorded_at, micros }) => ({ recorded_at, micros: BigInt(micros) }));
  for (const { recorded_at: asOf, micros: at } of Array.from({ length: 12 }, () => random.pick(moments))) {
    const known = log.filter(({ micros }) => BigInt(micros) <= at);
    const expected = kept
      .filter(({ micros }) => BigInt(micros) <= at)
      .map(({ decision_id, decided_at, decision: made }) => {
        const best = standing(known, decision_id);
        const isStated = best !== null && best.label !== null;
        const isSilent = made === "approve" && Date.parse(decided_at) <= Date.parse(asOf) - 45 * 86_400_000;
        return {
          decision_id,
          label: isStated ? best.label : isSilent ? false : null,
          label_source: isStated ? best.source : isSilent ? "silence" : null,
          feedback_count: known.filter((one) => one.decision_id === decision_id).length,
        };
      })
      .sort((a, b) => (a.decision_id < b.decision_id ? -1 : 1));
    const found = await query(
      "SELECT decision_id, label, label_source, feedback_count FROM card_fraud.outcomes ORDER BY decision_id",
      asOf,
    );
    expect(found, `as of ${asOf}`).toEqual(expected);
    expect((await query<{ n: number }>("SELECT count(*) AS n FROM card_fraud.feedback", asOf))[0]!.n).toBe(
      known.length,
    );
  }
});

test("a conflict is quarantined with both sides, a retry is told, an orphan waits for its decision", async () => {
  const first = await query<{ n: number }>("SELECT count(*) AS n FROM card_fraud.decisions");
  await post("decisions", [decision("c-1", { score: 0.25 })]);
  expect(await post("decisions", [decision("c-1", { score: 0.25 })])).toMatchObject({ accepted: 0, duplicates: 1 });
  await post("decisions", [decision("c-1", { score: 0.75 })]);
  await post("feedback", [{ decision_id: "later", label: true, source: "analyst" }]);
  await expect
    .poll(() => query("SELECT reason, log FROM card_fraud.quarantine"), { timeout: 20_000 })
    .toEqual([{ reason: "decision_id: known already with other content", log: "decisions" }]);
  expect(await query("SELECT score FROM card_fraud.decisions WHERE decision_id = 'c-1'")).toEqual([{ score: 0.25 }]);
  expect((await query<{ n: number }>("SELECT count(*) AS n FROM card_fraud.decisions"))[0]!.n).toBe(first[0]!.n + 1);
  await expect.poll(async () => (await server.ask<{ orphans: number }>("/api/streams/card_fraud")).orphans).toBe(1);
  await post("decisions", [decision("later")]);
  await expect
    .poll(() => query("SELECT label FROM card_fraud.outcomes WHERE decision_id = 'later'"), { timeout: 20_000 })
    .toEqual([{ label: true }]);
  await expect
    .poll(async () => (await server.ask<{ orphans: number }>("/api/streams/card_fraud")).orphans, { timeout: 20_000 })
    .toBe(0);
});
