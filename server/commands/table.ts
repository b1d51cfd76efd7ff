import { alertCommand } from "./alert.ts";
import { backupCommand } from "./backup.ts";
import type { Command } from "./command.ts";
import { doctorCommand } from "./doctor.ts";
import { evidenceCommand } from "./evidence.ts";
import { explainCommand } from "./explain.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { importsCommand } from "./imports.ts";
import { ingestCommand } from "./ingest.ts";
import { initCommand } from "./init.ts";
import { jobCommand } from "./job.ts";
import { keyCommand } from "./key.ts";
import { lintCommand } from "./lint.ts";
import { markCommand } from "./mark.ts";
import { quarantineCommand } from "./quarantine.ts";
import { queryCommand } from "./query.ts";
import { reportCommand } from "./report.ts";
import { restoreCommand } from "./restore.ts";
import { runCommand } from "./run.ts";
import { serveCommand } from "./serve.ts";
import { streamCommand } from "./stream.ts";

/** Every command, in the order in which `--help` lists them. */
export const COMMANDS = {
  serve: serveCommand,
  init: initCommand,
  run: runCommand,
  query: queryCommand,
  ingest: ingestCommand,
  imports: importsCommand,
  quarantine: quarantineCommand,
  stream: streamCommand,
  job: jobCommand,
  mark: markCommand,
  alert: alertCommand,
  explain: explainCommand,
  report: reportCommand,
  export: exportCommand,
  import: importCommand,
  evidence: evidenceCommand,
  key: keyCommand,
  backup: backupCommand,
  restore: restoreCommand,
  lint: lintCommand,
  doctor: doctorCommand,
} as const satisfies Readonly<Record<string, Command>>;
