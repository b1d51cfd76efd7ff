import type { Cell } from "../document/document.ts";
import { isMonitoring } from "../kinds/kinds.ts";
import type { ChartDisplay, Display } from "../results/display.ts";
import type { DriftDisplay, KpiDisplay } from "../results/monitor-display.ts";
import type { SessionState } from "../session/state.ts";
import type { ReportChoices } from "../wire/http-reports.ts";
import type { PageTable } from "./page-parts.ts";
import { isAggregate, personalTrace } from "./personal-columns.ts";

/** Names of single events: a table that has one of them is one of single rows. */
const IDENTITIES = new Set(["decision_id", "feedback_id", "entity_id"]);

export interface Selection {
  /** Null where the table stays out. */
  readonly table: (cell: Cell, table: PageTable) => PageTable | null;
  /** Null where the display stays out. */
  readonly display: (cell: Cell, display: Display) => Display | null;
  /** What was kept from readers so far; sentences, each once. */
  readonly leftOut: () => readonly string[];
}

/**
 * What of a notebook's outputs readers of a report see. `personal` are the columns that contracts mark so. Text, Markdown
 * and HTML that a cell writes itself are shown as they are: what they hold is their author's choice.
 */
export function reportSelection(
  { document, analyses }: Pick<SessionState, "document" | "analyses">,
  choices: Pick<ReportChoices, "tables" | "personal" | "showCode">,
  personalColumns: ReadonlySet<string>,
): Selection {
  const said = new Set<string>();
  const leave = (sentence: string): null => {
    said.add(sentence);
    return null;
  };
  const personal = new Set(choices.personal ? [] : [...personalColumns].map((name) => name.toLowerCase()));
  const traces = tracesOf(document.cells, personal);
  const identities = tracesOf(document.cells, IDENTITIES);
  const isPersonal = (cell: Cell, column: string): boolean => {
    const name = column.toLowerCase();
    return personal.has(name) || (traces.get(cell.id)?.columns.has(name) ?? false) || traces.names.has(name);
  };
  const byName = new Map(document.cells.flatMap((cell) => (cell.name === null ? [] : [[cell.name, cell] as const])));
  const isOfRows = (cell: Cell, seen: ReadonlySet<string> = new Set()): boolean => {
    if (isMonitoring(cell.kind)) return false;
    if (cell.kind !== "sql" || seen.has(cell.id)) return true;
    const trace = identities.get(cell.id);
    if (trace !== undefined && (trace.columns.size > 0 || trace.unclear)) return true;
    if (isAggregate(cell.source)) return false;
    // A selection from what is aggregated already.
    const { relations = [], reads = [] } = analyses[cell.id] ?? {};
    const sources = reads.flatMap((name) => byName.get(name) ?? []).filter(({ kind }) => kind !== "input");
    return (
      relations.length > 0 || sources.length === 0 || sources.some((one) => isOfRows(one, new Set([...seen, cell.id])))
    );
  };
  const isChosen = (cell: Cell): boolean =>
    choices.tables === "all" || (choices.tables !== "aggregates" && choices.tables.includes(cell.name ?? cell.id));

  const table: Selection["table"] = (cell, { columns, rows, rowCount }) => {
    const name = cell.name ?? "a table";
    const hasIdentity = columns.some((column) => IDENTITIES.has(column.name.toLowerCase()));
    if (!isChosen(cell) && (hasIdentity || isOfRows(cell)))
      return leave(`The table of ${name} is left out: it shows single rows.`);
    if (traces.get(cell.id)?.unclear === true)
      return leave(`The table of ${name} is left out: it may hold personal columns.`);
    const kept = columns.filter((column) => !isPersonal(cell, column.name) && !mayHold(column, personal));
    if (kept.length < columns.length) leave(`Personal columns of ${name} are left out.`);
    if (kept.length === 0) return null;
    const shown =
      kept.length === columns.length
        ? rows
        : rows.map((row) => Object.fromEntries(kept.map(({ name: key }) => [key, row[key]])));
    // A measurement by a personal column names its values in the slice.
    const open = isMonitoring(cell.kind)
      ? shown.filter((row) => !ofPersonal(row, personal)).map((row) => withoutValues(row, personal))
      : shown;
    return { columns: kept, rows: open, rowCount: rowCount - (shown.length - open.length) };
  };

  const display: Selection["display"] = (cell, one) => {
    const name = cell.name ?? "a cell";
    switch (one.type) {
      case "text":
      case "html":
      case "markdown":
      case "image":
      case "error":
        return one;
      case "tree": {
        const keys = new Set(
          [...JSON.stringify(one.tree).matchAll(/\["([^"\\]+)",/g)].map(([, key]) => key!.toLowerCase()),
        );
        if (!isChosen(cell) && [...keys].some((key) => IDENTITIES.has(key)))
          return leave(`A value of ${name} is left out: it shows single rows.`);
        return [...keys].some((key) => isPersonal(cell, key))
          ? leave(`A value of ${name} is left out: it has personal columns.`)
          : one;
      }
      case "chart":
        return drawsPersonal(one, (column) => isPersonal(cell, column))
          ? leave(`A chart of ${name} is left out: it shows a personal column.`)
          : one;
      case "table": {
        if (!isChosen(cell)) return leave(`The table of ${name} is left out: it may show single rows.`);
        const kept = one.columns.flatMap((column, at) => (isPersonal(cell, column.name) ? [] : [{ column, at }]));
        if (kept.length < one.columns.length) leave(`Personal columns of ${name} are left out.`);
        return {
          ...one,
          columns: kept.map(({ column }) => column),
          rows: one.rows.map((row) => kept.map(({ at }) => row[at] ?? null)),
        };
      }
      case "drift":
        return driftWithout(one, personal, choices.showCode, leave);
      case "kpi":
        return {
          ...one,
          ...asked(one, choices.showCode),
          slices: one.slices.filter(({ slice }) => !namesOf(slice, personal)),
        } satisfies KpiDisplay;
      case "check":
        return {
          ...one,
          ...asked(one, choices.showCode),
          checks: one.checks.map((check) => {
            const about = namesOf(check.title, personal);
            return {
              ...check,
              // Rows that break a check are single rows.
              rows: isChosen(cell)
                ? check.rows.map((row) =>
                    Object.fromEntries(Object.entries(row).filter(([key]) => !isPersonal(cell, key))),
                  )
                : [],
              ...(about ? { found: "left out: the column is personal", expected: "left out" } : {}),
            };
          }),
        };
    }
  };
  return { table, display, leftOut: () => [...said] };
}

/** The SQL that was asked is code. */
const asked = (display: { statements: DriftDisplay["statements"] }, showCode: boolean) => ({
  statements: showCode ? display.statements : [],
});

/** Subjects stay with their verdict; what names values of a personal column goes. */
function driftWithout(
  display: DriftDisplay,
  personal: ReadonlySet<string>,
  showCode: boolean,
  leave: (sentence: string) => null,
): DriftDisplay {
  return {
    ...display,
    ...asked(display, showCode),
    subjects: display.subjects.map((subject) => {
      const slices = subject.slices.filter(({ slice }) => !namesOf(slice, personal));
      const { bins } = subject;
      if (!personal.has(subject.subject.toLowerCase())) return { ...subject, slices };
      leave(`Values of ${subject.subject} are left out: the column is personal.`);
      const labels = bins.labels === null ? null : bins.labels.map((_, at) => `value ${at + 1}`);
      return { ...subject, slices, bins: { ...bins, labels } };
    }),
  };
}

/** Whether words name a personal column: "country = DE", "range score". */
function namesOf(words: string, personal: ReadonlySet<string>): boolean {
  return (
    personal.size > 0 &&
    words
      .toLowerCase()
      .split(/[^\p{L}\p{N}_]+/u)
      .some((word) => personal.has(word))
  );
}

/** Bins and reasons of a personal column hold its values. */
function withoutValues(row: Readonly<Record<string, unknown>>, personal: ReadonlySet<string>) {
  return typeof row.subject === "string" && namesOf(row.subject, personal)
    ? { ...row, reason: null, details: null }
    : row;
}

function ofPersonal(row: Readonly<Record<string, unknown>>, personal: ReadonlySet<string>): boolean {
  return typeof row.slice === "string" && namesOf(row.slice, personal);
}

/** A value that has parts may have personal ones; `extra` holds the fields that no contract names. */
function mayHold({ name, type }: PageTable["columns"][number], personal: ReadonlySet<string>): boolean {
  if (personal.size === 0) return false;
  return name.toLowerCase() === "extra" || /\b(JSON|MAP|UNION|VARIANT|STRUCT)\b/.test(type);
}

/** An axis or a tip that is labelled with the column writes its values. */
function drawsPersonal({ hits }: ChartDisplay, isPersonal: (column: string) => boolean): boolean {
  return hits.marks.some(({ channels }) =>
    channels.some(({ name, label }) => [name, label.replaceAll(/^[←↑→↓ ]+|[←↑→↓ ]+$/g, "")].some(isPersonal)),
  );
}

interface Traces extends Map<string, { readonly columns: ReadonlySet<string>; readonly unclear: boolean }> {
  /** Of all cells: what one cell calls a column another reads. */
  readonly names: ReadonlySet<string>;
}

function tracesOf(cells: readonly Cell[], start: ReadonlySet<string>): Traces {
  const names = new Set<string>();
  const traces = Object.assign(new Map<string, { columns: ReadonlySet<string>; unclear: boolean }>(), { names });
  if (start.size === 0) return traces;
  for (let size = -1; size !== names.size; ) {
    size = names.size;
    for (const cell of cells) {
      if (cell.kind !== "sql") continue;
      const { columns, unclear } = personalTrace(cell.source, new Set([...start, ...names]));
      for (const name of columns) names.add(name);
      traces.set(cell.id, { columns: new Set(columns), unclear });
    }
  }
  return traces;
}
