import type { NumericSubject, Side, SubjectGroup } from "../../cells/kinds/drift/drift-counts.ts";
import * as plan from "../../cells/kinds/drift/drift-plan.ts";
import type { DriftSpec } from "../../cells/kinds/drift/drift-spec.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, numbers } from "./ask.ts";
import type { Binned } from "./bin-numbers.ts";
import { askGrouped, groupsOf } from "./drift-groups.ts";
import { type DriftSides, groupingsOf, type Rows } from "./drift-sides.ts";
import { exactOfChunks, exactPair, NO_PAIRS } from "./exact-pairs.ts";
import { otherBins } from "./other-bins.ts";
import { refined } from "./refined-sides.ts";
import { tally } from "./value-tally.ts";

/** Each chunk is held against all of the reference: above so many rows in all, by the histograms. */
const MOST_CHUNK_ROWS = 2_000_000;

const dialect = duckdbDialect;

export async function countNumeric(
  asking: Asking,
  sides: DriftSides,
  spec: DriftSpec,
  columns: readonly Binned[],
  exact: boolean,
  nReference: number,
): Promise<NumericSubject[]> {
  const usual = columns.map(({ column, edges, min, max }): plan.NumericAggregate => {
    const centre = edges[Math.floor(edges.length / 2)] ?? 0;
    return { column, edges, centre, ...plan.sumScales((max ?? 0) - (min ?? 0)) };
  });
  const needed = spec.metrics.numeric;
  const ask1 = async (
    selection: Selection,
    grouping: plan.Grouping,
    title: string,
    aggregates: readonly plan.NumericAggregate[] = usual,
  ): Promise<Rows> => {
    const moments = needed.includes("t_test") || (selection === sides.reference && needed.includes("wasserstein"));
    const rows = await askGrouped(asking, title, selection, grouping, (part) =>
      plan.numericAggregates(part, aggregates, grouping, moments, dialect),
    );
    const wider = moments ? aggregates.map((aggregate, at) => widened(aggregate, rows, at)) : aggregates;
    if (wider.some((aggregate, at) => aggregate !== aggregates[at]))
      // Values far outside of what the sample saw: their sums need coarser units.
      return ask1(selection, grouping, `${title}, again`, wider);
    return rows.map((row) => ({ ...row, aggregates }));
  };
  const by = groupingsOf(sides, spec);
  const reference = await ask1(sides.reference, by.reference, "histograms of the reference");
  const current = await ask1(sides.current, by.current, "histograms of the measured window");
  const referenceChunks =
    by.referenceChunks === null
      ? []
      : await ask1(sides.reference, by.referenceChunks, "histograms of the reference over time");
  const found: NumericSubject[] = [];
  for (const [at, binned] of columns.entries()) {
    const side = (rows: readonly Record<string, unknown>[]): Side => mergedSide(rows, at, usual[at]!);
    const used = (reference[0]?.aggregates as readonly plan.NumericAggregate[] | undefined)?.[at] ?? usual[at]!;
    const rough = groupsOf(sides, spec, reference, current, referenceChunks, side, () => null);
    const groups = await refined(asking, sides, used, rough);
    const { column, edges, deciles, min, max, sampled } = binned;
    const withExact: SubjectGroup[] = [];
    const needsValues = needed.some((metric) => NEEDS_VALUES.has(metric));
    const chunks = groups.filter(({ chunk }) => chunk !== null).length;
    const exactChunks = spec.exact || (exact && chunks * nReference <= MOST_CHUNK_ROWS);
    const pairs = exactChunks ? await exactOfChunks(asking, sides, column, groups) : NO_PAIRS;
    for (const group of groups)
      withExact.push({
        ...group,
        exact:
          group.chunk === null && exact ? await exactPair(asking, sides, column, group) : (pairs.get(group) ?? null),
        tally: needsValues && (group.chunk === null || exactChunks) ? await tally(asking, sides, column, group) : null,
        other: spec.convention === "driftbook" ? null : await otherBins(asking, sides, column, group, spec.convention),
      });
    found.push({
      kind: "numeric",
      subject: column.name,
      edges,
      deciles,
      min,
      max,
      sampled: sampled && nReference > 0,
      groups: withExact,
    });
  }
  return found;
}

/** The aggregate with units coarse enough for the extremes that were found; the same where they are. */
function widened(aggregate: plan.NumericAggregate, rows: Rows, at: number): plan.NumericAggregate {
  const { centre } = aggregate;
  const reach = rows.reduce((most, row) => {
    const [low, high] = [row[`l_${at}`] as number | null, row[`u_${at}`] as number | null];
    return Math.max(most, low === null ? 0 : centre - low, high === null ? 0 : high - centre);
  }, 0);
  return plan.overflows(aggregate, reach) ? { ...aggregate, ...plan.sumScales(reach) } : aggregate;
}

/** Rows of aggregates added up: histograms and integer sums merge exactly. */
function mergedSide(rows: Rows, at: number, usual: plan.NumericAggregate): Side {
  const own = rows[0]?.aggregates as readonly plan.NumericAggregate[] | undefined;
  const { edges, centre, scale, root } = own?.[at] ?? usual;
  const counts = new Array<number>(edges.length + 1).fill(0);
  const hasMoments = rows[0] !== undefined && `s_${at}` in rows[0];
  let [total, n, missing, s, t] = [0, 0, 0, 0n, 0n];
  let [min, max]: (number | null)[] = [null, null];
  for (const row of rows) {
    total += Number(row.rows);
    n += Number(row[`n_${at}`]);
    missing += Number(row[`m_${at}`]);
    s += BigInt((row[`s_${at}`] as string | null) ?? 0);
    t += BigInt((row[`t_${at}`] as string | null) ?? 0);
    const [low, high] = [row[`l_${at}`] as number | null, row[`u_${at}`] as number | null];
    if (low !== null) min = Math.min(min ?? low, low);
    if (high !== null) max = Math.max(max ?? high, high);
    const counted = numbers(row[`h_${at}`]) ?? [];
    for (let index = 0; index < counted.length; index += 1) counts[index]! += counted[index]!;
  }
  const shift = n === 0 || !hasMoments ? null : Number(s) / scale / n;
  return {
    rows: total,
    n,
    missing,
    invalid: total - missing - n,
    counts,
    min: min ?? null,
    max: max ?? null,
    mean: shift === null ? null : centre + shift,
    variance: shift === null ? null : Math.max(0, Number(t) / n / root / root - shift * shift),
  };
}

const NEEDS_VALUES: ReadonlySet<string> = new Set(["energy", "cvm", "anderson_darling", "mann_whitney"]);
