import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { z } from "zod";
import type { DryRunView, ImportView, importAnswer } from "../../cells/wire/http-streams.ts";
import { withApi } from "./api.ts";
import { type Command, type Invocation, textOption, UsageError } from "./command.ts";
import { tableText } from "./print-table.ts";

export const ingestCommand: Command = {
  usage: ["driftbook ingest STREAM decisions|feedback FILE… [--select FILE.sql] [--history] [--dry-run]"],
  summary: "Load NDJSON, JSON, CSV or Parquet files into a stream, as one import",
  about: [
    "--select F.sql  one SELECT over the relation input that yields the stream's columns",
    "--history       the rows were known to the source when they happened, not only now",
    "--dry-run       says what would happen, and writes nothing",
  ],
  options: { select: { type: "string" }, history: { type: "boolean" }, "dry-run": { type: "boolean" } },
  arguments: { min: 3, max: 10_000 },
  async run(invocation) {
    const [stream, log, ...files] = invocation.positionals as [string, string, ...string[]];
    if (log !== "decisions" && log !== "feedback") throw new UsageError(`"${log}" is neither decisions nor feedback.`);
    const selectFile = textOption(invocation, "select");
    const json = {
      log,
      files: files.map(readable),
      ...(selectFile === undefined ? {} : { select: readFileSync(readable(selectFile), "utf8") }),
      history: invocation.values.history === true,
      dryRun: invocation.values["dry-run"] === true,
    };
    return withApi(invocation, invocation.workspace(), async (api) => {
      const answer = await api.ask<z.infer<typeof importAnswer>>({
        method: "POST",
        path: `/api/streams/${encodeURIComponent(stream)}/imports`,
        json,
      });
      if (invocation.json) invocation.print(JSON.stringify("dryRun" in answer ? answer.dryRun : answer.import));
      else if ("dryRun" in answer) printDryRun(invocation, answer.dryRun);
      else invocation.print(importText(answer.import));
      return 0;
    });
  },
};

/** The absolute path. Checked here, so that a slip is told before anything starts. */
function readable(file: string): string {
  const absolute = path.resolve(file);
  if (!existsSync(absolute)) throw new UsageError(`There is no file "${file}".`);
  return absolute;
}

function printDryRun(invocation: Invocation, dry: DryRunView): void {
  invocation.print(
    `Would accept ${dry.accepted}, find ${dry.duplicates} duplicates, and quarantine ${dry.quarantined}. Nothing was written.`,
  );
  if (dry.from !== null) invocation.print(`Times from ${dry.from} to ${dry.to}.`);
  if (dry.reasons.length > 0)
    invocation.print(
      `\n${tableText(
        ["count", "reason"],
        dry.reasons.map((one) => [one.count, one.reason]),
      )}`,
    );
  const names = dry.columns.map((column) => column.name);
  invocation.print(
    `\n${tableText(
      names,
      dry.rows.map((row) => names.map((name) => row[name])),
    )}`,
  );
}

function importText(done: ImportView): string {
  return `Import ${done.id}: ${done.accepted} accepted, ${done.duplicates} duplicates, ${done.quarantined} quarantined.`;
}
