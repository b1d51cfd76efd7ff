import { splitSqlTemplate } from "../analysis/sql/split-sql-template.ts";
import { parseCell, parseExpression } from "../analysis/typescript/parse-cell.ts";
import type { SyntaxNode } from "../analysis/typescript/syntax-node.ts";
import { expressionFlow, type Given, valueFlow } from "../analysis/typescript/value-flow.ts";
import type { Cell } from "../document/document.ts";
import { isMonitoring } from "../kinds/kinds.ts";
import { proseExpressions } from "../markdown/prose-expressions.ts";
import type { Reading } from "../results/reading.ts";
import { sessionGraph } from "../session/derived.ts";
import type { SessionState } from "../session/state.ts";
import { KPI_METRICS } from "../statistics/outcomes/metrics.ts";
import { type Because, SOME_COLUMN } from "./because.ts";
import { labelOf } from "./label-of.ts";
import { namesOneOf } from "./names-one-of.ts";
import { personalMetrics } from "./own-metrics.ts";
import { ANY, comparedParameters, type PersonalTrace, personalTrace } from "./personal-columns.ts";
import { mentions, tokensOf } from "./sql-words.ts";

export type FlowState = Pick<SessionState, "document" | "analyses" | "runs">;
/** A column of a result, as the engine names it and its type. */
export interface ResultColumn {
  readonly name: string;
  readonly type: string;
}

/** Where personal values may be in a notebook. Every answer errs towards "may be". */
export interface PersonalFlow {
  /** Every name that a personal column has somewhere in the notebook, in lower case. */
  readonly names: ReadonlySet<string>;
  /** Whether a column of a SQL or monitoring cell's result may hold personal values. */
  readonly isPersonal: (cell: Cell, column: ResultColumn) => boolean;
  /** Whether no column of a SQL cell is known to be free of them. */
  readonly isUnclear: (cell: Cell) => boolean;
  /** Whether a value that a cell measured may be one: `define` may take a personal column's. */
  readonly isPersonalMetric: (cell: Cell, metric: string) => boolean;
  /** Whether a SQL cell's rows may be readings that other notebooks made, which call columns as they like. */
  readonly isOfOthers: (cell: Cell) => boolean;
  /** Why what a cell shows may be personal: of TypeScript its displays, of SQL and monitoring cells their result. */
  readonly shown: (cell: Cell) => Because | null;
  /** Why what a cell works with may be, and with it what it logs and how it fails. */
  readonly touched: (cell: Cell) => Because | null;
  /** The same of each `${…}` of prose, in order. */
  readonly expressions: (cell: Cell) => readonly (Because | null)[];
  /** Why the value of an input may be one. */
  readonly input: (name: string) => Because | null;
}

/** Columns of readings that hold values of what was measured. */
const OF_READINGS: ReadonlySet<string> = new Set(["slice", "reason", "details"]);
/** And of the tables of jobs: also what people wrote, cells' texts and values of inputs. */
const OF_MONITOR: ReadonlySet<string> = new Set([...OF_READINGS, "comment", "note", "text", "set"]);
/** The same where a kpi defines a value by a personal column. */
const OF_MEASURED: ReadonlySet<string> = new Set([...OF_READINGS, "value", "lower", "upper"]);
const NOTHING: ReadonlySet<string> = new Set();
const isOfMonitor = (relation: string): boolean => relation.startsWith("monitor.");

/** Follows the columns that contracts mark personal, in lower case, through the notebook's own dataflow. */
export function personalFlow(state: FlowState, personal: ReadonlySet<string>): PersonalFlow {
  if (personal.size === 0) return NO_FLOW;
  const flow = new Following(state, personal);
  flow.follow();
  return flow;
}

const NO_FLOW: PersonalFlow = {
  names: NOTHING,
  isPersonal: () => false,
  isUnclear: () => false,
  isOfOthers: () => false,
  isPersonalMetric: () => false,
  shown: () => null,
  touched: () => null,
  expressions: () => [],
  input: () => null,
};

