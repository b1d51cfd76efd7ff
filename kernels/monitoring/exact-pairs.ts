import type { ExactPair, SubjectGroup } from "../../cells/kinds/drift/drift-counts.ts";
import * as plan from "../../cells/kinds/drift/drift-plan.ts";
import type { MonitoredColumn, Selection } from "../../cells/monitoring/selection.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask } from "./ask.ts";
import type { DriftSides } from "./drift-sides.ts";
import { rowsOfGroup } from "./rows-of-group.ts";

const dialect = duckdbDialect;

export async function exactPair(
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

export const NO_PAIRS: ReadonlyMap<SubjectGroup, ExactPair> = new Map();

/** The exact distances of all chunks that have values: one statement for those of each sample. */
export async function exactOfChunks(
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
