import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { nodePath } from "../../bin/node-path.js";
import { startServer } from "../support/server.ts";
import { workspaceFolder } from "../support/workspace-folder.ts";
import { type Block, readBlocks } from "./read-commands.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const python = ["python3", "python"].find((name) => spawnSync(name, ["--version"]).status === 0) ?? null;

/** A PATH on which `driftbook` is this checkout's program, as it is for a user who installed it. */
async function pathWithDriftbook(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-path-"));
  const script = `#!/bin/sh\nexec "${nodePath()}" "${path.join(ROOT, "bin/driftbook.js")}" "$@"\n`;
  await writeFile(path.join(folder, "driftbook"), script, { mode: 0o755 });
  return `${folder}:${path.dirname(nodePath())}:${process.env.PATH ?? ""}`;
}

function toShell(block: Block): string {
  const file = /file=(\S+)/.exec(block.attributes)?.[1];
  if (block.language === "sh") return block.text;
  if (file === undefined) return "";
  const run = block.language === "python" ? python : "node --disable-warning=ExperimentalWarning";
  const write = `cat > ${file} <<'END_OF_FILE'\n${block.text}\nEND_OF_FILE\n`;
  return run === null ? `${write}echo "skipped ${file}: no Python on this machine" >&2` : `${write}${run} ${file}`;
}

/** Runs a document's commands as one shell session, stopping at the first that fails. */
async function runDocument(name: string, cwd: string, env: Record<string, string>): Promise<string> {
  const blocks = readBlocks(await readFile(path.join(ROOT, "docs", name), "utf8"));
  const script = blocks.map((block) => `echo "## ${name}:${block.line}"\n${toShell(block)}`).join("\n");
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-eu", "-o", "pipefail", "-c", script], {
      cwd,
      env: { PATH: env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (piece: string) => {
        output += piece;
      });
    child.once("close", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${name} ended with ${code}:\n${output}`)),
    );
  });
}

describe("the documents' commands", () => {
  test("the tutorial works from an empty folder to a notebook", async () => {
    const cwd = await mkdtemp(path.join(tmpdir(), "driftbook-tutorial-"));
    const output = await runDocument("tutorial.md", cwd, { PATH: await pathWithDriftbook() });
    expect(output).toMatch(/3 duplicates|duplicates\D+3/);
    expect(output).toContain("review");
  });

  test("the monitoring guide works from an empty folder", async () => {
    const cwd = await mkdtemp(path.join(tmpdir(), "driftbook-monitoring-"));
    expect(await runDocument("monitoring.md", cwd, { PATH: await pathWithDriftbook() })).toContain("drift");
  });

  test("the ingest guide works against a running server", async () => {
    const server = await startServer();
    try {
      const output = await runDocument("ingest.md", server.folder, {
        PATH: await pathWithDriftbook(),
        DRIFTBOOK_URL: server.origin,
      });
      expect(output).toContain("2 accepted, 0 duplicates, 0 quarantined");
    } finally {
      await server.stop();
    }
  });

  test("operations and security work in a workspace with a server", async () => {
    const server = await startServer();
    try {
      const env = { PATH: await pathWithDriftbook() };
      expect(await runDocument("security.md", server.folder, env)).toContain("ingest:card_fraud");
      await runDocument("operations.md", server.folder, env);
    } finally {
      await server.stop();
    }
  });

  test("the guide of jobs works in a workspace without a server", async () => {
    const folder = await workspaceFolder();
    const output = await runDocument("jobs.md", folder, { PATH: await pathWithDriftbook() });
    expect(output).toContain("version 2");
    expect(output).toMatch(/-\s+"bound": 0.2[\s\S]+\+\s+"bound": 0.3/);
    expect(output).toContain("version 3 is in force, which equals version 1");
    expect(output).toContain("the same readings, byte for byte");
  });

  test("the guide of alerts works in a workspace with a server", async () => {
    const server = await startServer();
    try {
      const output = await runDocument("alerts.md", server.folder, { PATH: await pathWithDriftbook() });
      expect(output).toMatch(/firing +Rows of load/);
      expect(output).toContain("would resolve it");
      expect(output).toMatch(/is closed as known-event\. It is mark \w+ on card_fraud/);
    } finally {
      await server.stop();
    }
  });

  test("the guide of reports works in a workspace without a server", async () => {
    const cell = "```sql name=total\nSELECT count(*) AS n FROM card_fraud.decisions\n```\n";
    const folder = await workspaceFolder({ "weekly.nb.md": `---\ndriftbook: 1\n---\n# Cards\n\n${cell}` });
    const output = await runDocument("reports.md", folder, { PATH: await pathWithDriftbook() });
    expect(output).toContain("/r/cards-weekly/1: revision 1");
    expect(output).toContain("is withdrawn and its links are revoked");
    expect(await readdir(folder)).toEqual(expect.arrayContaining(["weekly.html", "weekly.md", "weekly.ipynb"]));
  });

  test("the notebook guide runs a notebook", async () => {
    const notebook = await readFile(path.join(ROOT, "examples/card-fraud/fraud.nb.md"), "utf8");
    const contract = await readFile(path.join(ROOT, "examples/card-fraud/streams/card_fraud.yaml"), "utf8");
    const folder = await workspaceFolder({ "streams/card_fraud.yaml": contract, "fraud.nb.md": notebook });
    await mkdir(path.join(folder, "data"), { recursive: true });
    await runDocument("notebooks.md", folder, { PATH: await pathWithDriftbook() });
    expect(await readdir(folder)).toContain("fraud.html");
  });
});
