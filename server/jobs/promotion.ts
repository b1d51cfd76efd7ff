import { isMap, parseDocument as parseYamlDocument } from "yaml";
import { analyseTypeScript } from "../../cells/analysis/typescript/analyse-typescript.ts";
import { unknownRelations } from "../../cells/analysis/unknown-relations.ts";
import { type Cell, type Document, findCell, lastingId } from "../../cells/document/document.ts";
import { changeSource } from "../../cells/document/edit-document.ts";
import { parseDocument } from "../../cells/document/parse-document.ts";
import { serializeDocument } from "../../cells/document/serialize-document.ts";
import { type JobSpec, targetOf } from "../../cells/jobs/job-spec.ts";
import type { FrozenVersion } from "../../cells/jobs/version.ts";
import { acceptGivenValue } from "../../cells/kinds/input/accept-input-value.ts";
import { closureOf } from "../../cells/session/closure.ts";
import { sessionGraph } from "../../cells/session/derived.ts";
import { inputSpecOf } from "../../cells/session/input-value.ts";
import type { SessionState } from "../../cells/session/state.ts";
import { isLiteralWindow, parseWindow } from "../../cells/time/window.ts";
import type { Contract } from "../../workspaces/contracts/contract.ts";
import { HttpError } from "../http-error.ts";
import { ownWindowsOf, promotionWarnings } from "./promotion-warnings.ts";

/** Of what a job may run without a window of its own, a KPI is the one that must wait for its labels. */
const KPI_WINDOW = "mature 4 weeks";

const LONG_UNITS: ReadonlySet<string> = new Set(["week", "month", "quarter", "year"]);
const DRAW_BY_HASH =
  "Draw by a hash of a key, such as hash(decision_id) % 100 < 5, or with a seed: USING SAMPLE reservoir(100 ROWS) REPEATABLE (1).";

export interface PromotionParts {
  /** The notebook's text as it stands, saved or not. @throws HttpError 404 */
  readonly textOf: (notebook: string) => Promise<string>;
  /** The session with every cell analysed; nothing is run. */
  readonly analyse: (notebook: string, text: string) => Promise<SessionState>;
  readonly contracts: readonly Contract[];
  /** The workspace's, IANA. */
  readonly zone: string;
  readonly packages: () => Promise<string | null>;
}

export interface Promotion {
  readonly frozen: FrozenVersion;
  /** What is frozen, in the order of the notebook. */
  readonly cells: readonly Cell[];
  readonly inputs: readonly { readonly name: string; readonly value: unknown; readonly default: unknown }[];
  /** KPI cells that show the newest units beside mature ones. */
  readonly matureKpis: readonly { readonly cell: string; readonly window: string }[];
  /** By id of a cell that measures: the window that its own text states. */
  readonly ownWindows: ReadonlyMap<string, string>;
  /** Modules that its TypeScript cells import. */
  readonly imports: readonly string[];
  /** A sentence for each relation that is not there. */
  readonly unknown: readonly string[];
  /** What whoever promotes should know; sentences. */
  readonly warnings: readonly string[];
}

/** What the job's next version would be if its notebook were promoted as it stands. @throws HttpError 422 where it cannot be */
export async function promotionOf(spec: JobSpec, parts: PromotionParts): Promise<Promotion> {
  const { notebook, cell: name } = targetOf(spec);
  const written = parseDocument(await parts.textOf(notebook)).document;
  const target = name === null ? null : targetCell(written, notebook, name);
  const asked = spec.window ?? written.frontMatter.window;
  const stated = asked !== null && isMature(asked) ? null : asked;
  const document = withKpiWindows(written, target, kpiWindow(spec.window ?? null, written.frontMatter.window));
  const state = await parts.analyse(notebook, serializeDocument(document));
  const id = name === null ? null : (findCell(state.document, target!.id)?.id ?? name);
  const closure = closureOf(state, id);
  const { cells } = parseDocument(closure.text).document;
  refuseProblems(state, notebook, cells);
  const inputs = inputsOf(cells, spec, notebook);
  const contracts = parts.contracts
    .filter(({ stream }) => reads(closure.relations, stream))
    .map((contract) => ({
      stream: contract.stream,
      hash: contract.hash,
      contract: JSON.parse(JSON.stringify(contract)),
    }));
  const usesPackages = cells.some(({ kind }) => kind === "ts");
  const frozen: FrozenVersion = {
    notebook,
    cell: name,
    text: closure.text,
    set: Object.fromEntries(inputs.map((input) => [input.name, JSON.parse(JSON.stringify(input.value))])),
    window: stated,
    zone: parts.zone,
    contracts,
    lock: usesPackages ? await parts.packages() : null,
  };
  const ownWindows = ownWindowsOf(cells);
  const unknown = unknownRelations(
    closure.relations,
    parts.contracts.map(({ stream }) => stream),
    document.cells.flatMap((cell) => (cell.name === null || cell.name === name ? [] : cell.name)),
  );
  return {
    ...{ frozen, cells, inputs, ownWindows, matureKpis: matureKpis(cells) },
    imports: importsOf(cells),
    unknown,
    warnings: promotionWarnings(frozen, cells, { ownWindows, asked: spec.window ?? null, unknown }),
  };
}

