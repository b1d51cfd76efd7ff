import { beforeAll, expect, test } from "vitest";
import type { Reading } from "../../../cells/results/reading.ts";
import { seededRandom } from "../../support/random.ts";
import { CARD_CONTRACT } from "../../support/workspace-folder.ts";
import { queryRows } from "../engine/start-engine.ts";
import { type Filled, filledWith, measuredAt } from "./late-labels.ts";

const SILENCE = "maturity: 45 days\n  silence: {means: false, after: 10 days, for: [approve]}";
const DAY = 86_400_000;
const WEEKS = 6;
const random = seededRandom("as known then");
const first = Math.floor(Date.now() / DAY / 7) * 7 * DAY - 4 * DAY - 11 * 7 * DAY;
const at = (days: number): string => new Date(first + Math.round(days * DAY)).toISOString();
/** Weeks begin on Mondays: so does the window. */
const monday = (week: number): string => new Date(first + week * 7 * DAY + mondayShift * DAY).toISOString();
const mondayShift = (8 - new Date(first).getUTCDay()) % 7;

/** A stream of history whose labels come late, are superseded and withdrawn; and some live rows. */
async function filled(silence: boolean): Promise<Filled> {
  const contract = silence ? CARD_CONTRACT.replace("maturity: 45 days", SILENCE) : CARD_CONTRACT;
  const decisions = Array.from({ length: 600 }, (_, index) => {
    const decided = random.next() * (WEEKS * 7 + 10);
    const score = random.integer(0, 100) / 100;
    return {
      decision_id: `t-${index}`,
      decided_at: at(decided),
      known_at: at(decided + random.next() * 3),
      decision: score > 0.6 ? random.pick(["block", "review", "approve"]) : "approve",
      score,
      account_id: `a-${random.integer(0, 60)}`,
      amount: `${random.integer(1, 500)}.50`,
      country: random.pick(["DE", "FR"]),
      decided,
    };
  });
  const feedback = Array.from({ length: 600 }, (_, index) => {
    const about = random.pick(decisions);
    return {
      feedback_id: `f-${index}`,
      decision_id: random.chance(0.05) ? "nobody" : about.decision_id,
      observed_at: at(about.decided + random.next() * 5 - 0.5),
      known_at: at(about.decided + random.next() * random.pick([2, 40])),
      label: random.chance(0.1) ? null : random.chance(about.score),
      source: random.pick(["chargeback", "analyst", "rumour"]),
      ...(index > 0 && random.chance(0.3) ? { supersedes: `f-${random.integer(0, index - 1)}` } : {}),
    };
  });
  const live = decisions.slice(0, 80).map(({ decision_id }, index) => ({
    feedback_id: `l-${index}`,
    decision_id,
    observed_at: at(60),
    label: random.chance(0.5),
    source: "chargeback",
  }));
  return filledWith({ contract, decisions: decisions.map(({ decided: _, ...row }) => row), feedback, live });
}

const SPEC = {
  from: "card_fraud",
  metrics: [
    "precision",
    "recall",
    "alert_rate",
    "roc_auc",
    "average_precision",
    "adr",
    "payoff_total",
    "f1",
    "tp",
    "tn",
  ],
  payoff: { tp: "amount", fn: "-amount", fp: -5 },
  define: { heard: "sum(feedback_count)", spread: "max(amount) - min(amount)" },
  min_rows: 1,
};

const all: Filled[] = [];
beforeAll(() => async () => {
  for (const { workspace, engine } of all) await Promise.all([workspace.close(), engine.close()]);
});

