import type { CheckDisplay, DriftDisplay, KpiDisplay, KpiValue } from "../../../cells/results/monitor-display.ts";
import type { Bound, Verdict } from "../../../cells/results/reading.ts";

/** Displays as a month of card fraud gives them. Numbers come from a fixed formula: the same at every call. */

type Subject = DriftDisplay["subjects"][number];
type Pair = [string, string];

const DAY = 86_400_000;
const START = Date.parse("2026-02-28T23:00:00Z");
const iso = (millis: number): string => new Date(millis).toISOString().replace(".000Z", "Z");
export const dayWindow = (at: number, days = 1): Pair => [iso(START + at * DAY), iso(START + (at + days) * DAY)];
const above = (value: number): Bound => ({ type: "above", value });
const below = (value: number): Bound => ({ type: "below", value });
/** Between -1 and 1, irregular. */
const noise = (at: number): number => (Math.sin(at * 12.9898) * 43758.5453) % 1;

const verdictAt = (value: number, warn: number, fail: number): Verdict =>
  value > fail ? "fail" : value > warn ? "warn" : "ok";

function driftSeries(from: number, to: number): Subject["series"] {
  return Array.from({ length: 42 }, (_, at) => {
    const isReference = at < 14;
    const value =
      at === 20 ? null : Math.max(0, (isReference ? from : from + ((to - from) * (at - 14)) / 24) + noise(at) * 0.015);
    return {
      window: dayWindow(at - 14),
      value,
      n: 160 + Math.round(Math.abs(noise(at)) * 40),
      verdict: value === null ? ("no-data" as const) : isReference ? ("ok" as const) : verdictAt(value, 0.1, 0.25),
      isReference,
      low: null,
      high: null,
    };
  });
}

const PSI_BOUNDS = { warn: above(0.1), fail: above(0.25) };
const metric = (
  name: string,
  value: number | null,
  verdict: Verdict,
  reason: string | null = null,
  bounds: { warn: Bound | null; fail: Bound | null } = PSI_BOUNDS,
) => ({
  metric: name,
  value,
  bounds,
  verdict,
  reason,
  exact: true,
  reading: `r-${name}`,
});

export function numericSubject(
  subject: string,
  psi: number,
  shift: number,
  edges: readonly number[],
  min: number,
  max: number,
): Subject {
  const verdict = verdictAt(psi, 0.1, 0.25);
  const current = edges.map((_, at) => 0.1 * (1 + (shift * (at - 4.5)) / 4.5));
  const bins = [...current, 1 - current.reduce((sum, share) => sum + share, 0)];
  return {
    subject,
    kind: "numeric",
    verdict,
    effect: { metric: "psi", value: psi },
    pAdjusted: verdict === "ok" ? 0.412 : 0.0000012,
    n: 4985,
    nReference: 19_874,
    missing: { reference: 0.003, current: verdict === "ok" ? 0.003 : 0.018 },
    newShare: null,
    metrics: [
      metric(
        "psi",
        psi,
        verdict,
        verdict === "ok"
          ? null
          : `PSI ${psi} is above ${psi > 0.25 ? 0.25 : 0.1}, and the noise test agrees (p < 0.001).`,
      ),
      metric("wasserstein", 18.2, "ok", "Past the bound, but the noise test does not rule chance out (p = 0.21).", {
        warn: above(0.1),
        fail: above(0.2),
      }),
      metric("missing_share", 0.015, "ok", null, { warn: above(0.05), fail: above(0.2) }),
    ],
    bins: { edges: [...edges], min, max, labels: null, reference: bins.map(() => 0.1), current: bins },
    series: driftSeries(0.02, psi),
    slices: [
      { slice: "country = DE", value: psi * 0.8, n: 2900, verdict },
      { slice: "country = FR", value: psi * 1.3, n: 1400, verdict: verdictAt(psi * 1.3, 0.1, 0.25) },
      { slice: "country = US", value: null, n: 61, verdict: "no-data" },
    ],
  };
}

