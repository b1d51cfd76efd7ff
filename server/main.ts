import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { nearest } from "../cells/yaml/nearest.ts";
import { WorkspaceInUse } from "../workspaces/workspace-lock.ts";
import { type Command, type ExitCode, type Invocation, UsageError } from "./commands/command.ts";
import { findWorkspace } from "./commands/find-workspace.ts";
import { COMMANDS } from "./commands/table.ts";
import { readConfiguration } from "./configuration.ts";

const commands: Readonly<Record<string, Command>> = COMMANDS;

/** The command line: one file per command in commands/, found in one table. Answers with the exit code. */
async function main(words: readonly string[]): Promise<ExitCode> {
  const configuration = readConfiguration();
  const [name, ...rest] = words;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version") {
    process.stdout.write(`${configuration.version}\n`);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const near = nearest(name, Object.keys(commands));
    throw new UsageError(
      `There is no command "${name}".${near === null ? "" : ` Did you mean "${near}"?`} driftbook --help lists them.`,
    );
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(help(command));
    return 0;
  }
  const { values, positionals } = parse(command, rest);
  const { min, max } = command.arguments;
  if (positionals.length < min || positionals.length > max)
    throw new UsageError(
      `${positionals.length === 0 ? "Arguments are missing" : `"${positionals.join(" ")}" is not what ${name} takes`}.\n${help(command)}`,
    );
  const invocation: Invocation = {
    positionals,
    values,
    json: values.json === true || (typeof values.json === "string" && values.json !== ""),
    configuration,
    workspace: (from) =>
      findWorkspace(typeof values.workspace === "string" ? values.workspace : (from ?? process.cwd())),
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
  };
  return command.run(invocation);
}

function parse(command: Command, rest: readonly string[]) {
  const options = { json: { type: "boolean" }, workspace: { type: "string" }, ...command.options } as const;
  try {
    return parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = /Unknown option '--?([^']+)'/.exec((error as Error).message)?.[1];
    const near = unknown === undefined ? null : nearest(unknown, Object.keys(options));
    const what = unknown === undefined ? (error as Error).message : `There is no option --${unknown}.`;
    throw new UsageError(`${what}${near === null ? "" : ` Did you mean --${near}?`}\n${help(command)}`, error);
  }
}

function help(command: Command): string {
  const lines = [...command.usage, `  ${command.summary}.`, ...command.about.map((line) => `  ${line}`)];
  return `${lines.join("\n")}\n`;
}

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, command]) => `  ${name.padEnd(width)}  ${command.summary}`);
  return `Driftbook: notebooks and monitoring for automated decisions\n\ndriftbook COMMAND [--workspace DIR] [--json]\n${lines.join("\n")}\n\ndriftbook COMMAND --help says more. Exit codes: 0 fine, 1 failed, 2 wrong usage or unreadable input, 3 no data.\n`;
}

// What reads our output may go away (`driftbook query … | head`): that is its right and no failure of ours.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 2;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof UsageError || error instanceof WorkspaceInUse || error.name === "ApiError") return error.message;
  const file = path.basename(process.argv[1] ?? "driftbook");
  return `${file}: ${error.message}\n${error.stack ?? ""}`;
}