test.each([true, false])(
  "a week as known two weeks after is that week measured at that as-of (silence rule: %s)",
  { timeout: 120_000 },
  async (silence) => {
    const here = await filled(silence);
    all.push(here);
    const asOf = here.workspace.watermark()!;
    const weeks = WEEKS + 1;
    const window = `${monday(0)}/${monday(weeks)}`;
    const { readings, display } = await measuredAt(here, asOf, window, {
      ...SPEC,
      every: "1 week",
      known_after: "2 weeks",
    });
    const chunks = readings.filter((one) => one.window![1] !== monday(weeks) || one.window![0] !== monday(0));
    expect(new Set(chunks.map((one) => one.window![0])).size).toBe(weeks);
    const thenOf = ({ details }: Reading) =>
      details.asKnownThen as {
        value: number | null;
        lower: number | null;
        upper: number | null;
        n: number;
        asOf: string;
      };
    let different = 0;
    for (let week = 0; week < weeks; week += 1) {
      const own = chunks.filter((one) => one.window![0] === monday(week));
      const moment = Date.parse(monday(week + 3)) > Date.parse(asOf) ? asOf : monday(week + 3);
      expect(own.map((one) => thenOf(one).asOf)).toEqual(own.map(() => moment));
      const alone = await measuredAt(here, moment, `${monday(week)}/${monday(week + 1)}`, SPEC);
      for (const reading of own) {
        const expected = alone.readings.find((one) => one.metric === reading.metric)!;
        const then = thenOf(reading);
        expect([week, reading.metric, then.value, then.n]).toEqual([week, expected.metric, expected.value, expected.n]);
        if (["precision", "recall", "alert_rate", "roc_auc"].includes(reading.metric))
          expect([then.lower, then.upper]).toEqual([expected.lower, expected.upper]);
        if (then.value !== reading.value) different += 1;
      }
    }
    // The comparison means something: labels came after two weeks.
    expect(different).toBeGreaterThan(5);
    expect(display).toMatchObject({ knownAfter: "2 weeks" });
  },
);

test("feedback that a reader may wonder about is counted at the as-of: its decision's window, or the stream", async () => {
  const here = all[0]!;
  const [asOf, window] = [at(50), `${monday(0)}/${monday(4)}`];
  const { display, readings } = await measuredAt(here, asOf, window, { from: "card_fraud", min_rows: 1 });
  const { engine } = here;
  const feedback = await queryRows(
    engine,
    "SELECT feedback_id, decision_id, observed_at::VARCHAR AS observed, supersedes FROM card_fraud.feedback",
  );
  const decided = new Map(
    (await queryRows(engine, "SELECT decision_id, decided_at::VARCHAR AS decided FROM card_fraud.decisions")).map(
      (row) => [row.decision_id, Date.parse(String(row.decided))],
    ),
  );
  const replaced = new Set(feedback.map(({ supersedes }) => supersedes));
  const inside = feedback.filter(({ decision_id }) => {
    const time = decided.get(decision_id) ?? Number.NaN;
    return time >= Date.parse(monday(0)) && time < Date.parse(monday(4));
  });
  const expected = {
    early: inside.filter(({ observed, decision_id }) => Date.parse(String(observed)) < decided.get(decision_id)!)
      .length,
    superseded: inside.filter(({ feedback_id }) => replaced.has(feedback_id)).length,
    orphans: feedback.filter(({ decision_id }) => !decided.has(decision_id)).length,
    conflicts: 0,
  };
  expect(Math.min(expected.early, expected.superseded, expected.orphans)).toBeGreaterThan(0);
  expect(display).toMatchObject({ feedback: expected });
  expect(readings.map(({ details }) => details.feedback)).toEqual(readings.map(() => expected));
});

test("what is no stream, or no outcomes of one, is refused with the reason", async () => {
  const here = all[0]!;
  await here.engine.materialise({
    name: "loans",
    runId: "loans",
    sql: `SELECT TIMESTAMPTZ '${at(3)}' AS at, true AS truth, true AS refused`,
  });
  const spec = {
    from: "loans",
    columns: { truth: "truth", decision: "refused" },
    every: "1 week",
    known_after: "2 weeks",
  };
  await expect(measuredAt(here, at(50), `${monday(0)}/${monday(4)}`, spec)).rejects.toThrow(
    'known_after: "loans" is no stream, so nobody kept when its truth became known.',
  );
});