/** @throws HttpError 422 where the notebook has no such cell, or one that cannot run */
export function targetCell(document: Document, notebook: string, name: string): Cell {
  const found = document.cells.find((cell) => lastingId(cell) === name || cell.name === name);
  if (found === undefined)
    throw new HttpError(422, `run: ${notebook} has no cell "${name}".`, {
      hint: `It has ${document.cells.flatMap((cell) => cell.name ?? []).join(", ") || "no named cells"}.`,
    });
  if (found.kind === "prose" || found.kind === "input")
    throw new HttpError(
      422,
      `run: "${name}" is ${found.kind === "prose" ? "text" : "an input"}; there is nothing to run.`,
    );
  return found;
}

/** Only a KPI can tell which labels have arrived. */
function isMature(window: string): boolean {
  const read = parseWindow(window);
  return read.ok && read.window.type === "mature";
}

/**
 * For a kpi cell that states none: the job's own word counts. The notebook's window was written for reading, where the
 * newest labels may be missing: of its length, the newest whose labels have come. Null where the cell takes the job's.
 */
function kpiWindow(asked: string | null, ofNotebook: string | null): string | null {
  if (asked !== null) return isMature(asked) ? asked : null;
  if (ofNotebook === null) return KPI_WINDOW;
  const read = parseWindow(ofNotebook);
  if (!read.ok || isLiteralWindow(read.window)) return null;
  const { window } = read;
  if (window.type === "mature") return ofNotebook;
  const isCounted = window.type === "last" || window.type === "previous";
  // A figure over a day or two of labels is mostly chance.
  return isCounted && (LONG_UNITS.has(window.unit) || (window.unit === "day" && window.count >= 7))
    ? `mature ${window.count} ${window.unit}${window.count === 1 ? "" : "s"}`
    : KPI_WINDOW;
}

/** Of the job's own cell, or of all where the whole notebook runs. */
function withKpiWindows(document: Document, target: Cell | null, window: string | null): Document {
  let result = document;
  if (window === null) return result;
  for (const cell of document.cells) {
    if (cell.kind !== "kpi" || (target !== null && cell.id !== target.id)) continue;
    const yaml = parseYamlDocument(cell.source);
    if (!isMap(yaml.contents) || yaml.has("window")) continue;
    result = changeSource(result, cell.id, `${cell.source.trimEnd()}\nwindow: ${window}`);
  }
  return result;
}

function matureKpis(cells: readonly Cell[]): Promotion["matureKpis"] {
  return cells.flatMap((cell) => {
    const window = cell.kind === "kpi" ? parseYamlDocument(cell.source).get("window") : undefined;
    return typeof window === "string" && isMature(window) ? [{ cell: lastingId(cell), window }] : [];
  });
}

/** @throws HttpError 422 with the first problem of a cell that would be frozen */
function refuseProblems(state: SessionState, notebook: string, frozen: readonly Cell[]): void {
  const ids = new Set(frozen.map((cell) => cell.id));
  const { problems } = sessionGraph(state);
  for (const cell of state.document.cells) {
    const problem = problems.get(cell.id);
    if (!ids.has(lastingId(cell))) continue;
    const where = `${notebook}, cell "${lastingId(cell)}"`;
    if (problem !== undefined)
      throw new HttpError(422, `${where}: ${problem.problem.message}`, { hint: "Mend the cell, then promote again." });
    const [random] = state.analyses[cell.id]?.unseeded ?? [];
    if (random !== undefined)
      throw new HttpError(
        422,
        `${where}: ${random} draws anew each time, so a job's numbers could not be derived again.`,
        {
          hint: DRAW_BY_HASH,
        },
      );
  }
}

/** @throws HttpError 422 for a value that its input does not take, or a name that is no input */
function inputsOf(cells: readonly Cell[], spec: JobSpec, notebook: string): Promotion["inputs"] {
  const inputs = cells.filter(({ kind, name }) => kind === "input" && name !== null);
  for (const name of Object.keys(spec.set ?? {}))
    if (!inputs.some((input) => input.name === name))
      throw new HttpError(422, `set: nothing that runs reads an input "${name}" in ${notebook}.`, {
        hint: `It reads ${inputs.map((input) => input.name).join(", ") || "no inputs"}.`,
      });
  return inputs.map((cell) => {
    const input = inputSpecOf(cell);
    if (input === null) throw new HttpError(422, `The input "${cell.name}" has a problem in its text.`);
    const given = spec.set?.[cell.name!];
    if (given === undefined) return { name: cell.name!, value: input.default, default: input.default };
    const accepted = acceptGivenValue(input, given);
    if (!accepted.ok) throw new HttpError(422, `set: ${cell.name}: ${accepted.problem}.`);
    return { name: cell.name!, value: accepted.value, default: input.default };
  });
}

function importsOf(cells: readonly Cell[]): string[] {
  const found = cells.flatMap(({ kind, source }) => (kind === "ts" ? analyseTypeScript(source).imports : []));
  return [...new Set(found)];
}

/** What TypeScript measures is known only when it asks: then every stream counts as read. */
function reads(relations: readonly string[], stream: string): boolean {
  return relations.some((name) => name === "(measured)" || name === stream || name.startsWith(`${stream}.`));
}
