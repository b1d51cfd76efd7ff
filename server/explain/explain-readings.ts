import { mkdir, rm } from "node:fs/promises";
import { diffLines } from "diff";
import { parseDocument } from "../../cells/document/parse-document.ts";
import type { Measurement } from "../../cells/results/measurement.ts";
import { type Reading, rounded, standingOf } from "../../cells/results/reading.ts";
import { compareInstants } from "../../cells/time/instant.ts";
import type { ExplainedStep, Explanation, ReadingLine } from "../../cells/wire/http-readings.ts";
import type { SqlEngine } from "../../kernels/engine/sql-engine.ts";
import type { Contract } from "../../workspaces/contracts/contract.ts";
import { mixedStatements, type RowCause } from "../../workspaces/views/compared-relations.ts";
import type { Workspace } from "../../workspaces/workspace.ts";
import type { Relations } from "../../workspaces/workspace-port.ts";
import { newScratchFolder } from "../engines.ts";
import { changedRows } from "./changed-rows.ts";
import { type Rung, type RungParts, type RungValue, valueAt } from "./rung.ts";

export interface Kept {
  readonly reading: Reading;
  readonly measurement: Measurement;
}

export interface ExplainParts extends RungParts {
  readonly folder: string;
  readonly workspace: Workspace;
  readonly newEngine: (scratchFolder: string, folders: readonly string[]) => SqlEngine;
  /** That measures now. */
  readonly program: Measurement["program"];
}

/** One way on: what is different from here on, and the value that comes of it. */
interface Way extends Pick<ExplainedStep, "cause" | "title"> {
  readonly rung: Rung;
  readonly relations: Pick<Relations, "statements" | "folders">;
  readonly rowCount?: number;
  readonly rows?: ExplainedStep["rows"];
  readonly lines?: ExplainedStep["lines"];
  readonly note?: string;
}

/**
 * Why one reading has another value than an earlier one. The kept cell is run again and again, each time with one part
 * more as the later reading had it, in the order of `cause`; what a part changes then is its change, so that all of
 * them add up to the difference. Another order would share the difference out in another way.
 */
