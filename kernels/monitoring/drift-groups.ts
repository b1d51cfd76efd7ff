import type { GroupCounts } from "../../cells/kinds/drift/category-counts.ts";
import type { Side, SubjectGroup } from "../../cells/kinds/drift/drift-counts.ts";
import type * as plan from "../../cells/kinds/drift/drift-plan.ts";
import type { DriftSpec } from "../../cells/kinds/drift/drift-spec.ts";
import type { Chunk } from "../../cells/monitoring/monitoring-keys.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { Asking } from "./ask.ts";
import { chunksOf, partIn } from "./chunks.ts";
import type { DriftSides, Rows } from "./drift-sides.ts";
import { askByDay, askKept } from "./profiles.ts";
import { sliceOf } from "./slices.ts";

/** By day from profiles where chunks are days, else the whole answer from its profile. */
export function askGrouped(
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
export function groupsOf(
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
