import { firstMetric, type SubjectProblem } from "../../cells/kinds/drift/asked-metrics.ts";
import { type GroupCounts, rareTogether } from "../../cells/kinds/drift/category-counts.ts";
import type {
  CategoricalSubject,
  Category,
  ExactPair,
  NumericSubject,
  OtherBins,
  Side,
  SubjectCounts,
  SubjectGroup,
} from "../../cells/kinds/drift/drift-counts.ts";
import * as plan from "../../cells/kinds/drift/drift-plan.ts";
import type { DriftSpec } from "../../cells/kinds/drift/drift-spec.ts";
import type { Chunk } from "../../cells/monitoring/monitoring-keys.ts";
import {
  isCategoricalType,
  isFloatType,
  isNumericType,
  type MonitoredColumn,
  type Selection,
} from "../../cells/monitoring/selection.ts";
import { distinctEdges } from "../../cells/statistics/drift/binning.ts";
import type { Tally } from "../../cells/statistics/drift/tally.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { CellProblem } from "../session/outcome.ts";
import { type Asking, ask, askTable, numbers } from "./ask.ts";
import { chunksOf, partIn } from "./chunks.ts";
import { orProblem } from "./or-problem.ts";
import { otherBins, shapeOf } from "./other-bins.ts";
import { askByDay, askKept } from "./profiles.ts";
import { columnNamed } from "./relation.ts";
import { rowsOfGroup } from "./rows-of-group.ts";
import { type Slices, sliceOf } from "./slices.ts";

/** Columns whose lists of values are sorted together: a million doubles take 8 MB. */
const SORTED_TOGETHER = 8;
const AGGREGATED_TOGETHER = 64;
const FEW_VALUES = 5;
/** Each chunk is held against all of the reference: above so many rows in all, by the histograms. */
const MOST_CHUNK_ROWS = 2_000_000;
const dialect = duckdbDialect;

export interface DriftSides {
  readonly reference: Selection;
  readonly current: Selection;
  readonly slices: Slices | null;
  readonly zone: string;
}

export interface DriftCounts {
  readonly nReference: number;
  readonly nCurrent: number;
  readonly subjects: readonly SubjectCounts[];
  readonly notCompared: readonly { readonly subject: string; readonly reason: string }[];
  /** Columns that are asked for and cannot be compared. */
  readonly problems: readonly SubjectProblem[];
}

/** Counts and sums of both samples, from as few scans as they need. Rows stay in the engine. */
export async function measureDrift(asking: Asking, spec: DriftSpec, sides: DriftSides): Promise<DriftCounts> {
  const { reference, current } = sides;
  const problems: SubjectProblem[] = [];
  const columns = comparableColumns(spec, sides, problems);
  const [nReference, nCurrent] = [await count(asking, reference, "reference"), await count(asking, current, "current")];
  const exact = spec.exact || Math.max(nReference, nCurrent) <= plan.EXACT_ROWS;
  const notCompared: { subject: string; reason: string }[] = [];
  const numeric: Binned[] = [];
  const categorical: MonitoredColumn[] = [];
  const asNumbers: MonitoredColumn[] = [];
  for (const column of columns) {
    const kind = spec.types[column.name] ?? (isNumericType(column.type) ? "numeric" : "categorical");
    (kind === "numeric" ? asNumbers : categorical).push(column);
  }
  for (let at = 0; at < asNumbers.length; at += SORTED_TOGETHER)
    for (const binned of await bin(asking, reference, asNumbers.slice(at, at + SORTED_TOGETHER), nReference)) {
      const forced = spec.types[binned.column.name] === "numeric";
      if (forced || !(await hasFewValues(asking, reference, binned))) numeric.push(binned);
      else categorical.push(binned.column);
    }
  const subjects: SubjectCounts[] = [];
  for (let at = 0; at < numeric.length; at += AGGREGATED_TOGETHER)
    subjects.push(
      ...(await countNumeric(asking, sides, spec, numeric.slice(at, at + AGGREGATED_TOGETHER), exact, nReference)),
    );
  for (const column of categorical) {
    const found = await countCategories(asking, sides, spec, column);
    if (typeof found === "string") notCompared.push({ subject: column.name, reason: found });
    else subjects.push(found);
  }
  const order = new Map(columns.map(({ name }, at) => [name, at]));
  return {
    nReference,
    nCurrent,
    notCompared,
    problems,
    subjects: subjects.toSorted((a, b) => order.get(a.subject)! - order.get(b.subject)!),
  };
}

