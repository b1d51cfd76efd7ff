import { judgedReadings, type Reading, verdictOfReadings } from "../../cells/results/reading.ts";
import { withApi } from "./api.ts";
import {
  assignments,
  type Command,
  type ExitCode,
  type Invocation,
  textOption,
  textOptions,
  UsageError,
} from "./command.ts";
import { notebookOf } from "./notebook-argument.ts";
import { tableText } from "./print-table.ts";
import { writeTo } from "./write-file.ts";

interface CellOutcome {
  readonly id: string;
  readonly name: string | null;
  readonly kind: string;
  readonly status: "ok" | "error" | "skipped";
  readonly durationMillis: number;
  readonly readings: readonly Pick<Reading, "verdict" | "subject" | "reason" | "beside">[];
  readonly error?: { readonly message: string; readonly line?: number } | null;
}
interface Outcome {
  readonly verdict: Verdict;
  readonly durationMillis: number;
  readonly cells: readonly CellOutcome[];
}
type Verdict = "ok" | "warn" | "fail" | "no-data" | "error";
type Bar = "fail" | "warn" | "no-data";

export const runCommand: Command = {
  usage: [
    "driftbook run NOTEBOOK [--set NAME=VALUE]… [--window W] [--as-of TIME] [--json FILE|-] [--html FILE] [--fail-on fail|warn|no-data]",
  ],
  summary: "Run a notebook from top to bottom, without a browser",
  about: [
    "--json F|-   the results as JSON; - leaves stdout to it alone",
    "--html F     the notebook with its results as one file that loads nothing",
    "Exit codes: 1 a cell failed or the verdict is at or above --fail-on (default fail), 3 only data is missing",
  ],
  options: {
    set: { type: "string", multiple: true },
    window: { type: "string" },
    "as-of": { type: "string" },
    json: { type: "string" },
    html: { type: "string" },
    "fail-on": { type: "string" },
  },
  arguments: { min: 1, max: 1 },
  async run(invocation) {
    const { folder, notebook } = notebookOf(invocation, invocation.positionals[0]!);
    const bar = failOn(invocation);
    const [window, asOf, html] = ["window", "as-of", "html"].map((name) => textOption(invocation, name));
    return withApi(invocation, folder, async (api) => {
      const outcome = await api.ask<Outcome & { html?: string }>({
        method: "POST",
        path: `/api/notebooks/${encodeURIComponent(notebook)}/run`,
        json: {
          set: assignments(textOptions(invocation, "set"), "set"),
          ...(window === undefined ? {} : { window }),
          ...(asOf === undefined ? {} : { asOf }),
          ...(html === undefined ? {} : { html: true }),
        },
      });
      const { html: page, ...result } = outcome;
      if (html !== undefined) await writeTo(html, page!);
      const json = textOption(invocation, "json");
      if (json === "-") invocation.print(JSON.stringify(result, null, 2));
      else {
        if (json !== undefined) await writeTo(json, JSON.stringify(result, null, 2));
        invocation.print(summary(notebook, result));
      }
      return exitCode(result, bar);
    });
  },
};

function failOn(invocation: Invocation): Bar {
  const text = textOption(invocation, "fail-on") ?? "fail";
  if (text === "fail" || text === "warn" || text === "no-data") return text;
  throw new UsageError(`--fail-on "${text}" is none of fail, warn, no-data.`);
}

/** The order of verdicts is error > fail > no-data > warn > ok. */
export function exitCode(outcome: Pick<Outcome, "verdict" | "cells">, bar: Bar): ExitCode {
  if (outcome.cells.some((cell) => cell.status === "error")) return 1;
  switch (outcome.verdict) {
    case "error":
    case "fail":
      return 1;
    case "no-data":
      return bar === "fail" ? 3 : 1;
    case "warn":
      return bar === "warn" ? 1 : 0;
    case "ok":
      return 0;
  }
}

function summary(notebook: string, outcome: Outcome): string {
  const rows = outcome.cells.map((cell) => [
    // A cell that measured says how its readings stand.
    cell.status === "ok" && cell.readings.length > 0 ? verdictOfReadings(cell.readings) : cell.status,
    cell.kind,
    cell.name ?? cell.id,
    `${Math.round(cell.durationMillis)} ms`,
    problem(cell),
  ]);
  return `${tableText(["", "kind", "cell", "took", ""], rows)}\n${notebook}: ${outcome.verdict}, ${Math.round(outcome.durationMillis)} ms`;
}

function problem(cell: CellOutcome): string {
  if (cell.error === undefined || cell.error === null) return unmeasured(cell);
  return cell.error.line === undefined ? cell.error.message : `line ${cell.error.line}: ${cell.error.message}`;
}

/** What a monitoring cell could not measure, beside what it could. */
function unmeasured({ readings }: CellOutcome): string {
  const [first, ...more] = judgedReadings(readings).filter(({ verdict }) => verdict === "error");
  if (first === undefined) return "";
  const rest = more.length === 0 ? "" : ` (and ${more.length} more)`;
  return `${first.subject === null ? "" : `${first.subject}: `}${first.reason ?? "could not be measured"}${rest}`;
}
