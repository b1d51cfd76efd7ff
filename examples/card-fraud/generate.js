// A card-payment system in miniature, seeded: what it decided, what analysts and banks said later, what it retried.
// Plain JavaScript without dependencies, so that it runs wherever Driftbook is installed.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { finished } from "node:stream/promises";

const DAY_MILLIS = 86_400_000;
const HOUR_MILLIS = 3_600_000;

/** The story's fixed points, in days from its beginning. The shift is planted once, in month five. */
export const STORY = { days: 182, shiftDay: 136, liveDays: 3 };

/** mulberry32: 32 bits of state, good enough for a story and the same on every machine. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const logistic = (x) => 1 / (1 + Math.exp(-x));

function pick(random, weighted) {
  let left = random() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [value, weight] of weighted) {
    left -= weight;
    if (left < 0) return value;
  }
  return weighted[weighted.length - 1][0];
}

const COUNTRIES = [
  ["DE", 46],
  ["FR", 21],
  ["NL", 14],
  ["ES", 12],
  ["US", 7],
];
const DEVICES = [
  ["web", 44],
  ["ios", 31],
  ["android", 25],
];
const DEVICES_AFTER = [
  ["web", 38],
  ["ios", 28],
  ["android", 22],
  ["wearable", 12],
];
const MERCHANTS = [
  ["grocery", 30],
  ["travel", 12],
  ["electronics", 16],
  ["fashion", 18],
  ["gaming", 11],
  ["fuel", 13],
];
// Payments by hour of day and by day of week (Sunday first), relative.
const HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 12, 13, 12, 11, 11, 12, 13, 14, 13, 11, 8, 5, 3];
const WEEKDAYS = [0.82, 1, 0.98, 1, 1.03, 1.16, 1.08];

/** At midnight UTC, as releases go: whatever hour the story is told at, the first day has all of it. */
const shiftOf = (endMillis) =>
  Math.floor((endMillis - (STORY.days - STORY.shiftDay) * DAY_MILLIS) / DAY_MILLIS) * DAY_MILLIS;

/**
 * Decisions in time order, each with the feedback that will ever be given on it (by time of observation).
 * @param {{seed: number, decisions: number, endMillis: number}} options `endMillis` is where the story stops, UTC.
 */