/** The columns to compare that both samples have in a type that can be compared; what is wrong with the others is a problem each. */
function comparableColumns(
  spec: DriftSpec,
  { reference, current }: DriftSides,
  problems: SubjectProblem[],
): MonitoredColumn[] {
  const names = spec.columns ?? defaultColumns(current).map(({ name }) => name);
  return names.flatMap((name) => {
    const made = orProblem(() => {
      const column = columnNamed(current.relation, name, "columns");
      columnNamed(reference.relation, name, "reference");
      const { type } = column;
      if (!(isNumericType(type) || isCategoricalType(type)))
        throw new CellProblem(`columns: ${name} is ${type}; drift compares numbers, texts and booleans.`);
      if (spec.types[name] === "numeric" && !isNumericType(type))
        throw new CellProblem(`types: ${name} is ${type} and cannot be compared as numbers.`);
      return column;
    });
    if (typeof made !== "string") return [made];
    problems.push({ subject: name, metric: firstMetric(spec.metrics), problem: made });
    return [];
  });
}

/** Score, decision and the features of a stream, else every column that can be compared. */
function defaultColumns({ relation }: Selection): MonitoredColumn[] {
  const { roles, time, identity } = relation;
  const wanted =
    roles === null
      ? null
      : new Set(
          ["score", "decision", ...roles.features.map(({ name }) => name)].filter((name) => name !== roles.entity),
        );
  return relation.columns.filter(
    ({ name, type }) =>
      (wanted === null ? name !== time && name !== identity : wanted.has(name)) &&
      (isNumericType(type) || isCategoricalType(type)),
  );
}

async function count(asking: Asking, selection: Selection, title: string): Promise<number> {
  const [row] = await askKept(asking, `rows of the ${title}`, plan.countRows(selection, dialect), selection);
  return Number(row!.n);
}

interface Binned {
  readonly column: MonitoredColumn;
  readonly edges: readonly number[];
  readonly deciles: readonly number[];
  readonly min: number | null;
  readonly max: number | null;
  /** Values that the centiles are of, and how many of the centiles differ. */
  readonly n: number;
  readonly distinct: number;
  readonly sampled: boolean;
}

async function bin(
  asking: Asking,
  reference: Selection,
  columns: readonly MonitoredColumn[],
  rows: number,
): Promise<Binned[]> {
  const sql = plan.centiles(reference, columns, rows, dialect);
  const [row] = await askKept(asking, "centiles of the reference", sql, reference);
  return columns.map((column, at) => {
    const found = numbers(row?.[`q${at}`]);
    const interior = found === null ? [] : found.slice(1, -1);
    const deciles = interior.filter((_, index) => (index + 1) % 10 === 0);
    return {
      column,
      edges: distinctEdges(interior),
      deciles: distinctEdges(deciles),
      min: found?.[0] ?? null,
      max: found?.at(-1) ?? null,
      n: Number(row?.[`n${at}`] ?? 0),
      distinct: found === null ? 0 : new Set(found).size,
      sampled: rows > plan.EXACT_ROWS,
    };
  });
}

/** A column of at most five distinct reference values is compared as categories. */
async function hasFewValues(
  asking: Asking,
  reference: Selection,
  { column, n, distinct: known }: Binned,
): Promise<boolean> {
  // Between two neighbours of the sorted values lies at most one centile, unless there are fewer values than centiles.
  const most = n > plan.CENTILES ? 2 * FEW_VALUES - 1 : Number.POSITIVE_INFINITY;
  if (known === 0 || known > most) return false;
  const sql = plan.distinctValues(reference, column, FEW_VALUES, dialect);
  const values = (await ask(asking, `distinct values of ${column.name}`, sql)).filter(({ v }) => v !== null);
  return values.length <= FEW_VALUES;
}

