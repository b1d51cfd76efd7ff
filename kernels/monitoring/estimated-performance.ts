import {
  type EstimateAsked,
  type EstimatedFigures,
  type EstimateReference,
  estimatedFigures,
  estimateReference,
  isEstimable,
} from "../../cells/kinds/kpi/estimated-figures.ts";
import { calibrationGroups, decidedGroups } from "../../cells/kinds/kpi/estimated-plan.ts";
import type { KpiGrouping } from "../../cells/kinds/kpi/outcome-rows.ts";
import { outcomeSizes } from "../../cells/kinds/kpi/sizes-plan.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { KpiMetric } from "../../cells/statistics/outcomes/metrics.ts";
import { type ScoreCurve, scoreCurve } from "../../cells/statistics/outcomes/score-curve.ts";
import { compareInstants } from "../../cells/time/instant.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { CellProblem } from "../session/outcome.ts";
import { type Asking, ask } from "./ask.ts";
import { broughtTogether, OUTCOMES } from "./brought-together.ts";
import { horizonOf, type KpiRoles } from "./outcome-roles.ts";

const dialect = duckdbDialect;
const REFERENCE_MILLIS = 100 * 86_400_000;
/** Above so many rows scores are rounded, so that groups stay few. */
const ROUND_ABOVE_ROWS = 1_000_000;

interface Estimating {
  readonly roles: KpiRoles;
  readonly metrics: readonly KpiMetric[];
  readonly asked: EstimateAsked;
  readonly asOf: string;
  /** Of the table that the reference is brought together in, and what its columns are named by. */
  readonly name: string;
  readonly texts: readonly string[];
}

export interface Estimator {
  /** Of all rows, of a slice by its value, or of a piece of time by its number. */
  readonly of: (
    asking: Asking,
    rows: Selection,
    grouping: KpiGrouping,
  ) => Promise<(part: { readonly slice: string | null; readonly chunk: number | null }) => EstimatedFigures | null>;
  /** Why nothing is estimated, as a sentence. */
  readonly note: string | null;
}

/** Learns from the settled decisions before the measured ones what scores mean. @throws CellProblem without late labels */
export async function estimatorOf(asking: Asking, selection: Selection, given: Estimating): Promise<Estimator> {
  const { roles, metrics, asked, asOf } = given;
  const { score, identity } = roles;
  const stream = selection.relation.roles;
  if (stream === null)
    throw new CellProblem(
      `estimate: ${selection.relation.title} is no stream, whose labels come late.`,
      "Leave estimate out: the realised values are all there is to know.",
    );
  if (score === null || identity === null || roles.actual !== null)
    throw new CellProblem("estimate: it needs a score and a truth that is a class.", "Leave it out.");
  const scored = { ...roles, score, identity };
  const settled = new Date(Date.parse(asOf) - horizonOf(stream)).toISOString();
  const end =
    selection.window === null || compareInstants(selection.window.start, settled) > 0
      ? settled
      : selection.window.start;
  const window = { start: new Date(Date.parse(end) - REFERENCE_MILLIS).toISOString(), end };
  const own = { ...given, title: OUTCOMES };
  const reference = await broughtTogether(asking, { ...selection, window }, own, (rows) =>
    referenceOf(asking, rows, scored),
  );
  if (reference === "sampled" || reference === null)
    return {
      of: async () => () => null,
      note:
        reference === "sampled"
          ? `Nothing is estimated: some labels of the 100 days before ${end.slice(0, 10)} are from a review sample, and scores are calibrated on labels that count alike.`
          : `Nothing is estimated: in the 100 days before ${end.slice(0, 10)} there are not both positive and negative decisions whose truth is settled, or their scores tell no probability.`,
    };
  return {
    note: null,
    of: async (own, rows, grouping) => {
      const isRounded = await isLarge(own, rows);
      const groups = await ask(own, "decisions by score", decidedGroups(rows, scored, grouping, isRounded, dialect));
      const parts = new Map(
        [...Map.groupBy(groups, ({ which, slice, chunk }) => keyOf(which, slice, chunk))].map(([part, decided]) => [
          part,
          wanted(estimatedFigures(reference, decided.map(decidedCount), asked), metrics),
        ]),
      );
      return ({ slice, chunk }) => {
        const which = slice !== null ? "slice" : chunk !== null ? "chunk" : "all";
        return parts.get(keyOf(which, slice, chunk)) ?? null;
      };
    },
  };
}

const keyOf = (which: unknown, slice: unknown, chunk: unknown): string =>
  JSON.stringify([which, slice ?? null, chunk == null ? null : Number(chunk)]);

type Answer = Readonly<Record<string, unknown>>;
const decidedCount = ({ score, alerted, passed }: Answer) => ({
  score: Number(score),
  alerted: Number(alerted),
  passed: Number(passed),
});

async function referenceOf(
  asking: Asking,
  rows: Selection,
  roles: KpiRoles & { readonly score: string; readonly identity: string },
): Promise<EstimateReference | "sampled" | null> {
  const sizes = outcomeSizes(rows, roles, { payoff: null }, { amount: false, score: false }, dialect);
  const [sample] = sizes === null ? [] : await ask(asking, "sampled labels before", sizes);
  if (Number(sample?.sampled ?? 0) > 0) return "sampled";
  const sql = calibrationGroups(rows, roles, await isLarge(asking, rows), dialect);
  const groups = await ask(asking, "classes by score before", sql);
  const fold = (at: number): ScoreCurve =>
    scoreCurve(
      groups
        .filter((row) => Number(row.fold) === at)
        .map((row) => ({
          score: Number(row.score),
          positives: Number(row.positives),
          negatives: Number(row.negatives),
        })),
    );
  return estimateReference([fold(0), fold(1), fold(2)]);
}

async function isLarge(asking: Asking, { relation }: Selection): Promise<boolean> {
  const [row] = await ask(asking, "decisions", `SELECT count(*) AS n FROM ${relation.sql}`);
  return Number(row?.n ?? 0) > ROUND_ABOVE_ROWS;
}

const wanted = (figures: EstimatedFigures, metrics: readonly KpiMetric[]): EstimatedFigures =>
  Object.fromEntries(
    Object.entries(figures).filter(([name]) => isEstimable(name) && (metrics as readonly string[]).includes(name)),
  );
