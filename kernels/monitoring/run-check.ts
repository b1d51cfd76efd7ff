import { type Probe, type ProbeContext, probesOf, problemProbe } from "../../cells/kinds/check/check-plan.ts";
import { type CheckSpec, toCheck } from "../../cells/kinds/check/check-spec.ts";
import { makeReading } from "../../cells/monitoring/make-reading.ts";
import { fromClause, type MonitoredRelation, type Selection } from "../../cells/monitoring/selection.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import type { CheckDisplay } from "../../cells/results/monitor-display.ts";
import { isPast, type Reading, type Verdict, verdictOfReadings } from "../../cells/results/reading.ts";
import { unitAfter } from "../../cells/time/resolve-window.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { SqlError } from "../engine/sql-engine.ts";
import { CellProblem } from "../session/outcome.ts";
import { type Asking, ask } from "./ask.ts";
import { distanceProbe } from "./distance-probe.ts";
import type { MeasureContext, Measured } from "./measure-context.ts";
import { refuseWrongConditions } from "./own-sql.ts";
import { columnNamed, resolveRelation } from "./relation.ts";
import { measuredSelection, windowBefore } from "./selections.ts";
import { sliceOf, slicesOf } from "./slices.ts";
import { windowChunks } from "./window-chunks.ts";

const dialect = duckdbDialect;
const FAILING_ROWS = 10;
type Shown = CheckDisplay["checks"][number];

/** Measures every expectation of a check cell; the simple ones of a slice in one scan. */
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
  for (const { slice, chunk, selection } of await partsOf(asking, spec, whole, context.zone)) {
    const probing: ProbeContext = {
      selection,
      asOf: context.asOf,
      dialect,
      before: (like) => before(selection, like, context.zone),
      relation: (from) => relations.get(from)!.sql,
      column: (name, check) => dialect.name(columnNamed(relation === labelled ? relation : labelled, name, check).name),
    };
    for (const { level, expected } of spec.levels) {
      const probes = [
        ...probesOf(expected, probing, orSentence),
        ...(await distances(asking, expected.distance, selection, context)),
      ];
      const values = await measure(asking, probes, selection);
      for (const [at, probe] of probes.entries()) {
        const { reading, shown } = await judged(
          asking,
          probe,
          level,
          values.n,
          values.found[at]!,
          { slice, chunk, selection },
          spec.minRows,
          context,
        );
        readings.push(reading);
        checks.push(shown);
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
      n: readings[0]?.n ?? 0,
      verdict: verdictOfReadings(readings),
      statements: [...asking.asked],
      notes: [],
      checks,
    },
  };
}

const needsLabels = ({ levels }: CheckSpec): boolean => levels.some(({ expected }) => expected.labels !== undefined);

async function otherRelations(
  asking: Asking,
  { levels }: CheckSpec,
  { streams }: MeasureContext,
): Promise<Map<string, MonitoredRelation>> {
  const found = new Map<string, MonitoredRelation>();
  for (const { expected } of levels)
    for (const { from, column } of Object.values(expected.references ?? {})) {
      const relation = await resolveRelation(from, streams, asking.engine, { outcomes: false });
      columnNamed(relation, column, "references");
      found.set(from, relation);
    }
  return found;
}

interface CheckedPart {
  readonly slice: string | null;
  /** The chunk of time in words; null for the whole window. */
  readonly chunk: string | null;
  readonly selection: Selection;
}

/** All rows, or one selection a slice; then one a chunk of time. */
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
  const all: CheckedPart[] = slices === null ? [{ slice: null, chunk: null, selection: whole }] : ofSlices;
  return [
    ...all,
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

interface Found {
  readonly value: number | null;
  /** Said instead of the value. */
  readonly text: string | null;
  readonly problem: string | null;
}

async function measure(
  asking: Asking,
  probes: readonly Probe[],
  selection: Selection,
): Promise<{ n: number; found: Found[] }> {
  const aggregates = probes.flatMap(({ measure }, at) =>
    measure.type === "aggregate" ? [{ at, sql: measure.sql }] : [],
  );
  const columns = aggregates.map(({ at, sql }) => `(${sql})::DOUBLE AS v_${at}`);
  const sql = `SELECT ${["count(*)::DOUBLE AS n", ...columns].join(", ")} ${fromClause(selection, dialect)}`;
  const together = await orProblem(() => ask(asking, "aggregates of the checks", sql));
  // One expectation that cannot be measured must not keep the others from being measured.
  const alone = typeof together === "string";
  const [row] = alone
    ? await ask(asking, "rows", `SELECT count(*)::DOUBLE AS n ${fromClause(selection, dialect)}`)
    : together;
  const found: Found[] = [];
  for (const [at, { measure, name, subject }] of probes.entries()) {
    if (measure.type === "problem") found.push({ value: null, text: null, problem: measure.problem });
    else if (measure.type === "known") found.push({ value: measure.value, text: measure.found, problem: null });
    else if (measure.type === "aggregate" && !alone)
      found.push({ value: numeric(row![`v_${at}`]), text: null, problem: null });
    else {
      const statement =
        measure.type === "statement"
          ? measure.sql
          : `SELECT (${measure.sql})::DOUBLE AS value ${fromClause(selection, dialect)}`;
      const rows = await orProblem(() => ask(asking, [name, subject].filter(Boolean).join(" "), statement));
      found.push(
        typeof rows === "string"
          ? { value: null, text: null, problem: rows }
          : { value: numeric(rows[0]?.value), text: null, problem: null },
      );
    }
  }
  return { n: Number(row!.n), found };
}

const numeric = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** The answer, or why the engine refused the statement; what ends the cell is thrown on. */
async function orProblem<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SqlError && (error.kind === "failed" || error.kind === "refused" || error.kind === "syntax"))
      return error.problem.message.split("\n")[0]!;
    throw error;
  }
}

