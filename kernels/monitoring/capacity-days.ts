import { capacityGroups, rankedCases } from "../../cells/kinds/kpi/capacity-plan.ts";
import type { Row } from "../../cells/kinds/kpi/kpi-groups.ts";
import type { KpiSpec } from "../../cells/kinds/kpi/kpi-spec.ts";
import type { KpiGrouping } from "../../cells/kinds/kpi/outcome-rows.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { CapacityDay } from "../../cells/statistics/outcomes/capacity.ts";
import { type RankedDay, withoutCaught } from "../../cells/statistics/outcomes/uncaught-cases.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask } from "./ask.ts";
import type { KpiRoles } from "./outcome-roles.ts";

const dialect = duckdbDialect;

interface Asked {
  readonly selection: Selection;
  readonly roles: KpiRoles;
  readonly spec: KpiSpec;
  readonly zone: string;
}

type DaysOf = (key: string) => readonly CapacityDay[];

/** What each day's alerts are chosen from, by the group that `keyOf` names. */
export async function capacityDays(
  asking: Asking,
  { selection, roles, spec, zone }: Asked,
  grouping: KpiGrouping,
  keyOf: (row: Row) => string,
): Promise<DaysOf> {
  const ranked = { ...roles, score: roles.score!, time: roles.time! };
  if (!spec.dropCaught) {
    const sql = capacityGroups(selection, ranked, spec, grouping, zone, dialect);
    const parts = Map.groupBy(await ask(asking, "alerts by day", sql), keyOf);
    return (key) => daysOfGroups(parts.get(key) ?? []);
  }
  const sql = rankedCases(selection, { ...ranked, entity: roles.entity! }, spec, grouping, zone, dialect);
  const found = new Map<string, CapacityDay[]>();
  const rows = await ask(asking, "cases by day", sql);
  // Pieces of time catch from each other: together they are the window.
  for (const part of Map.groupBy(rows, ({ which, slice }) => JSON.stringify([which, slice])).values()) {
    const lists = [...Map.groupBy(part, (row) => JSON.stringify([keyOf(row), row.day])).values()]
      .map((own) => ({ key: keyOf(own[0]!), ranked: rankedDay(own) }))
      .toSorted((one, other) => (one.ranked.day < other.ranked.day ? -1 : one.ranked.day > other.ranked.day ? 1 : 0));
    withoutCaught(
      lists.map((list) => list.ranked),
      spec.k,
    ).forEach((day, at) => {
      const { key } = lists[at]!;
      found.set(key, [...(found.get(key) ?? []), day]);
    });
  }
  return (key) => found.get(key) ?? [];
}

function daysOfGroups(rows: readonly Row[]): CapacityDay[] {
  return [...Map.groupBy(rows, ({ day }) => String(day))].map(([day, own]) => ({
    day,
    groups: own
      .filter(({ score }) => score !== null)
      .map((row) => ({
        score: Number(row.score),
        n: Number(row.n),
        positives: Number(row.positives),
        unlabelled: Number(row.unlabelled),
        amountPositive: Number(row.amount),
      })),
    amountOfBest: Number(own.find(({ score }) => score === null)?.amount ?? 0),
  }));
}

function rankedDay(rows: readonly Row[]): RankedDay {
  return {
    day: String(rows[0]!.day),
    cases: rows.map(({ entity, positive, amount }) => ({
      entity: entity === null ? null : String(entity),
      positive: positive === null ? null : Boolean(positive),
      amountPositive: Number(amount),
    })),
  };
}
