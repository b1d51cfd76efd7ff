/** Every metric of a kpi cell. `define:` adds own ones. */
export const KPI_METRIC_NAMES = [
  "tp",
  "fp",
  "tn",
  "fn",
  "precision",
  "recall",
  "f1",
  "f_beta",
  "specificity",
  "fpr",
  "fnr",
  "accuracy",
  "balanced_accuracy",
  "mcc",
  "prevalence",
  "alert_rate",
  "roc_auc",
  "average_precision",
  "ks_score",
  "gini",
  "brier",
  "log_loss",
  "ece",
  "mae",
  "rmse",
  "mape",
  "smape",
  "r2",
  "bias",
  "pinball",
  "payoff_total",
  "payoff_per_decision",
  "savings",
  "best_threshold",
  "precision_at_k",
  "recall_at_k",
  "amount_at_k",
  "adr",
  "vdr_realtime",
  "vdr_online",
  "afpr",
  "tdr",
  "tfpr",
  "value_recall",
] as const;

export type KpiMetric = (typeof KPI_METRIC_NAMES)[number];

/** What a metric is computed from beside truth and decision. `label_value`: the truth is a number, not a class. */
export type KpiNeed = "negatives" | "score" | "amount" | "entity" | "payoff" | "k" | "label_value";

export interface KpiMetricDefinition {
  /** Name and number; the number is raised when the meaning changes. */
  readonly definition: string;
  readonly needs: readonly KpiNeed[];
  /** A bare bound is in the other direction; with `none` a bound says `above`, `below` or `outside`. */
  readonly good: "high" | "low" | "none";
  /** Where the 95 % interval comes from. With `none` a value past its bound warns and never fails. */
  readonly interval: "closed" | "bootstrap" | "none";
  readonly unit: "share" | "count" | "amount" | "number";
}

/** Shares of counts have Wilson intervals, areas DeLong's, means over rows or days their standard error's. */
export const KPI_METRICS: Readonly<Record<KpiMetric, KpiMetricDefinition>> = {
  tp: define("tp", [], "none", "none", "count"),
  fp: define("fp", ["negatives"], "none", "none", "count"),
  tn: define("tn", ["negatives"], "none", "none", "count"),
  fn: define("fn", [], "none", "none", "count"),
  precision: define("precision", ["negatives"], "high", "closed", "share"),
  recall: define("recall", [], "high", "closed", "share"),
  f1: define("f1", ["negatives"], "high", "bootstrap", "share"),
  f_beta: define("f_beta", ["negatives"], "high", "bootstrap", "share"),
  specificity: define("specificity", ["negatives"], "high", "closed", "share"),
  fpr: define("fpr", ["negatives"], "low", "closed", "share"),
  fnr: define("fnr", [], "low", "closed", "share"),
  accuracy: define("accuracy", ["negatives"], "high", "closed", "share"),
  balanced_accuracy: define("balanced_accuracy", ["negatives"], "high", "bootstrap", "share"),
  mcc: define("mcc", ["negatives"], "high", "bootstrap", "number"),
  prevalence: define("prevalence", ["negatives"], "none", "closed", "share"),
  alert_rate: define("alert_rate", ["negatives"], "none", "closed", "share"),
  roc_auc: define("roc_auc", ["negatives", "score"], "high", "closed", "share"),
  average_precision: define("average_precision", ["negatives", "score"], "high", "bootstrap", "share"),
  ks_score: define("ks_score", ["negatives", "score"], "high", "bootstrap", "share"),
  gini: define("gini", ["negatives", "score"], "high", "closed", "number"),
  brier: define("brier", ["negatives", "score"], "low", "closed", "number"),
  log_loss: define("log_loss", ["negatives", "score"], "low", "closed", "number"),
  // Resampling widens calibration gaps, so that a bootstrap interval of ece would lie above the value that it is for.
  ece: define("ece", ["negatives", "score"], "low", "none", "share"),
  mae: define("mae", ["score", "label_value"], "low", "closed", "number"),
  rmse: define("rmse", ["score", "label_value"], "low", "bootstrap", "number"),
  mape: define("mape", ["score", "label_value"], "low", "bootstrap", "share"),
  smape: define("smape", ["score", "label_value"], "low", "bootstrap", "share"),
  r2: define("r2", ["score", "label_value"], "high", "bootstrap", "number"),
  bias: define("bias", ["score", "label_value"], "none", "closed", "number"),
  pinball: define("pinball", ["score", "label_value"], "low", "bootstrap", "number"),
  payoff_total: define("payoff_total", ["negatives", "payoff"], "high", "bootstrap", "amount"),
  payoff_per_decision: define("payoff_per_decision", ["negatives", "payoff"], "high", "bootstrap", "amount"),
  savings: define("savings", ["negatives", "payoff"], "high", "bootstrap", "share"),
  best_threshold: define("best_threshold", ["negatives", "score", "payoff"], "none", "none", "number"),
  // Rows without a label take their slot here, so that these stand without negatives.
  precision_at_k: define("precision_at_k", ["score", "k"], "high", "closed", "share"),
  recall_at_k: define("recall_at_k", ["score", "k"], "high", "closed", "share"),
  amount_at_k: define("amount_at_k", ["score", "amount", "k"], "high", "closed", "amount"),
  adr: define("adr", ["entity"], "high", "bootstrap", "share"),
  vdr_realtime: define("vdr_realtime", ["entity", "amount"], "high", "bootstrap", "share"),
  vdr_online: define("vdr_online", ["entity", "amount"], "high", "bootstrap", "share"),
  afpr: define("afpr", ["entity", "negatives"], "low", "bootstrap", "number"),
  tdr: define("tdr", [], "high", "closed", "share"),
  tfpr: define("tfpr", ["negatives"], "low", "bootstrap", "number"),
  value_recall: define("value_recall", ["amount"], "high", "bootstrap", "share"),
};

function define(
  name: KpiMetric,
  needs: readonly KpiNeed[],
  good: KpiMetricDefinition["good"],
  interval: KpiMetricDefinition["interval"],
  unit: KpiMetricDefinition["unit"],
): KpiMetricDefinition {
  return { definition: `${name}@1`, needs, good, interval, unit };
}
