import { z } from "zod";
import { BOUND_EXPECTED, parseBound, type WrittenBound } from "../../monitoring/bound-text.ts";
import {
  boundTable,
  type Chunk,
  commonKeys,
  EXPRESSION,
  lengthOfTime,
  listOf,
  numberOrExpression,
  oneOrMore,
  parseChunk,
} from "../../monitoring/monitoring-keys.ts";
import { KPI_METRICS, type KpiMetric } from "../../statistics/outcomes/metrics.ts";
import { nearest } from "../../yaml/nearest.ts";
import { ESTIMATED_METRICS, isEstimable } from "./estimated-figures.ts";

const METRIC_NAMES = Object.keys(KPI_METRICS) as KpiMetric[];
const roles = z.strictObject({
  truth: z.string().optional(),
  score: z.string().optional(),
  decision: z.string().optional(),
  entity: z.string().optional(),
  amount: z.string().optional(),
  time: z.string().optional(),
});
const sqlOrNumber = z.union([z.string(), z.number()]);

/** The YAML of a kpi cell as people write it; `toKpi` completes it. */
export const kpiSpec = z
  .strictObject({
    ...commonKeys,
    columns: roles.optional(),
    threshold: numberOrExpression(z.number()).optional(),
    metrics: oneOrMore(z.enum(METRIC_NAMES as [KpiMetric, ...KpiMetric[]])).optional(),
    k: numberOrExpression(z.int().min(1)).optional(),
    cases: z.literal("entity").optional(),
    drop_caught: z.boolean().optional(),
    beta: z.number().positive().optional(),
    quantile: z.number().gt(0).lt(1).optional(),
    provisional_alerts: z.boolean().optional(),
    estimate: z.boolean().optional(),
    known_after: lengthOfTime("30 days or 4 weeks").optional(),
    define: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, "expected a name of letters, digits and _"), z.string())
      .optional(),
    payoff: z
      .strictObject({
        tp: sqlOrNumber.optional(),
        fp: sqlOrNumber.optional(),
        tn: sqlOrNumber.optional(),
        fn: sqlOrNumber.optional(),
      })
      .optional(),
    warn: boundTable.optional(),
    fail: boundTable.optional(),
  })
  .superRefine((spec, context) => {
    const names: readonly string[] = [...METRIC_NAMES, ...Object.keys(spec.define ?? {})];
    for (const name of Object.keys(spec.define ?? {}))
      if (METRIC_NAMES.includes(name as KpiMetric))
        context.addIssue({
          code: "custom",
          path: ["define", name],
          message: `${name} is a metric already; take another name`,
        });
    for (const level of ["warn", "fail"] as const)
      for (const [name, written] of Object.entries(spec[level] ?? {})) {
        const refuse = (message: string): void => context.addIssue({ code: "custom", path: [level, name], message });
        const meant = nearest(name, names);
        if (!names.includes(name))
          refuse(`there is no metric "${name}"${meant === null ? "" : `; did you mean ${meant}?`}`);
        else if (typeof written !== "string" || !EXPRESSION.test(written)) {
          const parsed = parseBound(written, "below");
          const isBare = typeof written === "number" || /^[\s\d.+%e-]+$/i.test(written);
          const hasNoBadSide = (KPI_METRICS[name as KpiMetric]?.good ?? "none") === "none";
          if (parsed === null) refuse(BOUND_EXPECTED);
          else if (parsed.type === "sigma")
            refuse("sigma bounds are for drift cells over time; expected a number, above x, below x or outside [a, b]");
          else if (isBare && hasNoBadSide)
            refuse(`${name} is neither better high nor low; expected above x, below x or outside [a, b]`);
        }
      }
    for (const name of ["payoff_total", "payoff_per_decision", "savings", "best_threshold"] as const)
      if (listOf(spec.metrics).includes(name) && spec.payoff === undefined)
        context.addIssue({
          code: "custom",
          path: ["metrics"],
          message: `${name} needs payoff: what a tp, fp, fn and tn are worth`,
        });
    if (spec.drop_caught === true && spec.cases === undefined)
      context.addIssue({
        code: "custom",
        path: ["drop_caught"],
        message: "needs cases: entity, whose entities are then caught once",
      });
    if (spec.known_after !== undefined && spec.every === undefined)
      context.addIssue({
        code: "custom",
        path: ["known_after"],
        message: "needs every: the pieces of time that are shown as they were known then",
      });
    if (spec.estimate === true && spec.metrics !== undefined && !listOf(spec.metrics).some(isEstimable))
      context.addIssue({
        code: "custom",
        path: ["estimate"],
        message: `expected one of ${ESTIMATED_METRICS.join(", ")} among the metrics: others are not estimated`,
      });
  });

