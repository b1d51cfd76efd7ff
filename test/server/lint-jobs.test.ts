import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { parseDocument } from "../../cells/document/parse-document.ts";
import { lintJobs } from "../../server/lint-jobs.ts";
import { driftbook } from "../support/server.ts";
import { workspaceFolder } from "../support/workspace-folder.ts";

const NOTEBOOK = `---
driftbook: 1
---
\`\`\`yaml input name=cut
type: number
default: 0.5
min: 0
max: 1
\`\`\`

\`\`\`sql name=counted
SELECT count(*) AS n FROM range(3) WHERE range >= \${cut}
\`\`\`
`;
const job = (run: string, more = ""): string => `run: ${run}\nschedule: every day at 06:00\n${more}`;

test("a job is held against the notebook that it runs", async () => {
  const files = {
    "jobs/fine.yaml": job("a.nb.md#counted", "set: {cut: 0.25}\n"),
    "jobs/whole.yaml": job("a.nb.md"),
    "jobs/gone.yaml": job("b.nb.md"),
    "jobs/cell.yaml": job("a.nb.md#countd"),
    "jobs/input.yaml": job("a.nb.md#counted", "set: {ctu: 1}\n"),
    "jobs/value.yaml": job("a.nb.md#counted", "set: {cut: 7}\n"),
    "jobs/told.yaml": job("a.nb.md", "alert: {to: [team, taem]}\n"),
    "jobs/unknown.yaml": job("a.nb.md", "version: 3f9c\n"),
    "jobs/never.yaml": "run: a.nb.md\nschedule: 0 0 31 2 *\n",
  };
  const folder = await workspaceFolder({ "a.nb.md": NOTEBOOK, ...files });
  const { files: count, findings } = await lintJobs(folder, {
    notebooks: new Map([["a.nb.md", parseDocument(NOTEBOOK).document]]),
    destinations: ["team"],
    unknownVersion: async (name, { version }) => (version === undefined ? null : `${name}: ${version} is unknown`),
  });
  expect(count).toBe(9);
  const said = Object.fromEntries(findings.map(({ file, message }) => [file.slice(5, -5), message]));
  expect(Object.keys(said).toSorted()).toEqual(["cell", "gone", "input", "never", "told", "unknown", "value"]);
  expect(said.gone).toContain('there is no notebook "b.nb.md"');
  expect(said.cell).toContain("did you mean counted?");
  expect(said.input).toContain("did you mean cut?");
  expect(said.value).toContain("set: cut: ");
  expect(said.told).toBe('alert.to: driftbook.yaml has no destination "taem"; did you mean team?');
  expect(said.unknown).toBe("unknown: 3f9c is unknown");
  expect(findings.find(({ file }) => file === "jobs/never.yaml")).toMatchObject({ line: 2 });

  const linted = await driftbook(["lint"], { cwd: folder });
  expect(linted.code).toBe(1);
  expect(linted.stdout).toContain("jobs/never.yaml:2: schedule: ");
  const words = "version: 3f9c is not in this workspace, and the notebook now gives";
  expect(linted.stdout).toMatch(new RegExp(`^jobs/unknown.yaml: ${words} [0-9a-f]{16}\\. Remove the line`, "m"));
  // What the notebook does give is no unknown version, though nobody took the file up: as in a fresh checkout.
  const given = new RegExp(`${words} ([0-9a-f]{16})`).exec(linted.stdout)![1]!;
  await writeFile(path.join(folder, "jobs", "unknown.yaml"), job("a.nb.md", `version: ${given}\n`));
  expect((await driftbook(["lint"], { cwd: folder })).stdout).not.toContain("unknown.yaml");
  await rm(folder, { recursive: true, force: true });
});

test("cells that read what is not there are found, and who promotes them is told", async () => {
  const text = `---\ndriftbook: 1\n---\n\`\`\`yaml check name=load\nfrom: card_frauds\nfail: {rows: {min: 1}}\n\`\`\`\n`;
  const folder = await workspaceFolder({ "gone.nb.md": text });
  const linted = await driftbook(["lint"], { cwd: folder });
  const words = 'There is no relation "card_frauds": no stream, and no cell of this notebook; did you mean card_fraud?';
  expect(linted).toMatchObject({ code: 1, stdout: expect.stringContaining(`gone.nb.md (load): ${words}`) });
  const job = ["job", "promote", "load", "--run", "gone.nb.md#load", "--schedule", "every day at 06:00"];
  const promoted = await driftbook(job, { cwd: folder });
  expect(promoted.code).toBe(0);
  expect(promoted.stderr).toContain(`${words} Until there is, every run fails.`);
  await rm(folder, { recursive: true, force: true });
});

test("a workspace without jobs has none", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-jobs-"));
  expect(await lintJobs(folder, { notebooks: new Map(), destinations: [], unknownVersion: async () => null })).toEqual({
    files: 0,
    findings: [],
  });
  await rm(folder, { recursive: true, force: true });
});