export async function explainReadings(one: Kept, other: Kept, parts: ExplainParts): Promise<Explanation> {
  const later =
    compareInstants(one.reading.asOf, other.reading.asOf) ||
    compareInstants(dueAtOf(one.measurement), dueAtOf(other.measurement));
  const [from, to] = later <= 0 ? ([one, other] as const) : ([other, one] as const);
  const scratch = newScratchFolder(parts.folder);
  const held: { release(): void }[] = [];
  try {
    await mkdir(scratch, { recursive: true });
    const hold = <R extends { release(): void }>(relations: R): R => {
      held.push(relations);
      return relations;
    };
    const ways = await waysBetween(from, to, { ...parts, scratch, hold });
    return { from: lineOf(from), to: lineOf(to), steps: await walked(from, to, ways, parts) };
  } finally {
    for (const one of held) one.release();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The values along the ways. The first way only measures the earlier reading again. */
async function walked(from: Kept, to: Kept, ways: readonly Way[], parts: ExplainParts): Promise<ExplainedStep[]> {
  const steps: ExplainedStep[] = [];
  let last: RungValue = { value: from.reading.value, problem: null };
  const step = (way: Omit<Way, "rung" | "relations">, next: RungValue): void => {
    const { cause, title, rowCount = null, rows = [], lines = [], note = null } = way;
    const [before, after] = [last.value, next.value];
    const change = before === null || after === null ? null : rounded(after - before);
    // What is no cause by itself is told only where it changes something.
    const isQuiet = (cause === "program" || cause === "as-of") && before === after;
    if (!isQuiet)
      steps.push({ cause, title, note: next.problem ?? note, before, after, change, rowCount, rows: [...rows], lines });
    last = next;
  };
  for (const way of ways) step(way, await valueAt(way.rung, way.relations, parts));
  step({ cause: "program", ...again(to, parts) }, { value: to.reading.value, problem: null });
  return steps;
}

interface WayParts extends ExplainParts {
  readonly scratch: string;
  readonly hold: <R extends { release(): void }>(relations: R) => R;
}

async function waysBetween(from: Kept, to: Kept, parts: WayParts): Promise<Way[]> {
  const { workspace, hold } = parts;
  const ways: Way[] = [];
  let rung = rungOf(from, workspace);
  const goal = rungOf(to, workspace);
  let relations: Way["relations"] = hold(workspace.relationsUnder(rung.asOf, rung.contracts));
  const go = (way: Omit<Way, "rung" | "relations">, change: Partial<Rung>): void => {
    rung = { ...rung, ...change };
    ways.push({ ...way, rung, relations });
  };

  go({ cause: "program", ...again(from, parts) }, {});
  if (rung.version.hash !== goal.version.hash || rung.cell !== goal.cell) {
    const lines = differences(versionText(rung), versionText(goal));
    // Readings are looked up by what they are of; an edit may have renamed that.
    go(
      { cause: "version", title: "The cell, or what it reads, was edited", lines },
      { version: goal.version, notebook: goal.notebook, cell: goal.cell },
    );
  }
  if (JSON.stringify([rung.pick, rung.measured]) !== JSON.stringify([goal.pick, goal.measured])) {
    const lines = differences(pickText(rung), pickText(goal));
    go(
      { cause: "question", title: "Something else is measured", lines },
      { pick: goal.pick, window: goal.window, measured: goal.measured, dueAt: goal.dueAt },
    );
  }
  const changed = changedContracts(rung.contracts, goal.contracts);
  if (changed.length > 0) {
    relations = hold(workspace.relationsUnder(rung.asOf, goal.contracts));
    const text = (contracts: readonly Contract[]): string =>
      JSON.stringify(
        contracts.filter(({ stream }) => changed.includes(stream)),
        null,
        2,
      );
    const lines = differences(text(rung.contracts), text(goal.contracts));
    const title = `The contract of ${changed.join(" and of ")} changed`;
    go({ cause: "contract", title, lines }, { contracts: goal.contracts });
  }
  if (rung.asOf !== goal.asOf) {
    const streams = goal.contracts.map(({ stream }) => stream).filter((stream) => reads(stream, from, to));
    const compared = hold(workspace.compared(rung.asOf, goal.asOf, goal.contracts));
    const plain = hold(workspace.relationsUnder(rung.asOf, goal.contracts));
    const { causes, statements } = await differentRows(streams, compared, windowOf(goal), parts);
    const done: RowCause[] = [];
    for (const { cause, rowCount, rows } of causes) {
      done.push(cause);
      relations = {
        folders: [...compared.folders, parts.scratch],
        statements: [
          ...plain.statements,
          ...compared.statements,
          ...statements,
          ...streams.flatMap((stream) => mixedStatements(stream, done)),
        ],
      };
      go({ cause: cause.what, title: rowsTitle(cause, rowCount), rowCount, rows: [...rows] }, {});
    }
  }
  const [marksThen, marksNow] = [rung.marks, goal.marks].map(marksText);
  if (marksThen !== marksNow)
    go(
      { cause: "exclusions", title: "Other marks count", lines: differences(marksThen!, marksNow!) },
      { marks: goal.marks },
    );
  if (rung.asOf !== goal.asOf) {
    relations = hold(workspace.relationsUnder(goal.asOf, goal.contracts));
    const note = "How mature labels are, feedback that cells read by themselves, and rows outside the window.";
    go({ cause: "as-of", title: "What else a later as-of moves", note }, { asOf: goal.asOf, dueAt: goal.dueAt });
  } else if (rung.dueAt !== goal.dueAt) {
    const note = "The same is measured; other windows of the cell, or of what it reads, count from the due time.";
    go({ cause: "as-of", title: "What another due time moves", note }, { dueAt: goal.dueAt });
  }
  return ways;
}

/** In an engine of its own, which is gone before the cells run. */
async function differentRows(
  streams: readonly string[],
  compared: Pick<Relations, "statements" | "folders">,
  window: ReturnType<typeof windowOf>,
  { newEngine, scratch, signal }: WayParts,
): ReturnType<typeof changedRows> {
  if (streams.length === 0) return { statements: [], causes: [] };
  const engine = newEngine(scratch, compared.folders);
  try {
    await engine.start();
    return await changedRows(engine, compared.statements, streams, window, { folder: scratch, signal });
  } finally {
    await engine.close();
  }
}

function rungOf({ reading, measurement }: Kept, workspace: Workspace): Rung {
  // What was read has the contract of then, also where there is none any more; other streams have theirs of now.
  const contracts = new Map(workspace.contracts.present().map((contract) => [contract.stream, contract]));
  for (const { stream, contract } of measurement.contracts)
    if (contract !== null) contracts.set(stream, contract as unknown as Contract);
  const { metric, subject, slice, window } = reading;
  return {
    version: measurement.version,
    notebook: measurement.notebook,
    cell: measurement.cell,
    window: measurement.window,
    // What stands beside has a window of its own.
    measured: reading.beside === true ? reading.window : measurement.measured,
    pick: { metric, subject, slice, window },
    contracts: [...contracts.values()],
    asOf: measurement.asOf,
    dueAt: dueAtOf(measurement),
    marks: measurement.marks,
  };
}

const dueAtOf = ({ asOf, dueAt = asOf }: Measurement): string => dueAt;

/** Rows outside what is measured need not be told of; a drift's reference lies before its window. */
function windowOf({ version, cell, pick }: Rung): { readonly start: string; readonly end: string } | null {
  const { cells } = parseDocument(version.text).document;
  const own = cells.find(({ id }) => id === cell);
  if (own === undefined || pick.window === null) return null;
  if (cells.some((one) => one !== own && one.kind !== "input")) return null;
  const [start, end] = pick.window;
  return { start: own.kind === "drift" ? "0001-01-01T00:00:00Z" : start, end };
}

const reads = (stream: string, ...all: readonly Kept[]): boolean =>
  all.some(({ measurement }) => measurement.contracts.some((one) => one.stream === stream));

const changedContracts = (before: readonly Contract[], after: readonly Contract[]): string[] =>
  after
    .filter(({ stream, hash }) => before.find((one) => one.stream === stream)?.hash !== hash)
    .map((one) => one.stream);

const versionText = ({ cell, version: { text, set } }: Rung): string =>
  [`cell ${cell}`, ...Object.entries(set).map(([name, value]) => `${name} = ${JSON.stringify(value)}`), text].join(
    "\n",
  );

const pickText = ({ pick: { metric, subject, slice, window } }: Rung): string =>
  [
    `metric ${metric}`,
    ...(subject === null ? [] : [`column ${subject}`]),
    ...(slice === null ? [] : [`slice ${slice}`]),
    `window ${window === null ? "all of time" : window.join(" to ")}`,
  ].join("\n");

const marksText = (marks: Rung["marks"]): string =>
  marks
    .filter(({ excludes }) => excludes)
    .map(({ stream, window, note }) => `${stream} ${window.start} to ${window.end}: ${note}`)
    .join("\n");

function rowsTitle(cause: RowCause, count: number): string {
  const of = (one: string): string => `${count.toLocaleString("en-GB")} ${one}${count === 1 ? "" : "s"}`;
  switch (cause.what) {
    case "decisions-added":
      return `${of("decision")} came in`;
    case "decisions-withdrawn":
      return `${of("decision")} withdrawn`;
    case "labels-arrived":
      return cause.source === "silence"
        ? `${of("decision")} counted as settled by silence`
        : `${of("label")} arrived from ${cause.source}`;
    case "labels-changed":
      return `${of("label")} changed`;
  }
}

/** What stands between the stored value and the same run today. */
function again({ measurement: { program } }: Kept, { program: now }: ExplainParts): Pick<Way, "title" | "note"> {
  const same = program.driftbook === now.driftbook && program.engine === now.engine;
  return {
    title: same ? "Measured again, the value is another one" : "Measured again by another version of the program",
    note: same
      ? "Rows were retired or erased since, or a file or package that the cell reads changed. The stored value stays."
      : `${program.driftbook} on ${program.engine} then, ${now.driftbook} on ${now.engine} now.`,
  };
}

/** Lines that only one side has, with one line around; `-` and `+` first. */
function differences(before: string, after: string): string[] {
  const asLines = (text: string): string => (text === "" ? "" : `${text}\n`);
  return diffLines(asLines(before), asLines(after)).flatMap(({ value, added, removed }) => {
    const lines = value.split("\n").filter((line) => line.trim() !== "");
    if (added) return lines.map((line) => `+ ${line}`);
    if (removed) return lines.map((line) => `- ${line}`);
    const kept = lines.length <= 3 ? lines : [lines[0]!, "…", lines.at(-1)!];
    return kept.map((line) => `  ${line}`);
  });
}

function lineOf({ reading, measurement }: Kept): ReadingLine {
  const { id, metric, subject, slice, window, asOf, value, lower, upper, n, verdict, provisional } = reading;
  const { notebook, cell, madeAt, version } = measurement;
  const base = { id, notebook, cell, metric, subject, slice, window, asOf, value, lower, upper, n, verdict, madeAt };
  return { ...base, provisional, version: version.hash, standing: standingOf(reading) };
}