async function countNumeric(
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
  const whole = { slice: sides.slices?.expression ?? null, every: null, zone: sides.zone };
  const reference = await ask1(sides.reference, whole, "histograms of the reference");
  const chunked = { ...whole, every: spec.every };
  const current = await ask1(sides.current, chunked, "histograms of the measured window");
  const referenceChunks =
    spec.every === null
      ? []
      : await ask1(
          sides.reference,
          { slice: null, every: spec.every, zone: sides.zone },
          "histograms of the reference over time",
        );
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

/** By day from profiles where chunks are days, else the whole answer from its profile. */
function askGrouped(
  asking: Asking,
  title: string,
  selection: Selection,
  { every, zone }: plan.Grouping,
  statement: (selection: Selection) => string,
): Promise<Rows> {
  return every?.unit === "day"
    ? askByDay(asking, title, statement, selection, zone)
    : askKept(asking, title, statement(selection), selection);
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
    for (const [index, value] of (numbers(row[`h_${at}`]) ?? []).entries()) counts[index]! += value;
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

type Rows = readonly Record<string, unknown>[];

interface ChunkRows {
  readonly window: readonly [string, string];
  readonly rows: Rows;
}

/** An answer is cut into chunks once, not for each of its columns. */
const cut = new WeakMap<Rows, readonly ChunkRows[]>();

function chunkedRows(rows: Rows, every: Chunk, zone: string): readonly ChunkRows[] {
  let found = cut.get(rows);
  if (found === undefined) {
    // A row without a time lies in no chunk.
    const timed = rows.filter(({ chunk }) => chunk !== null);
    const byKey = Map.groupBy(timed, (row) => row.chunk as string);
    found = chunksOf([...byKey.keys()], every, zone).map(({ window, keys }) => ({
      window,
      rows: [...keys].flatMap((key) => byKey.get(key) ?? []),
    }));
    cut.set(rows, found);
  }
  return found;
}

/** All rows, then slices, then chunks: each with its side of both samples. */
function groupsOf(
  { slices, zone, reference: { window: ofReference }, current: { window: ofCurrent } }: DriftSides,
  { every }: DriftSpec,
  reference: Rows,
  current: Rows,
  referenceChunks: Rows,
  side: (rows: Rows) => Side,
  noise: (reference: Rows, current: Rows) => GroupCounts | null,
): SubjectGroup[] {
  const whole = side(reference);
  const group = (
    slice: string | null,
    rows: Rows,
    against: Side,
    chunk: SubjectGroup["chunk"],
    isReference = false,
    ofReference = reference,
  ): SubjectGroup => ({
    slice,
    chunk,
    isReference,
    reference: against,
    current: side(rows),
    exact: null,
    tally: null,
    noise: noise(ofReference, rows),
    other: null,
  });
  const found: SubjectGroup[] = [group(null, current, whole, null)];
  for (const slice of slices?.values ?? []) {
    const own = (rows: Rows): Rows => rows.filter((row) => row.slice === slice);
    const before = own(reference);
    found.push(group(sliceOf(slices!, slice), own(current), side(before), null, false, before));
  }
  if (every === null) return found;
  for (const { rows, window } of chunkedRows(referenceChunks, every, zone))
    found.push(group(null, rows, whole, partIn(ofReference, window), true));
  for (const { rows, window } of chunkedRows(current, every, zone))
    found.push(group(null, rows, whole, partIn(ofCurrent, window)));
  return found;
}

const NEEDS_VALUES: ReadonlySet<string> = new Set(["energy", "cvm", "anderson_darling", "mann_whitney"]);

/** Squared deviations of fewer units than this on average have lost digits to their rounding. */
const LEAST_UNITS = 2 ** 30;

/**
 * The sides whose variance the integers are too coarse for, such as a slice without the one huge value that the whole has:
 * with moments in doubles, added in order.
 */
async function refined(
  asking: Asking,
  sides: DriftSides,
  { column, root }: plan.NumericAggregate,
  groups: readonly SubjectGroup[],
): Promise<SubjectGroup[]> {
  const known = new Map<Side, Side>();
  for (const group of groups)
    for (const which of ["reference", "current"] as const) {
      const side = group[which];
      const isConstant = side.min === side.max;
      if (known.has(side) || side.variance === null || side.variance * root * root >= LEAST_UNITS) continue;
      const { mean, variance } = isConstant
        ? { mean: side.min, variance: 0 }
        : await shapeOf(asking, column, rowsOfGroup(sides, group)[which]);
      known.set(side, { ...side, mean, variance });
    }
  if (known.size === 0) return [...groups];
  const of = (side: Side): Side => known.get(side) ?? side;
  return groups.map((group) => ({ ...group, reference: of(group.reference), current: of(group.current) }));
}

/** Distinct values with their counts on both sides, in their order. */
async function tally(asking: Asking, sides: DriftSides, column: MonitoredColumn, group: SubjectGroup): Promise<Tally> {
  const { reference, current } = rowsOfGroup(sides, group);
  const [r, c] = [reference, current].map((selection) => plan.valuesOf(selection, column, dialect));
  const sql = `SELECT v, CAST(sum(r) AS DOUBLE PRECISION) AS r, CAST(sum(c) AS DOUBLE PRECISION) AS c FROM (SELECT v, 1 AS r, 0 AS c FROM (${r}) UNION ALL SELECT v, 0, 1 FROM (${c})) GROUP BY v ORDER BY v`;
  const table = await askTable(asking, `distinct values of ${column.name} on both sides`, sql);
  const [values, ofReference, ofCurrent] = ["v", "r", "c"].map((name) =>
    Float64Array.from(table.getChild(name).toArray() as Iterable<number>),
  );
  return { values: values!, reference: ofReference!, current: ofCurrent! };
}

async function exactPair(
  asking: Asking,
  sides: DriftSides,
  column: MonitoredColumn,
  group: SubjectGroup,
): Promise<ExactPair | null> {
  const [n, m] = [group.reference.n, group.current.n];
  if (n === 0 || m === 0) return null;
  const { reference, current } = rowsOfGroup(sides, group);
  const [low, high] = [
    Math.min(group.reference.min!, group.current.min!),
    Math.max(group.reference.max!, group.current.max!),
  ];
  const { scale, multiply, factor } = lengths(low, high);
  const values = (selection: Selection): string => multiply(plan.valuesOf(selection, column, dialect));
  const request = { reference: values(reference), current: values(current), nReference: n, nCurrent: m, scale };
  const [row] = await ask(asking, `exact distances of ${column.name}`, dialect.exactDistances(request));
  return pairOf(row!, n * m, scale, factor);
}

function pairOf(row: Record<string, unknown>, pairs: number, scale: number, factor: number): ExactPair {
  const [d, w] = [Number(BigInt(row.d as string)), Number(BigInt(row.w as string))];
  return { d: d / pairs, w: scale === 0 ? 0 : w / pairs / scale / factor };
}

/** How lengths between two values become integers; where doubles are too short or too long for it, of their multiples. */
function lengths(
  low: number,
  high: number,
): {
  scale: number;
  /** Of a SELECT of `v`, beside which other columns may stay: "g, ". */
  multiply: (sql: string, beside?: string) => string;
  factor: number;
} {
  const range = high - low;
  const factor = !Number.isFinite(range) ? 0.5 : range > 0 && range < 2 ** -900 ? 2 ** 900 : 1;
  return {
    scale: plan.lengthScale(high * factor - low * factor),
    multiply: (sql, beside = "") =>
      factor === 1 ? sql : `SELECT ${beside}v * ${dialect.number(factor)} AS v FROM (${sql})`,
    factor,
  };
}

const NO_PAIRS: ReadonlyMap<SubjectGroup, ExactPair> = new Map();

/** The exact distances of all chunks that have values: one statement for those of each sample. */
async function exactOfChunks(
  asking: Asking,
  { reference, current }: DriftSides,
  column: MonitoredColumn,
  groups: readonly SubjectGroup[],
): Promise<ReadonlyMap<SubjectGroup, ExactPair>> {
  const found = new Map<SubjectGroup, ExactPair>();
  for (const isReference of [true, false]) {
    const all = groups.filter((group) => group.chunk !== null && group.isReference === isReference);
    const chunks = all.map(({ chunk }) => ({ start: chunk![0], end: chunk![1] }));
    const sides = all.flatMap((group) => [group.reference, group.current]).filter(({ n }) => n > 0);
    if (all.length === 0 || sides.every((side) => side !== all[0]!.reference)) continue;
    const [low, high] = [Math.min(...sides.map(({ min }) => min!)), Math.max(...sides.map(({ max }) => max!))];
    const { scale, multiply, factor } = lengths(low, high);
    const nReference = all[0]!.reference.n;
    const request = {
      reference: multiply(plan.valuesOf(reference, column, dialect)),
      current: multiply(plan.chunkedValuesOf(isReference ? reference : current, column, chunks, dialect), "g, "),
      nReference,
      scale,
    };
    const title = `exact distances of ${column.name} over time${isReference ? " in the reference" : ""}`;
    for (const row of await ask(asking, title, dialect.exactDistancesByGroup(request))) {
      const group = all[Number(row.g)]!;
      found.set(group, pairOf(row, nReference * group.current.n, scale, factor));
    }
  }
  return found;
}

/** The subject, or why it is not compared. */
async function countCategories(
  asking: Asking,
  sides: DriftSides,
  spec: DriftSpec,
  column: MonitoredColumn,
): Promise<CategoricalSubject | string> {
  const whole = { slice: sides.slices?.expression ?? null, every: null, zone: sides.zone };
  const typeIn = ({ relation }: Selection): string => columnNamed(relation, column.name, "columns").type;
  const [here, there] = [typeIn(sides.current), typeIn(sides.reference)];
  const asNumbers = isNumericType(here) && (isFloatType(here) || here !== there);
  const ask1 = (selection: Selection, grouping: plan.Grouping, title: string): Promise<Rows> =>
    askGrouped(asking, title, selection, grouping, (part) =>
      plan.categoryCounts(part, column, asNumbers, grouping, dialect),
    );
  const reference = await ask1(sides.reference, whole, `categories of ${column.name} in the reference`);
  const totals = new Map<string, number>();
  for (const row of reference)
    if (row.v !== null) totals.set(row.v as string, (totals.get(row.v as string) ?? 0) + Number(row.n));
  if (spec.columns === null && totals.size > plan.IDENTIFIER_VALUES)
    return `identifier: more than ${plan.IDENTIFIER_VALUES} distinct values in the reference`;
  const current = await ask1(
    sides.current,
    { ...whole, every: spec.every },
    `categories of ${column.name} in the measured window`,
  );
  const referenceChunks =
    spec.every === null
      ? []
      : await ask1(
          sides.reference,
          { slice: null, every: spec.every, zone: sides.zone },
          `categories of ${column.name} in the reference over time`,
        );
  if ([reference, current, referenceChunks].some((rows) => rows.length > plan.MOST_FETCHED_CATEGORIES))
    return `more than ${plan.MOST_FETCHED_CATEGORIES} distinct values`;
  const capped = spec.convention === "driftbook" ? plan.MOST_CATEGORIES : Number.POSITIVE_INFINITY;
  const ordered = [...totals].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([text]) => text);
  const shown = ordered.slice(0, capped);
  const place = new Map(shown.map((text, at) => [text, at]));
  const hasOther = ordered.length > shown.length;
  const hasNew = [...current, ...referenceChunks].some((row) => row.v !== null && !totals.has(row.v as string));
  const categories: Category[] = [
    ...shown.map((text) => ({ type: "value", text }) as const),
    ...(hasOther ? [{ type: "other" } as const] : []),
    ...(hasNew ? [{ type: "new" } as const] : []),
  ];
  // Evidently compares each value that the reference lacks by itself.
  const unseen = new Map<string, number>();
  if (spec.convention === "evidently")
    for (const { v } of [...current, ...referenceChunks])
      if (v !== null && !totals.has(v as string) && !unseen.has(v as string)) unseen.set(v as string, unseen.size);
  const otherAt = shown.length;
  const newAt = categories.length - 1;
  const side = (rows: Rows): Side => {
    const counts = new Array<number>(categories.length).fill(0);
    const unseenCounts = new Array<number>(unseen.size).fill(0);
    let [n, missing, invalid] = [0, 0, 0];
    for (const row of rows) {
      const value = row.v as string | null;
      if (value === null) {
        missing += Number(row.missing);
        invalid += Number(row.n) - Number(row.missing);
      } else {
        n += Number(row.n);
        counts[place.get(value) ?? (totals.has(value) ? otherAt : newAt)]! += Number(row.n);
        if (unseen.has(value)) unseenCounts[unseen.get(value)!]! += Number(row.n);
      }
    }
    return {
      rows: n + missing + invalid,
      n,
      missing,
      invalid,
      counts,
      unseen: unseenCounts,
      min: null,
      max: null,
      mean: null,
      variance: null,
    };
  };
  const noise = (before: Rows, now: Rows): GroupCounts => {
    const pairs = new Map<string, [number, number]>();
    for (const [place, rows] of [before, now].entries())
      for (const { v, n } of rows) {
        if (v === null) continue;
        const pair: [number, number] = pairs.get(v as string) ?? [0, 0];
        pair[place]! += Number(n);
        pairs.set(v as string, pair);
      }
    return rareTogether(pairs.values());
  };
  const occurring = (times: number): number => [...totals.values()].filter((count) => count === times).length;
  return {
    kind: "categorical",
    subject: column.name,
    categories,
    singletons: occurring(1),
    doubletons: occurring(2),
    groups: groupsOf(sides, spec, reference, current, referenceChunks, side, noise).map((group) =>
      unseen.size === 0 ? group : { ...group, other: oneByOne(group, shown.length) },
    ),
  };
}

/** The reference's categories, then each value that it lacks. */
function oneByOne({ reference, current }: SubjectGroup, known: number): OtherBins {
  const all = ({ counts, unseen }: Side): number[] => [...counts.slice(0, known), ...(unseen ?? [])];
  return { edges: null, reference: all(reference), current: all(current), hellinger: null };
}
