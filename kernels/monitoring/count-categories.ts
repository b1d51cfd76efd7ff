import { type GroupCounts, rareTogether } from "../../cells/kinds/drift/category-counts.ts";
import type {
  CategoricalSubject,
  Category,
  OtherBins,
  Side,
  SubjectGroup,
} from "../../cells/kinds/drift/drift-counts.ts";
import * as plan from "../../cells/kinds/drift/drift-plan.ts";
import type { DriftSpec } from "../../cells/kinds/drift/drift-spec.ts";
import { isFloatType, isNumericType, type MonitoredColumn, type Selection } from "../../cells/monitoring/selection.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import type { Asking } from "./ask.ts";
import { askGrouped, groupsOf } from "./drift-groups.ts";
import { type DriftSides, groupingsOf, type Rows } from "./drift-sides.ts";
import { columnNamed } from "./relation.ts";

const dialect = duckdbDialect;

/** The subject, or why it is not compared. */
export async function countCategories(
  asking: Asking,
  sides: DriftSides,
  spec: DriftSpec,
  column: MonitoredColumn,
): Promise<CategoricalSubject | string> {
  const by = groupingsOf(sides, spec);
  const typeIn = ({ relation }: Selection): string => columnNamed(relation, column.name, "columns").type;
  const [here, there] = [typeIn(sides.current), typeIn(sides.reference)];
  const asNumbers = isNumericType(here) && (isFloatType(here) || here !== there);
  const ask1 = (selection: Selection, grouping: plan.Grouping, title: string): Promise<Rows> =>
    askGrouped(asking, title, selection, grouping, (part) =>
      plan.categoryCounts(part, column, asNumbers, grouping, dialect),
    );
  const reference = await ask1(sides.reference, by.reference, `categories of ${column.name} in the reference`);
  const totals = new Map<string, number>();
  for (const row of reference)
    if (row.v !== null) totals.set(row.v as string, (totals.get(row.v as string) ?? 0) + Number(row.n));
  if (spec.columns === null && totals.size > plan.IDENTIFIER_VALUES)
    return `identifier: more than ${plan.IDENTIFIER_VALUES} distinct values in the reference`;
  const current = await ask1(sides.current, by.current, `categories of ${column.name} in the measured window`);
  const referenceChunks =
    by.referenceChunks === null
      ? []
      : await ask1(sides.reference, by.referenceChunks, `categories of ${column.name} in the reference over time`);
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
