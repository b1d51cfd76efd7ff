import type { KnownThen, KpiGroup } from "../../cells/kinds/kpi/kpi-groups.ts";
import type { KpiSpec } from "../../cells/kinds/kpi/kpi-spec.ts";
import { KNOWN_BY, type KnownBy } from "../../cells/monitoring/dialect.ts";
import type { MonitoredRelation, Selection } from "../../cells/monitoring/selection.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import type { KpiMetric } from "../../cells/statistics/outcomes/metrics.ts";
import { compareInstants } from "../../cells/time/instant.ts";
import { unitAfter } from "../../cells/time/resolve-window.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { CellProblem } from "../session/outcome.ts";
import type { Asking } from "./ask.ts";
import { broughtTogether, OUTCOMES } from "./brought-together.ts";
import { countGroups } from "./count-groups.ts";
import { problemsOf } from "./kpi-metrics.ts";
import type { MeasureContext } from "./measure-context.ts";
import { type KpiRoles, rolesKnownBy } from "./outcome-roles.ts";
import { prepareOutcomes } from "./prepare-outcomes.ts";

const dialect = duckdbDialect;

interface Measured {
  readonly selection: Selection;
  readonly roles: KpiRoles;
  readonly spec: KpiSpec;
  readonly metrics: readonly KpiMetric[];
  readonly chunks: readonly ResolvedWindow[];
  readonly context: Pick<MeasureContext, "asOf" | "cell" | "zone">;
  /** What the rows' columns are named by. */
  readonly texts: readonly string[];
}

/**
 * Measures each piece of time again with what was known `known_after` its end, never later than the as-of; by the piece,
 * null where nobody asked. The same marks count: both measure the same rows.
 * @throws CellProblem where nobody can tell what was known
 */
export async function knownThen(
  asking: Asking,
  { selection, roles, spec, metrics, chunks, context, texts }: Measured,
): Promise<(chunk: KpiGroup["chunk"]) => KnownThen | null> {
  const { knownAfter } = spec;
  if (knownAfter === null) return () => null;
  const { relation } = selection;
  const stream = streamOf(relation);
  if (chunks.length === 0) return () => null;
  const moments = chunks.map(({ start, end }): KnownBy => {
    const moment = unitAfter(end, knownAfter.count, knownAfter.unit, context.zone);
    return { start, end, knownBy: compareInstants(moment, context.asOf) > 0 ? context.asOf : moment };
  });
  const known: MonitoredRelation = {
    ...relation,
    sql: dialect.outcomesKnown(stream, moments),
    columns: [...relation.columns, { name: KNOWN_BY, type: "TIMESTAMP WITH TIME ZONE" }],
  };
  const own = rolesKnownBy(known, roles, dialect);
  const source = { ...selection, relation: known };
  const found = { name: `${context.cell} as known then`, title: OUTCOMES, texts: [...texts, own.status] };
  const { groups, sample } = await broughtTogether(asking, source, found, async (rows) => {
    const prepared = await prepareOutcomes(asking, rows, spec, own, metrics);
    const problems = problemsOf(metrics, prepared.spec, prepared.roles, prepared.problems);
    const asked = metrics.filter((one) => problems[one] === undefined);
    const { zone } = context;
    const counted = { ...prepared, selection: rows, slices: null, chunks, metrics: asked, zone, repeats: false };
    const { groups } = await countGroups(asking, counted);
    return { groups, sample: prepared.sample };
  });
  const asOfs = new Map(moments.map(({ start, knownBy }) => [start, knownBy]));
  const byStart = new Map(groups.flatMap((group) => (group.chunk === null ? [] : [[group.chunk[0], group] as const])));
  return (chunk) => {
    const [group, asOf] = chunk === null ? [] : [byStart.get(chunk[0]), asOfs.get(chunk[0])];
    return group === undefined || asOf === undefined ? null : { group, asOf, sample };
  };
}

/** The one whose outcomes the relation is. */
function streamOf({ roles, sql, title }: MonitoredRelation): string {
  const outcomes = roles === null ? [] : ["outcomes", dialect.name("outcomes")];
  if (roles !== null && outcomes.some((name) => sql === `${dialect.name(roles.stream)}.${name}`)) return roles.stream;
  throw new CellProblem(
    `known_after: ${JSON.stringify(title)} is no stream, so nobody kept when its truth became known.`,
    "Measure a stream, whose feedback is kept with the time that it came, or leave known_after out.",
  );
}
