import { agesOf, labelDelays } from "../../cells/kinds/kpi/maturity-plan.ts";
import { newestMature, newestWhole } from "../../cells/kinds/kpi/newest-mature.ts";
import type { KpiGrouping } from "../../cells/kinds/kpi/outcome-rows.ts";
import type { MonitoredRelation, Selection } from "../../cells/monitoring/selection.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import {
  type AgeGroup,
  type ClassCurve,
  maturityCurves,
  maturityOfWindow,
  type WindowMaturity,
} from "../../cells/statistics/outcomes/maturity.ts";
import { parseWindow, type Unit } from "../../cells/time/window.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask } from "./ask.ts";
import type { MeasureContext } from "./measure-context.ts";
import { horizonOf } from "./outcome-roles.ts";

const dialect = duckdbDialect;

/** Units of a window `mature …`. */
export interface MatureUnits {
  readonly count: number;
  readonly unit: Unit;
  /** Null where no unit is mature yet. */
  readonly mature: ResolvedWindow | null;
  /** As many up to the same moment, mature or not; null without decisions. */
  readonly newest: ResolvedWindow | null;
}

/** How far the labels of a stream's windows have come, by the empirical curve of their delays. */
export class Maturing {
  readonly #asking: Asking;
  readonly #relation: MonitoredRelation;
  readonly #context: MeasureContext;
  curves: readonly ClassCurve[] | null = null;
  #learnt = false;

  constructor(asking: Asking, relation: MonitoredRelation, context: MeasureContext) {
    this.#asking = asking;
    this.#relation = relation;
    this.#context = context;
  }

  /** What a window `mature …` asks for; null for other windows. */
  async units(window: string | null): Promise<MatureUnits | null> {
    const read = window === null ? null : parseWindow(window);
    if (read?.ok !== true || read.window.type !== "mature") return null;
    await this.#learn();
    const { dueAt, asOf, zone } = this.#context;
    const context = { dueAt, asOf, zone, curves: this.curves, ages: await this.#ages() };
    const { count, unit } = read.window;
    return {
      count,
      unit,
      mature: newestMature(count, unit, context),
      newest: newestWhole(count, unit, context),
    };
  }

  /** The maturity of a selection (null) and of its chunks by number. */
  async of(selection: Selection, grouping: KpiGrouping): Promise<(chunk: number | null) => WindowMaturity | null> {
    const { time } = this.#relation;
    if (this.#relation.roles === null || time === null) return () => null;
    await this.#learn();
    const sql = agesOf(
      selection,
      dialect.name(time),
      this.#context.asOf,
      { slice: null, chunks: grouping.chunks },
      dialect,
    );
    const rows = await ask(this.#asking, "ages of the decisions", sql);
    const ages = (chunk: number | null): AgeGroup[] =>
      rows
        .filter((row) => chunk === null || Number(row.chunk) === chunk)
        .map((row) => ({ ageDays: Number(row.age), n: Number(row.n) }));
    return (chunk) => maturityOfWindow(this.curves, ages(chunk));
  }

  async #learn(): Promise<void> {
    const { roles } = this.#relation;
    if (this.#learnt || roles === null) return;
    this.#learnt = true;
    const outcomes = `${dialect.name(roles.stream)}.outcomes`;
    const sql = labelDelays(
      outcomes,
      this.#context.asOf,
      horizonOf(roles),
      roles.silence?.afterMillis ?? null,
      dialect,
    );
    const rows = await ask(this.#asking, "delays of labels", sql);
    this.curves = maturityCurves(
      rows.map((row) => ({ labelClass: String(row.class), delayDays: Number(row.hours) / 24, n: Number(row.n) })),
    );
  }

  async #ages(): Promise<AgeGroup[]> {
    const { time, roles } = this.#relation;
    if (time === null || roles === null) return [];
    const sql = `${dialect.name(roles.stream)}.decisions`;
    const age = `CAST(floor(${dialect.seconds(dialect.name(time), dialect.instant(this.#context.asOf))} / 86400) AS INTEGER)`;
    const rows = await ask(
      this.#asking,
      "decisions by age",
      `SELECT ${age} AS age, count(*) AS n FROM ${sql} GROUP BY ${age} ORDER BY age`,
    );
    return rows.map((row) => ({ ageDays: Number(row.age), n: Number(row.n) }));
  }
}