export function* tell({ seed, decisions, endMillis }) {
  const random = randomFrom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const beginMillis = endMillis - STORY.days * DAY_MILLIS;
  const shiftMillis = shiftOf(endMillis);
  const accounts = Math.max(50, Math.round(decisions / 12));
  const hourly = [];
  for (let hour = 0; hour < STORY.days * 24; hour++) {
    const at = new Date(beginMillis + hour * HOUR_MILLIS);
    hourly.push(HOURS[at.getUTCHours()] * WEEKDAYS[at.getUTCDay()]);
  }
  const perWeight = decisions / hourly.reduce((sum, weight) => sum + weight, 0);
  let carried = 0;
  let serial = 0;
  for (let hour = 0; hour < hourly.length; hour++) {
    carried += hourly[hour] * perWeight;
    const count = Math.floor(carried + 1e-9);
    carried -= count;
    for (let i = 0; i < count; i++) {
      // Evenly spread with a jitter inside the slot: time order without sorting.
      const decidedMillis = Math.floor(beginMillis + hour * HOUR_MILLIS + ((i + random()) / count) * HOUR_MILLIS);
      const shifted = decidedMillis >= shiftMillis;
      const device = pick(random, shifted ? DEVICES_AFTER : DEVICES);
      const country = pick(random, COUNTRIES);
      const merchant = pick(random, MERCHANTS);
      const amount = Math.max(0.5, Math.exp(3.4 + 0.95 * normal() + (merchant === "travel" ? 1.1 : 0)));
      const age = Math.floor(-Math.log(1 - random()) * 600);
      const velocity = Math.floor(-Math.log(1 - random()) * 0.9);
      const risk =
        -5.6 +
        0.42 * Math.log(amount / 30) +
        0.55 * velocity +
        (age < 30 ? 0.9 : 0) +
        (country === "US" ? 0.7 : 0) +
        (merchant === "electronics" || merchant === "gaming" ? 0.6 : 0) +
        (device === "wearable" ? 0.35 : 0) +
        0.9 * normal();
      const fraud = random() < logistic(risk);
      // Version 8 has never seen a wearable and scores everything a little higher: more alerts, fewer of them right.
      const seen = risk + (fraud ? 3.1 : 0) + 0.8 * normal();
      const score = logistic(seen + 1.2 + (shifted ? 0.45 + (device === "wearable" ? 1.1 : 0) : 0));
      const decision = score >= 0.9 ? "block" : score >= 0.6 ? "review" : "approve";
      const feedback = [];
      if (decision === "review" && random() < 0.85) {
        const label = random() < 0.04 ? !fraud : fraud;
        feedback.push({
          source: "analyst",
          label,
          reviewer: `r-${1 + Math.floor(random() * 6)}`,
          observedMillis: decidedMillis + (0.3 + random() * 4.5) * DAY_MILLIS,
        });
      }
      if (decision === "block" && random() < 0.3) {
        feedback.push({
          source: "customer",
          label: fraud && random() < 0.9,
          reviewer: null,
          observedMillis: decidedMillis + (0.1 + random() * 2) * DAY_MILLIS,
        });
      }
      if (decision !== "block" && fraud && random() < 0.95) {
        feedback.push({
          source: "chargeback",
          label: true,
          reviewer: null,
          observedMillis: decidedMillis + (9 + random() * random() * 34) * DAY_MILLIS,
        });
      }
      serial += 1;
      yield {
        id: `t-${String(serial).padStart(7, "0")}`,
        decidedMillis,
        model: "gbm",
        modelVersion: shifted ? "8" : "7",
        score: Number(score.toFixed(6)),
        threshold: 0.6,
        decision,
        features: {
          account_id: `a-${Math.floor(accounts * random() ** 1.4)}`,
          amount: amount.toFixed(2),
          country,
          device,
          merchant,
          account_age_days: age,
          payments_last_hour: velocity,
        },
        feedback: feedback.filter((one) => one.observedMillis < endMillis),
      };
    }
  }
}

const iso = (millis) => new Date(millis).toISOString();

/** Events as Driftbook's HTTP ingest takes them. */
export function decisionEvent(one) {
  return {
    decision_id: one.id,
    decided_at: iso(one.decidedMillis),
    decision: one.decision,
    score: one.score,
    threshold: one.threshold,
    model: one.model,
    model_version: one.modelVersion,
    features: one.features,
  };
}

function feedbackEvent(one, said) {
  return {
    decision_id: one.id,
    label: said.label,
    source: said.source,
    observed_at: iso(said.observedMillis),
    ...(said.reviewer === null ? {} : { reviewer: said.reviewer }),
  };
}

/**
 * The warehouse export of everything before the last days, under the payment system's own column names, as two CSV
 * files in `folder`; and the live rest in memory. `history/*.sql` beside this file maps the names. `events`: what people
 * knew to have happened, and when.
 */
