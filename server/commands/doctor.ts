import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import type { Replayed } from "../../cells/wire/http-jobs.ts";
import type { WorkspaceView } from "../../cells/wire/http-workspace.ts";
import { run } from "../../kernels/lifecycle/spawn.ts";
import { denoBinary } from "../../kernels/typescript/deno-binary.ts";
import { type Api, withApi } from "./api.ts";
import { type Command, type Invocation, UsageError } from "./command.ts";
import { jobChecks } from "./doctor-jobs.ts";

export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  readonly hint: string | null;
}

export const doctorCommand: Command = {
  usage: ["driftbook doctor [DIR] [--replay]"],
  summary: "What is installed, what is wrong, what to do",
  about: [
    "--replay   repeats the last run of every job and says whose readings are other ones",
    "Exit code 1 when something is wrong.",
  ],
  options: { replay: { type: "boolean" } },
  arguments: { min: 0, max: 1 },
  async run(invocation) {
    const checks = [node(), await deno(), ...(await workspaceChecks(invocation))];
    if (invocation.json) invocation.print(JSON.stringify(checks));
    else
      for (const { what, ok, found, hint } of checks)
        invocation.print(`${ok ? "ok     " : "wrong  "}${what}: ${found}${hint === null ? "" : `\n       ${hint}`}`);
    return checks.every(({ ok }) => ok) ? 0 : 1;
  },
};

function node(): Check {
  const ok = Number(process.versions.node.split(".")[0]) >= 24;
  return {
    what: "Node",
    ok,
    found: process.version,
    hint: ok ? null : "Run npm ci again, with optional dependencies.",
  };
}

async function deno(): Promise<Check> {
  try {
    const { stdout } = await run(denoBinary(), ["--version"], { env: { NO_COLOR: "1" }, timeoutMillis: 10_000 });
    return { what: "Deno", ok: true, found: String(stdout).split("\n")[0] ?? "", hint: null };
  } catch (error) {
    return { what: "Deno", ok: false, found: messageOf(error), hint: "TypeScript cells need it; SQL cells do not." };
  }
}

async function workspaceChecks(invocation: Invocation): Promise<Check[]> {
  let folder: string;
  try {
    folder = invocation.workspace(invocation.positionals[0]);
  } catch (error) {
    if (!(error instanceof UsageError) || invocation.positionals[0] !== undefined) throw error;
    return [{ what: "Workspace", ok: true, found: "none here", hint: "Name one: driftbook doctor DIR" }];
  }
  const disk = await statfs(folder);
  const checks: Check[] = [
    { what: "Workspace", ok: existsSync(path.join(folder, "driftbook.yaml")), found: folder, hint: null },
    { what: "Free disk", ok: true, found: `${((disk.bavail * disk.bsize) / 1e9).toFixed(1)} GB`, hint: null },
  ];
  try {
    await withApi(invocation, folder, async (api) => {
      checks.push({ what: "Server", ok: true, found: api.beside ? "running" : "not running", hint: null });
      const answer = await api.send({ method: "POST", path: "/api/query", json: { sql: "SELECT version() AS v" } });
      const [row] = JSON.parse(answer.bytes.toString("utf8")) as { v: string }[];
      checks.push({ what: "SQL engine", ok: true, found: `DuckDB ${row?.v}`, hint: null });
      await api.ask({ method: "POST", path: "/api/storage/verify", json: {} });
      const view = await api.ask<WorkspaceView>({ method: "GET", path: "/api/workspace" });
      for (const { message, where, hint } of view.problems)
        checks.push({ what: where, ok: false, found: message, hint });
      for (const { name, decisions, feedback, quarantined } of view.streams)
        checks.push({
          what: `Stream ${name}`,
          ok: true,
          found: `${decisions} decisions, ${feedback} feedback, ${quarantined} in quarantine`,
          hint: null,
        });
      checks.push(...(await jobChecks(api)));
      if (invocation.values.replay === true) checks.push(...(await replayChecks(api)));
      return 0;
    });
  } catch (error) {
    checks.push({ what: "Workspace", ok: false, found: messageOf(error), hint: null });
  }
  return checks;
}

async function replayChecks(api: Api): Promise<Check[]> {
  const { jobs } = await api.ask<Replayed>({ method: "POST", path: "/api/jobs/replay", json: {} });
  return jobs.map(({ name, run, replay, same, reason }) => ({
    what: `Job ${name}`,
    ok: same,
    found: same ? `its last run ${run} gives the same readings, byte for byte` : (reason ?? "other readings"),
    hint: same ? null : `Compare ${run} and ${replay} on the job's page.`,
  }));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