class Following implements PersonalFlow {
  readonly names: Set<string>;
  readonly #state: FlowState;
  readonly #personal: ReadonlySet<string>;
  readonly #byName: ReadonlyMap<string, Cell>;
  /** Names of TypeScript cells and inputs that may hold personal values. */
  readonly #held = new Map<string, Because>();
  readonly #lists = new Set<string>();
  readonly #traces = new Map<string, PersonalTrace & { readonly known: ReadonlySet<string> }>();
  readonly #shown = new Map<string, Because>();
  readonly #touched = new Map<string, Because>();
  /** Cells of SQL over readings that other notebooks made, directly or not. */
  readonly #ofOthers = new Set<string>();
  readonly #programs = new Map<string, SyntaxNode | null>();

  constructor(state: FlowState, personal: ReadonlySet<string>) {
    this.#state = state;
    // `extra` holds the fields that no contract names.
    this.#personal = new Set([...personal, "extra"]);
    this.names = new Set(this.#personal);
    const { definedBy } = sessionGraph(state);
    const cells = new Map(state.document.cells.map((cell) => [cell.id, cell]));
    const defined = [...definedBy].flatMap(([name, ids]) => ids.map((id) => [name, cells.get(id)!] as const));
    this.#byName = new Map([
      ...state.document.cells.flatMap((cell) => (cell.name === null ? [] : [[cell.name, cell] as const])),
      ...defined,
    ]);
  }

  /** Each cell learns from those that it reads; a value that one cell puts into another's goes back: until nothing is new. */
  follow(): void {
    const { order } = sessionGraph(this.#state);
    const place = new Map(order.map((id, at) => [id, at]));
    const cells = this.#state.document.cells.toSorted((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
    for (let size = -1; size !== this.#size(); ) {
      size = this.#size();
      for (const cell of cells) {
        if (cell.kind === "sql") this.#followSql(cell);
        else if (cell.kind === "ts") this.#followTypeScript(cell);
        else if (isMonitoring(cell.kind)) this.#followReadings(cell);
      }
    }
  }

  isPersonal(cell: Cell, { name, type }: ResultColumn): boolean {
    const known = this.#traces.get(cell.id)?.known ?? this.#personal;
    // Engines call a column that has no name by its expression. A value that has parts may have personal ones.
    return known.has(name.toLowerCase()) || mentions(tokensOf(name), known) || PARTED.test(type);
  }

  isUnclear(cell: Cell): boolean {
    return this.#traces.get(cell.id)?.unclear === true;
  }

  isPersonalMetric(cell: Cell, metric: string): boolean {
    if (Object.hasOwn(KPI_METRICS, metric)) return false;
    if (cell.kind === "kpi") return this.#ownMetrics(cell).includes(metric);
    // What TypeScript defines is not told apart by name: any of it may be of the column that its text names.
    return cell.kind === "ts" && namesOneOf(cell.source, this.names);
  }

  isOfOthers(cell: Cell): boolean {
    return this.#ofOthers.has(cell.id);
  }

  shown(cell: Cell): Because | null {
    return this.#shown.get(cell.id) ?? null;
  }

  touched(cell: Cell): Because | null {
    return this.#touched.get(cell.id) ?? this.shown(cell);
  }

  expressions(cell: Cell): readonly (Because | null)[] {
    return proseExpressions(cell.source).expressions.map(({ source }) => this.#expression(cell, source));
  }

  input(name: string): Because | null {
    return this.#byName.get(name)?.kind === "input" ? (this.#held.get(name) ?? null) : null;
  }

  #size(): number {
    return this.#held.size + this.#shown.size + this.#touched.size + this.#ofOthers.size + this.names.size;
  }

  #followSql(cell: Cell): void {
    const { text, expressions } = splitSqlTemplate(cell.source);
    const held = expressions.map(({ source }) => this.#expression(cell, source));
    const given = new Set([
      ...this.#personal,
      ...held.flatMap((because, at) => (because === null ? [] : [`$${at + 1}`])),
    ]);
    const trace = personalTrace(text, given, (path) => {
      if (isOfMonitor(path) || this.#ofOthers.has(this.#cellOf(path)?.id ?? "")) this.#ofOthers.add(cell.id);
      return this.#columnsOf(path);
    });
    const known = new Set([...given, ...trace.columns]);
    // What is handed on under its own name, by a star.
    for (const name of trace.result) if (name !== ANY) known.add(name);
    this.#traces.set(cell.id, { ...trace, known });
    for (const name of trace.columns) this.names.add(name);

    for (const { number, column } of comparedParameters(text, known)) {
      const input = expressions[number - 1]!.source;
      if (this.#byName.get(input)?.kind === "input")
        this.#mark(this.#held, input, { type: "compared", input, column, from: labelOf(cell) });
    }
    const columns = this.#state.runs[cell.id]?.result?.table?.columns;
    const column =
      trace.unclear || columns === undefined
        ? [...trace.result][0]
        : columns.find((one) => this.isPersonal(cell, one))?.name;
    if (column !== undefined) this.#mark(this.#shown, cell.id, ofColumn(column, labelOf(cell)));
    if (mentions(tokensOf(text), known)) this.#mark(this.#touched, cell.id, ofColumn(SOME_COLUMN, labelOf(cell)));
  }

  #followTypeScript(cell: Cell): void {
    const program = this.#program(cell);
    if (program === null) {
      const unread: Because = { type: "unread", from: labelOf(cell) };
      this.#mark(this.#shown, cell.id, { type: "unread", from: null });
      for (const name of this.#defined(cell)) this.#mark(this.#held, name, unread);
      return;
    }
    const flow = valueFlow(program, this.#given(cell));
    for (const name of flow.lists) this.#lists.add(name);
    for (const [name, because] of flow.names) if (!name.startsWith("_")) this.#mark(this.#held, name, because);
    if (flow.touched !== null) this.#mark(this.#touched, cell.id, flow.touched);
    if (flow.shown !== null) this.#mark(this.#shown, cell.id, flow.shown);
    if (flow.value !== null && cell.name !== null) this.#mark(this.#held, cell.name, flow.value);
    for (const name of flow.changed)
      if (this.#byName.get(name)?.kind === "ts") this.#mark(this.#held, name, flow.touched!);
    // What another cell put into a name of this one is shown by this one, when it runs again.
    const own = this.#defined(cell).flatMap((name) => this.#held.get(name) ?? []);
    this.#takeNames(cell);
    if (flow.touched === null && own[0] !== undefined) this.#mark(this.#shown, cell.id, own[0]);
  }

  #followReadings(cell: Cell): void {
    this.#takeNames(cell);
    const readings = this.#readings(cell);
    const isHeld =
      readings.length > 0 ? readings.some((one) => this.#isHeldBy(one)) : namesOneOf(cell.source, this.names);
    if (isHeld || this.#ownMetrics(cell).length > 0)
      this.#mark(this.#shown, cell.id, { type: "readings", from: labelOf(cell) });
  }

  #ownMetrics(cell: Cell): readonly string[] {
    return cell.kind === "kpi" ? personalMetrics(cell.source, this.#isOfUnclear(cell) ? null : this.names) : [];
  }

  /** What is measured of a relation whose columns cannot be followed is personal, whatever the column is called there. */
  #takeNames(cell: Cell): void {
    if (!this.#isOfUnclear(cell)) return;
    for (const { slice, subject } of this.#readings(cell))
      for (const words of [subject ?? "", slice?.split(" = ")[0] ?? ""])
        for (const name of [words, ...words.split(/[^\p{L}\p{N}_]+/u)])
          if (/^\D/.test(name)) this.names.add(name.toLowerCase());
  }

  /** TypeScript names its relations in texts: every word of it may be one. */
  #isOfUnclear(cell: Cell): boolean {
    const relations =
      cell.kind === "ts"
        ? this.#readings(cell).length > 0
          ? cell.source.split(/[^\p{L}\p{N}_.$]+/u)
          : []
        : (this.#state.analyses[cell.id]?.relations ?? []);
    return relations.some((path) => {
      if (isOfMonitor(path) || path.endsWith(".quarantine")) return true;
      const read = this.#cellOf(path);
      if (read === undefined || read === cell || read.kind === "input") return false;
      if (read.kind === "ts") return this.#held.has(this.#nameOf(path));
      return read.kind === "sql"
        ? this.isUnclear(read) || this.#traces.get(read.id)?.result.has(ANY) === true
        : this.shown(read) !== null;
    });
  }

  #given(cell: Cell): Given<Because> {
    return {
      name: (name, property) => {
        const read = this.#cellOf(name);
        if (read === undefined || read.kind === "ts" || read.kind === "input") return this.#held.get(name) ?? null;
        // A kpi's properties are its values over all rows: no slice, no subject.
        const isWhole = this.#readings(read).some(({ metric }) => metric === property);
        const isOpen = read.kind === "kpi" && isWhole && !this.isPersonalMetric(read, property ?? "");
        return isOpen ? null : this.shown(read);
      },
      isList: (name) => {
        const kind = this.#cellOf(name)?.kind;
        return kind === "sql" || (kind !== undefined && isMonitoring(kind)) || this.#lists.has(name);
      },
      sql: (statement) => {
        const { result } = personalTrace(statement, this.#personal, (path) => this.#columnsOf(path));
        return result.size === 0 ? null : ofColumn([...result][0]!, null);
      },
      measured: (kind, words) => {
        const named = words?.some((word) => namesOneOf(word, this.names)) ?? false;
        const readings = this.#readings(cell);
        const isHeld =
          readings.length > 0
            ? readings.some((one) => this.#isHeldBy(one))
            : // Without `columns` a drift is of every feature.
              words === null || (kind === "drift" && !words.includes("columns"));
        return named || isHeld ? { type: "readings", from: null } : null;
      },
    };
  }

  #readings({ id }: Cell): readonly Reading[] {
    return this.#state.runs[id]?.result?.readings ?? [];
  }

  /** A slice names values; so do the bins, and the reason, of what is measured of a personal column; its numbers do not. */
  #isHeldBy({ slice, subject, reason, details }: Reading): boolean {
    if (namesOneOf(slice ?? "", this.names)) return true;
    const isPlain = Object.values(details).every((one) => typeof one === "number" || typeof one === "boolean");
    return namesOneOf(subject ?? "", this.names) && !(isPlain && reason === null);
  }

  #expression(cell: Cell, source: string): Because | null {
    const parsed = parseExpression(source);
    return parsed.ok ? expressionFlow(parsed.program, this.#given(cell)) : { type: "unread", from: null };
  }

  /** Personal columns of a relation that a statement names; of what is no cell, all that contracts know. */
  #columnsOf(path: string): ReadonlySet<string> {
    if (isOfMonitor(path)) return OF_MONITOR;
    const cell = this.#cellOf(path);
    if (cell === undefined) return path.endsWith(".quarantine") ? OF_QUARANTINE : this.#personal;
    if (cell.kind === "ts") return this.#held.has(this.#nameOf(path)) ? new Set([ANY]) : NOTHING;
    if (isMonitoring(cell.kind))
      return this.shown(cell) === null ? NOTHING : this.#ownMetrics(cell).length > 0 ? OF_MEASURED : OF_READINGS;
    const columns = this.#state.runs[cell.id]?.result?.table?.columns;
    if (this.isUnclear(cell)) return new Set([ANY]);
    return columns === undefined
      ? (this.#traces.get(cell.id)?.result ?? NOTHING)
      : new Set(columns.filter((one) => this.isPersonal(cell, one)).map(({ name }) => name.toLowerCase()));
  }

  /** SQL finds a relation whatever the case of its letters. */
  #nameOf(name: string): string {
    if (this.#byName.has(name)) return name;
    return [...this.#byName.keys()].find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
  }

  #cellOf(name: string): Cell | undefined {
    return this.#byName.get(this.#nameOf(name));
  }

  #defined({ id, name }: Cell): readonly string[] {
    return [...(this.#state.analyses[id]?.defines ?? []), ...(name === null ? [] : [name])];
  }

  #program(cell: Cell): SyntaxNode | null {
    const known = this.#programs.get(cell.id);
    if (known !== undefined) return known;
    const parsed = parseCell(cell.source);
    const program = parsed.ok ? parsed.program : null;
    this.#programs.set(cell.id, program);
    return program;
  }

  /** The first reason stays, so that following ends. */
  #mark(where: Map<string, Because>, key: string, because: Because): void {
    if (!where.has(key)) where.set(key, because);
  }
}

const PARTED = /\b(JSON|MAP|UNION|VARIANT|STRUCT)\b/;
/** What was refused is kept as it came. */
const OF_QUARANTINE: ReadonlySet<string> = new Set(["raw", "reason"]);
/** A column without a name is called by its expression, which may quote a value: reasons stand in pages. */
const ofColumn = (column: string, from: string | null): Because => ({
  type: "column",
  column: /^[\p{L}_][\p{L}\p{N}_]*$/u.test(column) ? column : SOME_COLUMN,
  from,
});