export interface KpiSpec {
  readonly from: string;
  readonly where: string | null;
  readonly window: string | null;
  readonly columns: z.output<typeof roles>;
  /** Null: as decided. */
  readonly threshold: number | null;
  readonly metrics: readonly KpiMetric[] | null;
  readonly k: number;
  readonly caseByEntity: boolean;
  /** An entity that was caught is no case on later days of the window: see `withoutCaught`. */
  readonly dropCaught: boolean;
  readonly beta: number;
  readonly quantile: number;
  readonly provisionalAlerts: boolean;
  /** Beside realised values also those expected of calibrated scores. */
  readonly estimate: boolean;
  /** How long after their end pieces of time are measured once more, with what was known by then; null: not. */
  readonly knownAfter: Chunk | null;
  readonly define: Readonly<Record<string, string>>;
  /** SQL expressions per row; null without a payoff. */
  readonly payoff: { readonly tp: string; readonly fp: string; readonly tn: string; readonly fn: string } | null;
  readonly by: readonly string[];
  readonly every: Chunk | null;
  readonly minRows: number;
  readonly warn: Readonly<Record<string, WrittenBound>>;
  readonly fail: Readonly<Record<string, WrittenBound>>;
}

/** The one place where a kpi cell's defaults are decided. */
export function toKpi(written: z.output<typeof kpiSpec>): KpiSpec {
  const { payoff } = written;
  return {
    from: written.from,
    where: written.where ?? null,
    window: written.window ?? null,
    columns: written.columns ?? {},
    threshold: written.threshold === undefined ? null : Number(written.threshold),
    metrics: written.metrics === undefined ? null : (listOf(written.metrics) as KpiMetric[]),
    k: Number(written.k ?? 100),
    caseByEntity: written.cases === "entity",
    dropCaught: written.drop_caught ?? false,
    beta: written.beta ?? 2,
    quantile: written.quantile ?? 0.5,
    provisionalAlerts: written.provisional_alerts ?? false,
    estimate: written.estimate ?? false,
    knownAfter: written.known_after === undefined ? null : parseChunk(written.known_after),
    define: written.define ?? {},
    payoff:
      payoff === undefined
        ? null
        : {
            tp: String(payoff.tp ?? 0),
            fp: String(payoff.fp ?? 0),
            tn: String(payoff.tn ?? 0),
            fn: String(payoff.fn ?? 0),
          },
    by: listOf(written.by),
    every: written.every === undefined ? null : parseChunk(written.every),
    minRows: Number(written.min_rows ?? 100),
    warn: bounds(written.warn),
    fail: bounds(written.fail),
  };
}

function bounds(table: Record<string, number | string> | undefined): Record<string, WrittenBound> {
  const found: Record<string, WrittenBound> = {};
  for (const [name, written] of Object.entries(table ?? {})) {
    const good = KPI_METRICS[name as KpiMetric]?.good ?? "none";
    const parsed = parseBound(written, good === "low" ? "above" : "below");
    if (parsed !== null) found[name] = parsed;
  }
  return found;
}
