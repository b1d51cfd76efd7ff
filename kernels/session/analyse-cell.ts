import { analyseProse } from "../../cells/analysis/prose/analyse-prose.ts";
import { analyseSqlTemplate } from "../../cells/analysis/sql/analyse-sql.ts";
import { RANDOM_FUNCTIONS } from "../../cells/analysis/sql/relations-of.ts";
import { splitSqlTemplate } from "../../cells/analysis/sql/split-sql-template.ts";
import { analyseExpression, analyseTypeScript } from "../../cells/analysis/typescript/analyse-typescript.ts";
import type { Cell, Kind } from "../../cells/document/document.ts";
import { toInput } from "../../cells/kinds/input/to-input.ts";
import type { MonitoringKind } from "../../cells/kinds/kinds.ts";
import { readMonitoring } from "../../cells/monitoring/monitoring-kinds.ts";
import type { Analysis } from "../../cells/session/operation.ts";
import type { SqlEngine } from "../engine/sql-engine.ts";
import { sourceHash } from "./analyser.ts";
import { namesIn, readingOf } from "./sql-cell.ts";

type Analyse = (cell: Cell, engine: () => Promise<SqlEngine>) => Analysis | Promise<Analysis>;

const ANALYSE: Record<Kind, Analyse> = {
  ts: (cell, engine) => {
    const { defines, reads, assigns, sqlTemplates, unseeded, problem } = analyseTypeScript(cell.source, cell.name);
    const measures = /\b(?:drift|kpi|check)\s*\(/.test(cell.source);
    const own = {
      ...emptyAnalysis(cell),
      defines: [...defines],
      reads: measures && !reads.includes("window") ? [...reads, "window"] : [...reads],
      assigns: [...assigns],
      // What it measures is known when it runs: it depends on the data as a whole.
      relations: measures ? ["(measured)"] : [],
      ...saidUnseeded(unseeded),
      problem,
    };
    return sqlTemplates.length === 0 || problem !== null ? own : withTemplates(own, sqlTemplates, engine);
  },

  sql: async (cell, engine) => {
    const { split, reads, problem } = analyseSqlTemplate(cell.source, analyseExpression);
    const empty = emptyAnalysis(cell);
    if (problem !== null) return { ...empty, reads: [...reads], problem };
    const found = await readingOf(split, cell.source, await engine());
    const { bare, outside } = namesIn(found.reading);
    const own = found.problem === null && cell.name !== null && bare.includes(cell.name);
    const itself = own ? { message: `"${cell.name}" reads itself.`, hint: "Give the cell another name." } : null;
    return {
      ...empty,
      reads: [...new Set([...reads, ...bare])].filter((name) => name !== cell.name),
      relations: outside,
      ...saidUnseeded(found.reading.unseeded),
      problem: found.problem ?? itself,
    };
  },

  prose: (cell) => {
    if (!cell.source.includes("${")) return { ...emptyAnalysis(cell), defines: [] };
    const { reads, problem } = analyseProse(cell.source, analyseExpression);
    return { ...emptyAnalysis(cell), defines: [], reads: [...reads], problem };
  },

  drift: (cell) => analyseMonitoring("drift", cell),
  kpi: (cell) => analyseMonitoring("kpi", cell),
  check: (cell) => analyseMonitoring("check", cell),

  input: (cell) => {
    const read = toInput(cell.source);
    const problem = read.ok ? unnamed(cell) : (read.problems[0] ?? { message: "This is no input." });
    return { ...emptyAnalysis(cell), problem };
  },
};

/** What a cell defines and reads. SQL is parsed by the engine, which is started for it; nothing is run. */
export function analyseCell(cell: Cell, engine: () => Promise<SqlEngine>): Analysis | Promise<Analysis> {
  return ANALYSE[cell.kind](cell, engine);
}

/** What the sql`…` of a TypeScript cell read; a statement that does not parse fails when it runs, at its place. */
async function withTemplates(own: Analysis, templates: readonly string[], engine: () => Promise<SqlEngine>) {
  const reads = new Set(own.reads);
  const relations = new Set<string>(own.relations);
  const unseeded = new Set<string>(own.unseeded);
  const running = await engine();
  for (const template of templates) {
    const { reading } = await readingOf(splitSqlTemplate(template), template, running);
    const { bare, outside } = namesIn(reading);
    for (const name of bare) if (!own.defines.includes(name)) reads.add(name);
    for (const name of outside) relations.add(name);
    for (const name of reading.unseeded) unseeded.add(name);
  }
  return { ...own, reads: [...reads], relations: [...relations], ...saidUnseeded([...unseeded]) };
}

/** SQL of a monitoring cell is pieces of text, which the engine reads when they run. */
const RANDOM_CALL = new RegExp(`\\b(${RANDOM_FUNCTIONS.join("|")})\\s*\\(`, "gi");
const randomIn = (source: string): string[] => [
  ...new Set([...source.matchAll(RANDOM_CALL)].map(([, name]) => `${name!.toLowerCase()}()`)),
];

const saidUnseeded = (names: readonly string[]): Pick<Analysis, "unseeded"> =>
  names.length === 0 ? {} : { unseeded: [...names] };

function emptyAnalysis(cell: Cell): Analysis {
  const defines = cell.name === null ? [] : [cell.name];
  return { sourceHash: sourceHash(cell), defines, reads: [], relations: [], problem: null };
}

/** Relations may be cells: a name that no cell defines is the workspace's. */
function analyseMonitoring(kind: MonitoringKind, cell: Cell): Analysis {
  const read = readMonitoring(kind, cell.source);
  if (!read.ok) return { ...emptyAnalysis(cell), problem: read.problems[0] ?? { message: `This is no ${kind} cell.` } };
  const { expressions, relations, takesWindow } = read.value;
  const names = expressions.flatMap((expression) => analyseExpression(expression).reads);
  const cells = relations.filter((relation) => /^[\p{ID_Start}_][\p{ID_Continue}$]*$/u.test(relation));
  const reads = new Set([...names, ...cells, ...(takesWindow ? ["window"] : [])]);
  const own = cell.name !== null && reads.has(cell.name);
  return {
    ...emptyAnalysis(cell),
    reads: [...reads].filter((name) => name !== cell.name),
    relations: [...relations],
    ...saidUnseeded(randomIn(cell.source)),
    problem: own ? { message: `"${cell.name}" reads itself.`, hint: "Give the cell another name." } : null,
  };
}

function unnamed(cell: Cell): Analysis["problem"] {
  if (cell.name !== null) return null;
  return {
    message: "This input has no name, so nothing can read it.",
    hint: "Give it one: ```yaml input name=threshold",
  };
}