export function categoricalSubject(subject: string, labels: readonly string[], psi: number): Subject {
  const weights = labels.map((_, at) => 1 / (at + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const reference = weights.map((weight) => weight / total);
  const moved = reference.map((share, at) => (at === 0 ? share * 0.7 : at === 2 ? share + reference[0]! * 0.3 : share));
  const base = numericSubject(subject, psi, 0, [], 0, 1);
  return {
    ...base,
    kind: "categorical",
    newShare: psi > 0.1 ? 0.021 : 0,
    metrics: [
      base.metrics[0]!,
      metric("new_category_share", 0.021, "warn", "2.1% of the values are new.", {
        warn: above(0.01),
        fail: above(0.05),
      }),
    ],
    bins: { edges: null, min: null, max: null, labels: [...labels], reference, current: psi > 0.1 ? moved : reference },
    slices: [],
  };
}

const STATEMENTS = [
  {
    title: "rows of the reference",
    sql: "SELECT count(*) AS n FROM card_fraud.decisions\nWHERE decided_at >= '2026-02-01' AND decided_at < '2026-03-01'",
  },
  {
    title: "centiles of the reference",
    sql: "SELECT quantile_cont(amount, [0, 0.01, 0.02]) AS q0\nFROM card_fraud.decisions",
  },
];

export const drift: DriftDisplay = {
  type: "drift",
  from: "card_fraud",
  window: dayWindow(0, 28),
  asOf: "2026-03-29T08:02:00Z",
  n: 5004,
  verdict: "fail",
  statements: STATEMENTS,
  notes: ["Reference above 1 000 000 rows: centiles come from a sample of 100 000."],
  reference: { from: "card_fraud", window: dayWindow(-28, 28), n: 20_017 },
  convention: "driftbook",
  subjects: [
    numericSubject("amount", 0.312, 0.55, [4.5, 9.9, 14.9, 21, 29.9, 42, 61, 98, 184], 0.5, 12_400),
    categoricalSubject(
      "merchant_category",
      [
        "grocery",
        "fuel",
        "electronics",
        "travel",
        "gaming",
        "restaurants",
        "fashion",
        "pharmacy",
        "transport",
        "utilities",
        "sports",
        "books",
        "toys",
        "jewellery",
        "crypto",
        "charity",
        "other",
        "new",
      ],
      0.171,
    ),
    numericSubject("score", 0.118, 0.3, [0.01, 0.02, 0.03, 0.05, 0.08, 0.13, 0.21, 0.36, 0.61], 0, 1),
    numericSubject("account_age_days", 0.041, 0.12, [20, 61, 130, 210, 330, 470, 640, 900, 1400], 0, 3100),
    categoricalSubject("country", ["DE", "FR", "US"], 0.019),
    categoricalSubject("decision", ["approve", "review", "block"], 0.006),
    {
      ...numericSubject("ip_risk", 0.01, 0, [0.1, 0.2, 0.3], 0, 1),
      verdict: "no-data",
      effect: { metric: "psi", value: null },
      pAdjusted: null,
      n: 41,
      metrics: [metric("psi", null, "no-data", "41 values; at least 100 are needed.")],
      series: [],
      slices: [],
    },
  ],
  notCompared: [
    { subject: "device_id", reason: "identifier: more than 1000 distinct values in the reference" },
    { subject: "session_started", reason: "TIMESTAMP is not compared" },
  ],
};

export function kpiValue(
  name: string,
  value: number | null,
  unit: KpiValue["unit"],
  more: Partial<KpiValue> = {},
): KpiValue {
  const half = value === null ? null : unit === "share" ? 0.031 : Math.abs(value) * 0.08;
  return {
    metric: name,
    value,
    lower: value === null || half === null ? null : value - half,
    upper: value === null || half === null ? null : unit === "share" ? Math.min(1, value + half) : value + half,
    n: 840,
    verdict: value === null ? "no-data" : "ok",
    reason: value === null ? "No decision was alerted." : null,
    bounds: { warn: null, fail: null },
    provisional: false,
    unit,
    reading: `r-${name}`,
    ...more,
  };
}

const RECALL = { warn: below(0.7), fail: below(0.6) };
const PRECISION = { warn: below(0.5), fail: null };

function kpiValues(recall: number, precision: number, provisional: boolean): KpiValue[] {
  const standing: Verdict = recall < 0.6 ? "fail" : recall < 0.7 ? "warn" : "ok";
  return [
    kpiValue("recall", recall, "share", {
      bounds: RECALL,
      verdict: standing,
      provisional,
      reason: standing === "ok" ? null : "Below 0.7, but the interval reaches it.",
    }),
    kpiValue("precision", precision, "share", { bounds: PRECISION, provisional, n: 1204 }),
    kpiValue("vdr_realtime", recall * 0.93, "share", { provisional, n: 412 }),
    kpiValue("payoff_total", 48_210 * recall, "amount", { provisional, n: 12_340 }),
    kpiValue("alert_rate", 0.012, "share", { lower: 0.0117, upper: 0.0123, provisional, n: 103_950 }),
    kpiValue("roc_auc", 0.943, "number", { lower: 0.935, upper: 0.951, provisional, n: 100_340 }),
  ];
}

function curve(): NonNullable<KpiDisplay["curve"]> {
  const score = Array.from({ length: 199 }, (_, at) => Number((0.995 - at * 0.005).toFixed(3)));
  const tp = score.map((one) => Math.round(840 * (1 - one ** 1.7) ** 0.6));
  const fp = score.map((one) => Math.round(99_500 * (1 - one) ** 4.2));
  return {
    score,
    tp,
    fp,
    positives: 840,
    negatives: 99_500,
    alerts: score.map((_, at) => Math.round((tp[at]! + fp[at]!) * 1.04)),
    payoff: score.map((_, at) => tp[at]! * 96 - fp[at]! * 5 - (840 - tp[at]!) * 40),
    cut: true,
  };
}

export const kpi: KpiDisplay = {
  type: "kpi",
  from: "card_fraud",
  window: dayWindow(0, 28),
  asOf: "2026-03-29T08:02:00Z",
  n: 103_950,
  verdict: "warn",
  statements: STATEMENTS,
  notes: [],
  truth: { stated: 12_340, silent: 88_000, pending: 3200, unknown: 410 },
  maturity: 0.81,
  provisional: true,
  threshold: 0.8,
  thresholdInput: "threshold",
  values: kpiValues(0.674, 0.714, true),
  series: Array.from({ length: 12 }, (_, at) => ({
    window: dayWindow(at * 7 - 56, 7),
    provisional: at > 8,
    values: kpiValues(0.79 - at * 0.012 + noise(at) * 0.02, 0.7 + noise(at + 3) * 0.03, at > 8),
  })),
  slices: ["DE", "FR", "US", "other"].map((country, at) => ({
    slice: `country = ${country}`,
    values: kpiValues(0.74 - at * 0.05, 0.72 - at * 0.02, false).map((value) => ({
      ...value,
      n: Math.round(value.n / (at + 1.6)),
    })),
  })),
  curve: curve(),
  reliability: Array.from({ length: 10 }, (_, at) => ({
    n: 9000 - at * 850,
    mean: 0.05 + at * 0.1,
    observed: Math.max(0, 0.02 + at * 0.088 + noise(at) * 0.04),
  })),
  best: { threshold: 0.63, payoff: 51_930 },
  curveOfLabels: [
    { label: "fraud", points: Array.from({ length: 61 }, (_, at) => ({ ageDays: at, share: 1 - Math.exp(-at / 14) })) },
    { label: "legitimate", points: Array.from({ length: 61 }, (_, at) => ({ ageDays: at, share: at < 45 ? 0.1 : 1 })) },
  ],
};

export const check: CheckDisplay = {
  type: "check",
  from: "card_fraud",
  window: dayWindow(27, 1),
  asOf: "2026-03-29T08:02:00Z",
  n: 3712,
  verdict: "error",
  statements: STATEMENTS,
  notes: [],
  checks: [
    {
      title: "rows",
      expected: "1,000 to 100,000",
      found: "3,712",
      verdict: "ok",
      reading: "c1",
      rows: [],
      failing: null,
    },
    {
      title: "range score",
      expected: "0 to 1",
      found: "12 of 3,712 values outside, from −0.2 to 1.07",
      verdict: "fail",
      reading: "c2",
      rows: Array.from({ length: 10 }, (_, at) => ({
        decision_id: `t-${81_000 + at * 37}`,
        decided_at: "2026-03-28 10:15:00+01",
        score: (1 + at / 100).toFixed(2),
        country: at === 3 ? null : "DE",
      })),
      failing: 12,
    },
    {
      title: "fresh",
      expected: "newest row at most 2 hours old",
      found: "14 minutes",
      verdict: "ok",
      reading: "c3",
      rows: [],
      failing: null,
    },
    {
      title: "values country",
      expected: "DE, FR, US",
      found: "3 other values: AT, CH, PL",
      verdict: "warn",
      reading: "c4",
      rows: [
        { decision_id: "t-82011", country: "AT" },
        { decision_id: "t-82290", country: "PL" },
      ],
      failing: 41,
    },
    {
      title: "unique entity_id, decided_at",
      expected: "no two rows alike",
      found: "none alike",
      verdict: "ok",
      reading: "c5",
      rows: [],
      failing: 0,
    },
    {
      title: "rows like same weekday",
      expected: "within 30% of the same weekday before",
      found: "no earlier Saturday",
      verdict: "no-data",
      reading: "c6",
      rows: [],
      failing: null,
    },
    {
      title: "no_rows clock_skew",
      expected: "no rows",
      found: 'Binder Error: column "recorded_at" not found',
      verdict: "error",
      reading: "c7",
      rows: [],
      failing: null,
    },
  ],
};
