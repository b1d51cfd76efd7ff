import { z } from "zod";
import { BOUND_EXPECTED, parseBound, type WrittenBound } from "../../monitoring/bound-text.ts";
import {
  boundTable,
  type Chunk,
  commonKeys,
  EXPRESSION,
  listOf,
  oneOrMore,
  parseChunk,
  windowText,
} from "../../monitoring/monitoring-keys.ts";
import { DRIFT_METRICS, type DriftMetric } from "../../statistics/drift/metrics.ts";
import { SHARE_READINGS } from "../../statistics/drift/share-readings.ts";
import { CONVENTIONS, type Convention } from "../../statistics/drift/shares.ts";
import { nearest } from "../../yaml/nearest.ts";

const METRIC_NAMES = Object.keys(DRIFT_METRICS) as DriftMetric[];
const SHARE_NAMES = Object.keys(SHARE_READINGS);
const metric = z.enum(METRIC_NAMES as [DriftMetric, ...DriftMetric[]]);
const metrics = z.union([
  z.array(metric).min(1),
  z.strictObject({ numeric: z.array(metric).optional(), categorical: z.array(metric).optional() }),
]);
const reference = z.union([
  z.string().min(1),
  z.strictObject({ from: z.string().optional(), window: windowText.optional(), where: z.string().optional() }),
]);
const bounds = boundTable.superRefine((table, context) => {
  for (const [key, written] of Object.entries(table)) {
    const refuse = (message: string): void => context.addIssue({ code: "custom", path: [key], message });
    const name = metricOf(key);
    const names: readonly string[] = [...METRIC_NAMES, ...SHARE_NAMES];
    if (!names.includes(name)) {
      const meant = nearest(name, names);
      refuse(`there is no metric "${name}"${meant === null ? "" : `; did you mean ${meant}?`}`);
    } else if (typeof written !== "string" || !EXPRESSION.test(written)) {
      if (parseBound(written, "above") === null) refuse(BOUND_EXPECTED);
    }
  }
});

/** The YAML of a drift cell as people write it; `toDrift` completes it. */
export const driftSpec = z
  .strictObject({
    ...commonKeys,
    reference,
    columns: oneOrMore(z.string()).optional(),
    metrics: metrics.optional(),
    convention: z.enum(CONVENTIONS).optional(),
    exact: z.boolean().optional(),
    types: z.record(z.string(), z.enum(["numeric", "categorical"])).optional(),
    warn: bounds.optional(),
    fail: bounds.optional(),
  })
  .superRefine(({ every, warn, fail }, context) => {
    if (every !== undefined) return;
    for (const [level, table] of Object.entries({ warn, fail }))
      for (const [key, written] of Object.entries(table ?? {}))
        if (parseBound(written, "above")?.type === "sigma")
          context.addIssue({
            code: "custom",
            path: [level, key],
            message: "sigma is taken over the reference's chunks of time; add every: 1 day, or give a number",
          });
  })
  .superRefine(({ warn, fail, metrics: asked }, context) => {
    const { numeric, categorical } = metricLists(asked);
    for (const [level, table] of Object.entries({ warn, fail }))
      for (const key of Object.keys(table ?? {}))
        if (key in DRIFT_METRICS && !numeric.includes(key as DriftMetric) && !categorical.includes(key as DriftMetric))
          context.addIssue({
            code: "custom",
            path: [level, key],
            message: `${key} is not measured here; add it to metrics, which are ${[...new Set([...numeric, ...categorical])].join(", ")}`,
          });
  });

type AskedMetrics = z.output<typeof metrics> | undefined;

/** As one list for both kinds of columns, or one for each; the usual ones where none are named. */
function metricLists(asked: AskedMetrics): { numeric: readonly DriftMetric[]; categorical: readonly DriftMetric[] } {
  if (Array.isArray(asked)) return { numeric: once(asked), categorical: once(asked) };
  return {
    numeric: once(asked?.numeric ?? ["wasserstein", "psi"]),
    categorical: once(asked?.categorical ?? ["psi"]),
  };
}

export interface DriftSpec {
  readonly from: string;
  readonly where: string | null;
  /** As written; null means the notebook's. */
  readonly window: string | null;
  readonly reference: { readonly from: string | null; readonly window: string | null; readonly where: string | null };
  /** Null: score, decision and the features. */
  readonly columns: readonly string[] | null;
  readonly metrics: { readonly numeric: readonly DriftMetric[]; readonly categorical: readonly DriftMetric[] };
  /** The metrics were written as one list: each is applied where its type allows. */
  readonly flat: boolean;
  readonly types: Readonly<Record<string, "numeric" | "categorical">>;
  readonly convention: Convention;
  readonly exact: boolean;
  readonly by: readonly string[];
  readonly every: Chunk | null;
  readonly minRows: number;
  /** By metric, or by column and metric: "amount.psi". */
  readonly warn: Readonly<Record<string, WrittenBound>>;
  readonly fail: Readonly<Record<string, WrittenBound>>;
}

export const DEFAULT_MIN_ROWS = 100;

/** The one place where a drift cell's defaults are decided. */
export function toDrift(written: z.output<typeof driftSpec>): DriftSpec {
  const { metrics: asked } = written;
  return {
    from: written.from,
    where: written.where ?? null,
    window: written.window ?? null,
    reference: toReference(written.reference),
    columns: written.columns === undefined ? null : [...new Set(listOf(written.columns))],
    metrics: metricLists(asked),
    flat: Array.isArray(asked),
    types: written.types ?? {},
    convention: written.convention ?? "driftbook",
    exact: written.exact ?? false,
    by: listOf(written.by),
    every: written.every === undefined ? null : parseChunk(written.every),
    minRows: Number(written.min_rows ?? DEFAULT_MIN_ROWS),
    warn: toBounds(written.warn),
    fail: toBounds(written.fail),
  };
}

const once = (metrics: readonly DriftMetric[]): readonly DriftMetric[] => [...new Set(metrics)];

function toReference(written: z.output<typeof reference>): DriftSpec["reference"] {
  if (typeof written !== "string")
    return { from: written.from ?? null, window: written.window ?? null, where: written.where ?? null };
  const isWindow = windowText.safeParse(written).success;
  return isWindow ? { from: null, window: written, where: null } : { from: written, window: null, where: null };
}

function toBounds(table: z.output<typeof boundTable> | undefined): Record<string, WrittenBound> {
  const found: Record<string, WrittenBound> = {};
  for (const [key, written] of Object.entries(table ?? {})) {
    const parsed = parseBound(written, "above");
    if (parsed !== null) found[key] = parsed;
  }
  return found;
}

/** "amount.psi" → "psi": a column's name may hold dots itself. */
export const metricOf = (key: string): string => key.slice(key.lastIndexOf(".") + 1);
