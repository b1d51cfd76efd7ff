import { probesOf } from "../../cells/kinds/check/check-plan.ts";
import { type CheckSpec, toCheck } from "../../cells/kinds/check/check-spec.ts";
import { judgeProbe } from "../../cells/kinds/check/judge-probe.ts";
import type { ProbeContext } from "../../cells/kinds/check/probe.ts";
import { makeReading } from "../../cells/monitoring/make-reading.ts";
import type { MonitoredRelation, Selection } from "../../cells/monitoring/selection.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import type { CheckDisplay } from "../../cells/results/monitor-display.ts";
import { type Reading, verdictOfReadings } from "../../cells/results/reading.ts";
import { unitAfter } from "../../cells/time/resolve-window.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { CellProblem } from "../session/outcome.ts";
import type { Asking } from "./ask.ts";
import { distanceProbes } from "./distance-probe.ts";
import { failingRows } from "./failing-rows.ts";
import type { MeasureContext, Measured } from "./measure-context.ts";
import { measureProbes } from "./measure-probes.ts";
import { answerOrProblem, orProblem } from "./or-problem.ts";
import { refuseWrongConditions } from "./own-sql.ts";
import { columnNamed, resolveRelation } from "./relation.ts";
import { measuredSelection, windowBefore } from "./selections.ts";
import { sliceOf, slicesOf } from "./slices.ts";
import { windowChunks } from "./window-chunks.ts";

const dialect = duckdbDialect;
type Shown = CheckDisplay["checks"][number];

/**
 * Measures every expectation of a check cell over all rows, then over each slice and each chunk of time; the simple ones of
 * each in one scan. One that cannot be measured is an error by itself.
 */
export async function runCheck(asking: Asking, written: never, context: MeasureContext): Promise<Measured> {
  const spec = toCheck(written as Parameters<typeof toCheck>[0]);
  const relation = await resolveRelation(spec.from, context.streams, asking.engine, { outcomes: false });
  const labelled =
    needsLabels(spec) && relation.roles !== null
      ? await resolveRelation(`${relation.roles.stream}.outcomes`, context.streams, asking.engine, { outcomes: true })
      : relation;
  const whole = measuredSelection(labelled, spec, context);
  await refuseWrongConditions(asking, labelled, [{ key: "where", sql: spec.where }]);
  const relations = await otherRelations(asking, spec, context);
  const readings: Reading[] = [];
  const checks: Shown[] = [];
  let n: number | null = null;
  const cellOf = questions(context.question);
  for (const part of await partsOf(asking, spec, whole, context.zone)) {
    const { selection } = part;
    const probing: ProbeContext = {
      selection,
      asOf: context.asOf,
      dialect,
      before: (like) => before(selection, like, context.zone),
      relation: (from, column) => otherRelation(relations.get(from)!, column).sql,
      column: (name, check) => dialect.name(columnNamed(labelled, name, check).name),
    };
    for (const { level, expected } of spec.levels) {
      const probes = [
        ...probesOf(expected, probing, orProblem),
        ...(await distanceProbes(asking, expected.distance, selection, context, {
          level,
          minRows: spec.minDistanceRows,
        })),
      ];
      const measured = await measureProbes(asking, probes, selection);
      n ??= measured.n;
      for (const [at, probe] of probes.entries()) {
        const found = measured.found[at]!;
        const judgement = judgeProbe(probe, found, { level, n: measured.n, minRows: spec.minRows });
        const { verdict, reason, broken } = judgement;
        const reading = makeReading(
          { cell: cellOf(level, probe.name, probe.subject, part), asOf: context.asOf },
          {
            metric: probe.name,
            subject: probe.subject,
            slice: part.slice,
            window: asPair(selection.window),
            value: found.value,
            n: found.judged?.n ?? measured.n,
            nReference: found.judged?.nReference ?? null,
            pValue: found.judged?.pValue ?? null,
            pAdjusted: found.judged?.pAdjusted ?? null,
            warn: level === "warn" ? probe.bad : null,
            fail: level === "fail" ? probe.bad : null,
            verdict,
            reason,
          },
        );
        readings.push(reading);
        const rows =
          broken && probe.failing !== null
            ? await failingRows(asking, probe.failing, `rows that break ${probe.name}`, selection)
            : [];
        const counted = probe.unit === "rows" || probe.unit === "groups" ? found.value : null;
        checks.push({
          title: titleOf(probe.name, probe.subject, part),
          expected: probe.expected,
          found: typeof rows === "string" ? `${judgement.found}; the rows cannot be shown: ${rows}` : judgement.found,
          verdict,
          reading: reading.id,
          rows: typeof rows === "string" ? [] : rows,
          failing: broken ? counted : null,
        });
      }
    }
  }
  return {
    readings,
    display: {
      type: "check",
      from: spec.from,
      window: asPair(whole.window),
      asOf: context.asOf,
      n: n ?? 0,
      verdict: verdictOfReadings(readings),
      statements: [...asking.asked],
      notes: [],
      checks,
    },
  };
}