export async function writeHistory(folder, options) {
  await mkdir(folder, { recursive: true });
  const liveFromMillis = options.endMillis - STORY.liveDays * DAY_MILLIS;
  const files = { decisions: path.join(folder, "payments.csv"), feedback: path.join(folder, "disputes.csv") };
  const payments = createWriteStream(files.decisions);
  const disputes = createWriteStream(files.feedback);
  const live = [];
  const counts = { decisions: 0, feedback: 0 };
  const write = (stream, text) => (stream.write(text) ? null : new Promise((resolve) => stream.once("drain", resolve)));
  payments.write("payment_ref,ts,outcome,risk,cutoff,engine,account,eur,ctry,channel,shop_type,account_age,velocity\n");
  disputes.write("payment_ref,ts,said_by,is_fraud,agent\n");
  let rows = [];
  let said = [];
  for (const one of tell(options)) {
    const f = one.features;
    if (one.decidedMillis < liveFromMillis) {
      counts.decisions += 1;
      rows.push(
        `${one.id},${iso(one.decidedMillis)},${one.decision},${one.score},${one.threshold},gbm-${one.modelVersion},${f.account_id},${f.amount},${f.country},${f.device},${f.merchant},${f.account_age_days},${f.payments_last_hour}\n`,
      );
    } else live.push({ at: one.decidedMillis, log: "decisions", event: decisionEvent(one) });
    for (const later of one.feedback) {
      if (later.observedMillis < liveFromMillis) {
        counts.feedback += 1;
        said.push(`${one.id},${iso(later.observedMillis)},${later.source},${later.label},${later.reviewer ?? ""}\n`);
      } else live.push({ at: later.observedMillis, log: "feedback", event: feedbackEvent(one, later) });
    }
    if (rows.length >= 5000) {
      await write(payments, rows.join(""));
      await write(disputes, said.join(""));
      options.onProgress?.(counts.decisions / options.decisions);
      rows = [];
      said = [];
    }
  }
  payments.end(rows.join(""));
  disputes.end(said.join(""));
  await Promise.all([finished(payments), finished(disputes)]);
  live.sort((a, b) => a.at - b.at);
  const shiftMillis = shiftOf(options.endMillis);
  const events = [
    {
      start: iso(shiftMillis),
      end: iso(shiftMillis + DAY_MILLIS),
      note: "version 8 and wearables",
    },
  ];
  return { files, live, counts, events };
}

/** Events that a payment system gets wrong now and then; Driftbook must keep them, with the reason. */
const MALFORMED = [
  {
    log: "decisions",
    event: { decision_id: "t-broken-1", decided_at: "2026-01-05T10:00:00Z", decision: "approve", score: "high" },
  },
  {
    log: "decisions",
    event: { decision_id: "t-broken-2", decided_at: "2026-01-05 10:00:00", decision: "review", score: 0.7 },
  },
  { log: "decisions", event: { decision_id: "t-broken-3", decision: "approve", score: 0.1 } },
  { log: "feedback", event: { decision_id: "t-broken-4", label: "maybe", source: "analyst" } },
];

/**
 * Sends the live days to a running Driftbook, in order, as a real client does: batches of NDJSON, a retry now and then
 * of a batch that was in fact accepted, a few malformed events.
 * @param {{url: string, key: string, live: object[], seed: number, onProgress?: (share: number) => void}} options
 */
export async function playLive({ url, key, live, seed, onProgress }) {
  const random = randomFrom(seed ^ 0x5eed);
  const totals = { accepted: 0, duplicates: 0, quarantined: 0 };
  const send = async (log, events) => {
    const body = `${events.map((event) => JSON.stringify(event)).join("\n")}\n`;
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(`${url}/api/streams/card_fraud/${log}`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
        body,
      });
      if ((answer.status === 429 || answer.status === 503) && attempt < 20) {
        const seconds = Number(answer.headers.get("retry-after") ?? 1);
        await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
        continue;
      }
      if (!answer.ok) throw new Error(`POST ${log}: ${answer.status} ${await answer.text()}`);
      const said = await answer.json();
      totals.accepted += said.accepted;
      totals.duplicates += said.duplicates;
      totals.quarantined += said.quarantined.length;
      return;
    }
  };
  const events = [...live];
  for (const [i, broken] of MALFORMED.entries()) events.splice(Math.floor(((i + 1) * events.length) / 6), 0, broken);
  const waiting = { decisions: [], feedback: [] };
  for (const [i, one] of events.entries()) {
    const batch = waiting[one.log];
    batch.push(one.event);
    if (batch.length < 100) continue;
    await send(one.log, batch);
    if (random() < 0.05) await send(one.log, batch); // the answer was lost on the way: the client asks again
    waiting[one.log] = [];
    onProgress?.(i / events.length);
  }
  for (const log of ["decisions", "feedback"]) if (waiting[log].length > 0) await send(log, waiting[log]);
  return totals;
}
