/** Metrics whose name is not their id with spaces. */
const NAMES: Readonly<Record<string, string>> = {
  psi: "PSI",
  kl: "KL divergence",
  js: "JS distance",
  tvd: "TVD",
  linf: "L∞",
  ks: "KS",
  cvm: "Cramér–von Mises",
  anderson_darling: "Anderson–Darling",
  chi2: "χ²",
  cramers_v: "Cramér’s V",
  g_test: "G test",
  t_test: "t test",
  mann_whitney: "Mann–Whitney",
  tp: "True positives",
  fp: "False positives",
  tn: "True negatives",
  fn: "False negatives",
  f1: "F1",
  f_beta: "Fβ",
  fpr: "False positive rate",
  fnr: "False negative rate",
  mcc: "MCC",
  roc_auc: "ROC AUC",
  ks_score: "KS of the score",
  ece: "ECE",
  mae: "MAE",
  rmse: "RMSE",
  mape: "MAPE",
  smape: "sMAPE",
  r2: "R²",
  adr: "Accounts detected",
  vdr_realtime: "Value detected, real time",
  vdr_online: "Value detected, online",
  afpr: "False accounts per detected",
  tdr: "Rows detected",
  tfpr: "False rows per detected",
};

/** "PSI", "Missing share": how people call a metric. The id belongs into a title beside it. */
export function metricName(metric: string): string {
  const known = Object.hasOwn(NAMES, metric) ? NAMES[metric] : undefined;
  if (known !== undefined) return known;
  const words = metric.replaceAll("_", " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

interface JudgedBy {
  /** Of the number that is judged. */
  readonly suffix: string;
  readonly title: string;
  /** What the shown value itself is of. */
  readonly raw: string;
}

/** Some metrics are judged by another number than their value. */
const JUDGED_BY: Readonly<Record<string, JudgedBy>> = {
  wasserstein: {
    suffix: " σ",
    title: "Judged in standard deviations of the reference; the value is in the column’s units",
    raw: "in the column’s units",
  },
  chi2: { suffix: " (V)", title: "Judged by Cramér’s V; the value is the statistic", raw: "χ²" },
};
export const judgedBy = (metric: string): Omit<JudgedBy, "title"> & { readonly title: string | null } =>
  (Object.hasOwn(JUDGED_BY, metric) ? JUDGED_BY[metric] : undefined) ?? { suffix: "", title: null, raw: "" };

/** The name of the number that is judged: "Wasserstein σ". */
export const judgedName = (metric: string): string => `${metricName(metric)}${judgedBy(metric).suffix}`;

const SHARES = new Set(["missing_share", "invalid_share", "new_category_share"]);
export const driftUnit = (metric: string): "share" | "number" => (SHARES.has(metric) ? "share" : "number");
