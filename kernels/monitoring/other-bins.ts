import type { OtherBins, SubjectGroup } from "../../cells/kinds/drift/drift-counts.ts";
import { numberOf } from "../../cells/kinds/drift/drift-plan.ts";
import { fromClause, isIntegerType, type MonitoredColumn, type Selection } from "../../cells/monitoring/selection.ts";
import { doaneEdges, sturgesEdges } from "../../cells/statistics/drift/numpy-edges.ts";
import { duckdbDialect, nextAbove } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask, numbers } from "./ask.ts";
import type { DriftSides } from "./drift-sides.ts";
import { rowsOfGroup } from "./rows-of-group.ts";

const dialect = duckdbDialect;
/** Evidently compares numbers with at most so many distinct reference values one by one. */
const EVIDENTLY_FEW = 20;
const MOST_VALUES = 100_000;

/** Counts of both sides in the bins that Evidently 0.7 or NannyML 0.13 take for a numeric column; null without values. */
export async function otherBins(
  asking: Asking,
  sides: DriftSides,
  column: MonitoredColumn,
  group: SubjectGroup,
  convention: "evidently" | "nannyml",
): Promise<OtherBins | null> {
  if (group.reference.n === 0 || group.current.n === 0) return null;
  const { reference, current } = rowsOfGroup(sides, group);
  return convention === "evidently"
    ? evidentlyBins(asking, column, reference, current, group)
    : nannymlBins(asking, column, reference, current, group);
}

async function evidentlyBins(
  asking: Asking,
  column: MonitoredColumn,
  reference: Selection,
  current: Selection,
  group: SubjectGroup,
): Promise<OtherBins> {
  const isInteger = isIntegerType(column.type);
  const [min, max] = pooled(group);
  const distinct = await countDistinct(asking, column, reference);
  const inBins = async (n: number): Promise<{ edges: readonly number[]; reference: number[]; current: number[] }> => {
    const edges = sturgesEdges({ n, min, max, isInteger });
    // Every value lies within; the last bin is closed.
    const interior = edges.slice(1, -1);
    return {
      edges,
      reference: await histogram(asking, column, reference, interior),
      current: await histogram(asking, column, current, interior),
    };
  };
  const hellinger = await inBins(await countDistinctPooled(asking, column, reference, current));
  if (distinct > EVIDENTLY_FEW) return { ...(await inBins(group.reference.n + group.current.n)), hellinger };
  const values = await byValue(asking, column, reference, current);
  return { edges: null, reference: values.map(({ r }) => r), current: values.map(({ c }) => c), hellinger };
}

async function nannymlBins(
  asking: Asking,
  column: MonitoredColumn,
  reference: Selection,
  current: Selection,
  group: SubjectGroup,
): Promise<OtherBins> {
  const { n, min, max } = group.reference;
  const shape = await shapeOf(asking, column, reference);
  // NannyML makes doubles of whole numbers first, for which numpy has no narrowest bin.
  const edges = doaneEdges({ n, min: min!, max: max!, isInteger: false, ...shape });
  // What lies outside of the reference's range goes to one leftover; the last bin is closed.
  const cuts = [...edges.slice(0, -1), nextAbove(edges.at(-1)!)];
  const [r, c] = [await histogram(asking, column, reference, cuts), await histogram(asking, column, current, cuts)];
  const folded = (counts: readonly number[]): number[] => [...counts.slice(1, -1), counts[0]! + counts.at(-1)!];
  return { edges, reference: folded(r), current: folded(c), hellinger: null };
}

function pooled({ reference, current }: SubjectGroup): [number, number] {
  return [Math.min(reference.min!, current.min!), Math.max(reference.max!, current.max!)];
}

async function histogram(
  asking: Asking,
  column: MonitoredColumn,
  selection: Selection,
  edges: readonly number[],
): Promise<number[]> {
  const sql = `SELECT ${dialect.histogram(numberOf(selection, column, dialect), edges)} AS h ${fromClause(selection, dialect)}`;
  const [row] = await ask(asking, `histogram of ${column.name}`, sql);
  return numbers(row?.h) ?? new Array<number>(edges.length + 1).fill(0);
}

async function countDistinct(asking: Asking, column: MonitoredColumn, selection: Selection): Promise<number> {
  const sql = `SELECT count(DISTINCT ${numberOf(selection, column, dialect)}) AS n ${fromClause(selection, dialect)}`;
  const [row] = await ask(asking, `distinct values of ${column.name}`, sql);
  return Number(row!.n);
}

async function countDistinctPooled(
  asking: Asking,
  column: MonitoredColumn,
  reference: Selection,
  current: Selection,
): Promise<number> {
  const values = (selection: Selection): string =>
    `SELECT ${numberOf(selection, column, dialect)} AS v ${fromClause(selection, dialect)}`;
  const sql = `SELECT count(DISTINCT v) AS n FROM (${values(reference)} UNION ALL ${values(current)})`;
  const [row] = await ask(asking, `distinct values of ${column.name} on both sides`, sql);
  return Number(row!.n);
}

async function byValue(
  asking: Asking,
  column: MonitoredColumn,
  reference: Selection,
  current: Selection,
): Promise<{ r: number; c: number }[]> {
  const side = (selection: Selection, r: number, c: number): string =>
    `SELECT ${numberOf(selection, column, dialect)} AS v, ${r} AS r, ${c} AS c ${fromClause(selection, dialect)}`;
  const sql = `SELECT v, CAST(sum(r) AS DOUBLE PRECISION) AS r, CAST(sum(c) AS DOUBLE PRECISION) AS c FROM (${side(reference, 1, 0)} UNION ALL ${side(current, 0, 1)}) WHERE v IS NOT NULL GROUP BY v ORDER BY v LIMIT ${MOST_VALUES}`;
  return (await ask(asking, `values of ${column.name}`, sql)).map(({ r, c }) => ({ r: Number(r), c: Number(c) }));
}

/** Second and third moments about the mean, in an order that is always the same. */
export async function shapeOf(
  asking: Asking,
  column: MonitoredColumn,
  selection: Selection,
): Promise<{ mean: number; variance: number; skewness: number }> {
  const value = numberOf(selection, column, dialect);
  const from = fromClause(selection, dialect);
  const mean = `SELECT sum(v ORDER BY v) / count(v) AS m FROM (SELECT ${value} AS v ${from})`;
  const sql = `SELECT max(m) AS mean, sum(d ORDER BY d) / count(d) AS one, sum(d * d ORDER BY d) / count(d) AS two, sum(d * d * d ORDER BY d) / count(d) AS three
FROM (SELECT v - m AS d, m FROM (SELECT ${value} AS v ${from}), (${mean}))`;
  const [row] = await ask(asking, `moments of ${column.name}`, sql);
  // The mean is rounded: what it is off by is taken out again.
  const [one, two, three] = [Number(row?.one ?? 0), Number(row?.two ?? 0), Number(row?.three ?? 0)];
  const variance = Math.max(0, two - one * one);
  const third = three - 3 * one * two + 2 * one ** 3;
  return { mean: Number(row?.mean ?? 0) + one, variance, skewness: variance > 0 ? third / variance ** 1.5 : 0 };
}