const titleOf = (name: string, subject: string | null, { slice, chunk }: CheckedPart): string =>
  [name.replaceAll("_", " "), subject, slice, chunk].filter((part) => part !== null).join(" · ");

/**
 * What readings' ids are made of beside metric, subject, slice and window. The same expectation at both levels is two
 * questions, and so it is where it is written twice, or a chunk of time is as long as the window.
 */
function questions(
  question: string,
): (level: "warn" | "fail", name: string, subject: string | null, part: CheckedPart) => string {
  const times = new Map<string, number>();
  return (level, name, subject, { slice, chunk, selection }) => {
    const words = `${level === "fail" ? question : `${question} (warn)`}${chunk === null ? "" : " chunk"}`;
    const key = JSON.stringify([words, name, subject, slice, selection.window]);
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    return time === 1 ? words : `${words} #${time}`;
  };
}

const needsLabels = ({ levels }: CheckSpec): boolean => levels.some(({ expected }) => expected.labels !== undefined);

/** Each relation that `references` names, or why there is none. */
async function otherRelations(
  asking: Asking,
  { levels }: CheckSpec,
  { streams }: MeasureContext,
): Promise<Map<string, MonitoredRelation | string>> {
  const found = new Map<string, MonitoredRelation | string>();
  for (const { expected } of levels)
    for (const { from } of Object.values(expected.references ?? {}))
      if (!found.has(from))
        found.set(
          from,
          await answerOrProblem(() => resolveRelation(from, streams, asking.engine, { outcomes: false })),
        );
  return found;
}

function otherRelation(found: MonitoredRelation | string, column: string): MonitoredRelation {
  if (typeof found === "string") throw new CellProblem(`references: ${found}`);
  columnNamed(found, column, "references");
  return found;
}

interface CheckedPart {
  readonly slice: string | null;
  /** The chunk of time in words; null for the whole window. */
  readonly chunk: string | null;
  readonly selection: Selection;
}

/** All rows, then one selection a slice, then one a chunk of time. */
async function partsOf(
  asking: Asking,
  { by, every }: CheckSpec,
  whole: Selection,
  zone: string,
): Promise<CheckedPart[]> {
  const slices = await slicesOf(asking, by, whole, 1);
  const chunks = await windowChunks(asking, every, whole, zone);
  const ofSlices = (slices?.values ?? []).map((value): CheckedPart => {
    const only = `${slices!.expression} = ${dialect.text(value)}`;
    const where = whole.where === null ? only : `(${whole.where}\n) AND ${only}`;
    return { slice: sliceOf(slices!, value), chunk: null, selection: { ...whole, where } };
  });
  return [
    { slice: null, chunk: null, selection: whole },
    ...ofSlices,
    ...chunks.map(
      (window): CheckedPart => ({
        slice: null,
        chunk: `from ${window.start.slice(0, 16).replace("T", " ")}`,
        selection: { ...whole, window },
      }),
    ),
  ];
}

function before(selection: Selection, like: "same weekday" | "previous", zone: string): Selection {
  if (selection.window === null)
    throw new CellProblem("rows: like needs a window to compare with.", "Give the cell a window, such as yesterday.");
  // By the calendar: a week over the change of clocks is not 168 hours.
  const weekBefore = (iso: string): string => unitAfter(iso, -7, "day", zone);
  const window =
    like === "previous"
      ? windowBefore(selection.window)
      : { start: weekBefore(selection.window.start), end: weekBefore(selection.window.end) };
  return { ...selection, window };
}
