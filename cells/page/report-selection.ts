import type { Cell } from "../document/document.ts";
import type { ContractColumns } from "../personal/contract-columns.ts";
import { labelOf } from "../personal/label-of.ts";
import { namesOneOf } from "../personal/names-one-of.ts";
import { namesAnew } from "../personal/personal-columns.ts";
import { type FlowState, personalFlow } from "../personal/personal-flow.ts";
import type { ChartDisplay, Display, Tree } from "../results/display.ts";
import type { CheckDisplay, DriftDisplay, KpiDisplay } from "../results/monitor-display.ts";
import type { LeftOut, ReportChoices } from "../wire/http-reports.ts";
import { leftBecause, leftColumns, leftRows, type Selected, whole } from "./left-out.ts";
import type { PageTable } from "./page-parts.ts";
import { rowCells } from "./row-cells.ts";

/** Names of single events: a table that has one of them is one of single rows. */
const IDENTITIES = new Set(["decision_id", "feedback_id", "entity_id"]);
const LEFT_OUT = "(left out)";

export interface Selection {
  readonly table: (cell: Cell, table: PageTable) => Selected<PageTable | null>;
  readonly display: (cell: Cell, display: Display) => Selected<Display | null>;
  /** Values of the `${…}` of prose, or of what is shown in their place. */
  readonly texts: (cell: Cell, texts: readonly (string | null)[]) => Selected<readonly (string | null)[]>;
  /** The same of a cell that did not run, as far as its text tells. */
  readonly expected: (cell: Cell) => readonly LeftOut[];
  /** Whether what a cell logs, and how it fails, may quote personal values. */
  readonly isQuiet: (cell: Cell) => boolean;
  /** Whether readers see a value that a cell measured. */
  readonly isShownMetric: (cell: Cell, metric: string) => boolean;
  /** Values of inputs, those that are personal left out. */
  readonly set: (set: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/**
 * What of a notebook's outputs readers of a report see. Columns that contracts mark personal are followed through SQL,
 * TypeScript and prose.
 */
export function reportSelection(
  state: FlowState,
  choices: Pick<ReportChoices, "tables" | "personal" | "showCode">,
  columns: ContractColumns,
): Selection {
  const lower = (names: ReadonlySet<string>) => new Set([...names].map((name) => name.toLowerCase()));
  const personal = choices.personal ? new Set<string>() : lower(columns.personal);
  const open = lower(columns.open);
  const flow = personalFlow(state, personal);
  const isOfRows = rowCells(state, IDENTITIES);
  const isChosen = (cell: Cell): boolean =>
    choices.tables === "all" || (choices.tables !== "aggregates" && choices.tables.includes(cell.name ?? cell.id));
  const none = (left: LeftOut): Selected<null> => ({ shown: null, left: [left] });

  const table: Selection["table"] = (cell, { columns, rows, rowCount }) => {
    const name = cell.name ?? "a table";
    const what = `The table of ${name}`;
    const hasIdentity = columns.some((column) => IDENTITIES.has(column.name.toLowerCase()));
    if (!isChosen(cell) && (hasIdentity || isOfRows(cell))) return none(leftRows(cell.name, what, "shows single rows"));
    if (flow.isUnclear(cell)) return none(leftColumns(cell.name, what, "it may hold personal columns"));
    // A slice says what it is a slice of; what SQL calls one itself may say anything.
    const isOfReadings = !(cell.kind === "sql" && namesAnew(cell.source, "slice"));
    const kept = columns.filter((column) => (isOfReadings && isSlice(column.name)) || !flow.isPersonal(cell, column));
    const left = kept.length < columns.length ? [leftColumns(cell.name, `Personal columns of ${name}`, "", true)] : [];
    if (kept.length === 0) return { shown: null, left };
    const shown =
      kept.length === columns.length
        ? rows
        : rows.map((row) => Object.fromEntries(kept.map(({ name: key }) => [key, row[key]])));
    // Another notebook may have given a personal column any name: of its slices those of known columns are shown.
    const known = flow.isOfOthers(cell) ? open : null;
    // A measurement by a personal column names its values in the slice, also where SQL reads the readings.
    const isOpen = (row: Readonly<Record<string, unknown>>): boolean =>
      kept.every(({ name: key }) => !isSlice(key) || isOpenSlice(row[key], flow.names, known)) &&
      !(cell.kind === "kpi" && typeof row.metric === "string" && flow.isPersonalMetric(cell, row.metric));
    const seen = (personal.size === 0 ? shown : shown.filter(isOpen)).map((row) => withoutValues(row, flow.names));
    return { shown: { columns: kept, rows: seen, rowCount: rowCount - (shown.length - seen.length) }, left };
  };

  const display: Selection["display"] = (cell, one) => {
    const name = cell.name ?? "a cell";
    const because = flow.shown(cell);
    // What was asked names the values that it was asked for, slice by slice.
    const showAsked = choices.showCode && because === null;
    switch (one.type) {
      case "text":
      case "html":
      case "markdown":
      case "image":
      case "error":
      case "tree":
      case "chart":
      case "table":
        if (because !== null && cell.kind === "ts")
          return none(leftBecause(cell.name, `What ${labelOf(cell)} shows`, because));
        break;
      // Views of measurements are kept without what names values.
      case "drift":
      case "kpi":
      case "check":
        break;
    }
    switch (one.type) {
      case "text":
      case "html":
      case "markdown":
      case "image":
      case "error":
        return whole(one);
      case "tree": {
        const keys = keysOf(one.tree);
        const isRow = [...keys].some((key) => IDENTITIES.has(key));
        if (!isChosen(cell) && (isRow || (hasTable(one.tree) && isOfRows(cell))))
          return none(leftRows(cell.name, `A value of ${name}`, "shows single rows"));
        return [...keys].some((key) => personal.has(key))
          ? none(leftColumns(cell.name, `A value of ${name}`, "it has personal columns"))
          : whole(one);
      }
      case "chart":
        return drawsPersonal(one, flow.names)
          ? none(leftColumns(cell.name, `A chart of ${name}`, "it shows a personal column"))
          : whole(one);
      case "table": {
        const hasIdentity = one.columns.some((column) => IDENTITIES.has(column.name.toLowerCase()));
        if (!isChosen(cell) && (hasIdentity || isOfRows(cell)))
          return none(leftRows(cell.name, `The table of ${name}`, "may show single rows"));
        const kept = one.columns.flatMap((column, at) => (flow.isPersonal(cell, column) ? [] : [{ column, at }]));
        if (kept.length === one.columns.length) return whole(one);
        const columns = kept.map(({ column }) => column);
        const rows = one.rows.map((row) => kept.map(({ at }) => row[at] ?? null));
        return {
          shown: kept.length === 0 ? null : { ...one, columns, rows },
          left: [leftColumns(cell.name, `Personal columns of ${name}`, "", true)],
        };
      }
      case "drift":
        return driftWithout(cell, one, flow.names, showAsked);
      case "kpi":
        return kpiWithout(
          cell,
          {
            ...one,
            ...asked(one, showAsked),
            slices: one.slices.filter(({ slice }) => !namesOneOf(slice, flow.names)),
          },
          (metric) => flow.isPersonalMetric(cell, metric),
        );
      case "check":
        return whole({
          ...withoutEarlier(one),
          ...asked(one, showAsked),
          checks: one.checks.map(({ before: _, ...check }) => ({
            ...check,
            // Rows that break a check are single rows.
            rows: isChosen(cell)
              ? check.rows.map((row) =>
                  Object.fromEntries(Object.entries(row).filter(([key]) => !flow.names.has(key.toLowerCase()))),
                )
              : [],
            ...(namesOneOf(check.title, flow.names)
              ? { found: "left out: the column is personal", expected: "left out" }
              : {}),
          })),
        });
    }
  };

  const texts: Selection["texts"] = (cell, written) => {
    const reasons = flow.expressions(cell);
    const left = reasons.flatMap((because) =>
      because === null ? [] : [leftBecause(null, "A value in the text", because)],
    );
    return { shown: written.map((text, at) => (reasons[at] == null ? text : LEFT_OUT)), left };
  };

  const expected: Selection["expected"] = (cell) => {
    const because = flow.shown(cell);
    if (cell.kind === "prose") return texts(cell, []).left;
    if (cell.kind === "ts")
      return because === null ? [] : [leftBecause(cell.name, `What ${labelOf(cell)} shows`, because)];
    if (cell.kind === "kpi" || cell.kind === "drift")
      return because === null
        ? []
        : [leftColumns(cell.name, `Values of personal columns that ${labelOf(cell)} measures`, "", true)];
    if (cell.kind !== "sql") return [];
    const { left } = table(cell, { columns: [], rows: [], rowCount: 0 });
    const isShown = left.length === 0 && because !== null;
    return isShown ? [leftColumns(cell.name, `Personal columns of ${cell.name ?? "a table"}`, "", true)] : left;
  };

  return {
    table,
    display,
    texts,
    expected,
    isShownMetric: (cell, metric) => !flow.isPersonalMetric(cell, metric),
    isQuiet: (cell) => flow.touched(cell) !== null,
    set: (set) =>
      Object.fromEntries(
        Object.entries(set).map(([name, value]) => [name, flow.input(name) === null ? value : LEFT_OUT]),
      ),
  };
}

function keysOf(tree: Tree): Set<string> {
  return new Set([...JSON.stringify(tree).matchAll(/\["([^"\\]+)",/g)].map(([, key]) => key!.toLowerCase()));
}

/** Whether a list of objects stands somewhere inside: a table, however it was made. */
function hasTable(tree: Tree): boolean {
  if (tree.type === "leaf") return false;
  const isList = tree.open === "[" || /^Map\(/.test(tree.label);
  return tree.entries.some(([, one]) => (isList && one.type === "group") || hasTable(one));
}

/** The SQL that was asked is code. */
const asked = (display: { statements: DriftDisplay["statements"] }, isShown: boolean) => ({
  statements: isShown ? display.statements : [],
});

/** How checks stood before is of runs in the notebook, which readers know nothing of. */
const withoutEarlier = ({ since: _, ...display }: CheckDisplay): CheckDisplay => display;

/** The values that a kpi defines by a personal column go, wherever they stand. */
function kpiWithout(cell: Cell, display: KpiDisplay, isPersonal: (metric: string) => boolean): Selected<KpiDisplay> {
  const open = <Part extends { readonly values: KpiDisplay["values"] }>(part: Part): Part => ({
    ...part,
    values: part.values.filter(({ metric }) => !isPersonal(metric)),
  });
  const names = display.values.flatMap(({ metric }) => (isPersonal(metric) ? [metric] : []));
  const shown = {
    ...open(display),
    ...(display.newest === undefined ? {} : { newest: open(display.newest) }),
    series: display.series.map(open),
    slices: display.slices.map(open),
  };
  const what = `Of ${cell.name ?? "a cell"} ${names.join(", ")}`;
  return {
    shown,
    left: names.length === 0 ? [] : [leftColumns(cell.name, what, "it is defined by a personal column")],
  };
}

/** Subjects stay with their verdict; what names values of a personal column goes, and so do its least and its most. */
function driftWithout(
  cell: Cell,
  display: DriftDisplay,
  personal: ReadonlySet<string>,
  showAsked: boolean,
): Selected<DriftDisplay> {
  const left: LeftOut[] = [];
  const subjects = display.subjects.map((subject) => {
    const slices = subject.slices.filter(({ slice }) => !namesOneOf(slice, personal));
    const { bins } = subject;
    if (!personal.has(subject.subject.toLowerCase())) return { ...subject, slices };
    left.push(leftColumns(cell.name, `Values of ${subject.subject}`, "the column is personal", true));
    const labels = bins.labels === null ? null : bins.labels.map((_, at) => `value ${at + 1}`);
    const metrics = subject.metrics.map((metric) => ({ ...metric, reason: null }));
    return { ...subject, slices, metrics, bins: { ...bins, labels, min: null, max: null } };
  });
  return { shown: { ...display, ...asked(display, showAsked), subjects }, left };
}

/** Bins and reasons of a personal column hold its values. */
function withoutValues(row: Readonly<Record<string, unknown>>, personal: ReadonlySet<string>) {
  return namesPersonal(row.subject, personal) ? { ...row, reason: null, details: null } : row;
}

const isSlice = (column: string): boolean => column.toLowerCase() === "slice";

/**
 * "country = DE", and none of a personal column; another text under that name may be anything. `known`: columns of which
 * alone it may be, or null for any.
 */
function isOpenSlice(slice: unknown, personal: ReadonlySet<string>, known: ReadonlySet<string> | null): boolean {
  if (slice === null || slice === undefined) return true;
  const column = typeof slice === "string" ? /^([^=]+) = /.exec(slice)?.[1] : undefined;
  if (column === undefined || namesOneOf(slice as string, personal)) return false;
  return known === null || known.has(column.toLowerCase());
}

function namesPersonal(words: unknown, personal: ReadonlySet<string>): boolean {
  return typeof words === "string" && namesOneOf(words, personal);
}

/** An axis or a tip that is labelled with the column writes its values. */
function drawsPersonal({ hits }: ChartDisplay, personal: ReadonlySet<string>): boolean {
  return hits.marks.some(({ channels }) =>
    channels.some(({ name, label }) =>
      [name, label.replaceAll(/^[←↑→↓ ]+|[←↑→↓ ]+$/g, "")].some((one) => personal.has(one.toLowerCase())),
    ),
  );
}