async function distances(
  asking: Asking,
  expected: Readonly<Record<string, { readonly window: string; readonly max: number }>> | undefined,
  selection: Selection,
  context: MeasureContext,
): Promise<Probe[]> {
  const found: Probe[] = [];
  for (const [name, { window, max }] of Object.entries(expected ?? {}))
    try {
      found.push(await distanceProbe(asking, name, window, max, selection, context));
    } catch (error) {
      if (!(error instanceof CellProblem)) throw error;
      found.push(problemProbe("distance", name, sentence(error)));
    }
  return found;
}

const sentence = ({ message, problem: { hint } }: CellProblem): string =>
  hint === undefined ? message : `${message} ${hint}`;

function orSentence<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof CellProblem) return sentence(error);
    throw error;
  }
}

async function judged(
  asking: Asking,
  probe: Probe,
  level: "warn" | "fail",
  n: number,
  { value, text, problem }: Found,
  { slice, chunk, selection }: CheckedPart,
  minRows: number,
  context: MeasureContext,
): Promise<{ reading: Reading; shown: Shown }> {
  const { name, subject, bad, expected, failing } = probe;
  const isEmpty = n < minRows && !probe.judgesEmpty;
  const broken = !isEmpty && value !== null && isPast(value, bad);
  const verdict: Verdict = problem !== null ? "error" : isEmpty || value === null ? "no-data" : broken ? level : "ok";
  const found =
    problem ??
    (isEmpty
      ? n === 0
        ? "no rows in the window"
        : `${n} rows, below min_rows ${minRows}`
      : (text ?? (value === null ? "nothing to measure" : said(value, probe.unit))));
  const reason = verdict === "ok" ? null : `expected ${expected}; found ${found}`;
  // The same expectation at both levels is two questions.
  const reading = makeReading(
    { cell: level === "fail" ? context.question : `${context.question} (warn)`, asOf: context.asOf },
    {
      metric: name,
      subject,
      slice,
      window: asPair(selection.window),
      value,
      n,
      warn: level === "warn" ? bad : null,
      fail: level === "fail" ? bad : null,
      verdict,
      reason,
    },
  );
  const rows =
    broken && failing !== null
      ? await failingRows(asking, failing, `rows that break ${name}`, personalColumns(selection))
      : [];
  const title = [name.replaceAll("_", " "), subject, slice, chunk].filter((part) => part !== null).join(" · ");
  const counted = probe.unit === "rows" || probe.unit === "groups" ? value : null;
  return {
    reading,
    shown: { title, expected, found, verdict, reading: reading.id, rows, failing: broken ? counted : null },
  };
}

const MASKED = "(personal)";

/** Columns that the contract calls personal, and the copy of one of them as entity. */
function personalColumns({ relation: { roles } }: Selection): ReadonlySet<string> {
  const names = roles?.features.filter(({ personal }) => personal).map(({ name }) => name) ?? [];
  return new Set(
    roles !== null && roles.entity !== null && names.includes(roles.entity) ? [...names, "entity_id"] : names,
  );
}

async function failingRows(
  asking: Asking,
  sql: string,
  title: string,
  personal: ReadonlySet<string>,
): Promise<Shown["rows"]> {
  const rows = await ask(
    asking,
    title,
    `SELECT COLUMNS(*)::VARCHAR FROM (${sql}\n) ORDER BY ALL LIMIT ${FAILING_ROWS}`,
  );
  const shown = (name: string, value: unknown): string | null =>
    value === null ? null : personal.has(name) ? MASKED : String(value);
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shown(name, value)])));
}

function said(value: number, unit: Probe["unit"]): string {
  const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 }).format(value);
  switch (unit) {
    case "rows":
      return `${new Intl.NumberFormat("en").format(value)} ${value === 1 ? "row" : "rows"}`;
    case "groups":
      return `${new Intl.NumberFormat("en").format(value)} ${value === 1 ? "value" : "values"} more than once`;
    case "share":
      return `${Number((value * 100).toPrecision(4))} %`;
    case "ratio":
      return `${Number((value * 100).toPrecision(4))} % of the rows before`;
    case "seconds":
      return duration(value);
    default:
      return number;
  }
}

function duration(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? units[3];
  if (Math.abs(seconds) < 1) return "under a second";
  const count = Number((seconds / size).toPrecision(3));
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
