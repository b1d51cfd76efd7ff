import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MOST_OUTPUTS, type RunOutput, RunOutputs } from "../../../server/jobs/run-outputs.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "driftbook-outputs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const unreadable = (run: string, error: unknown): never => {
  throw new Error(`The output of ${run} could not be read.`, { cause: error });
};
const OUTPUT: RunOutput = { cells: [], runs: {} };
const files = async (): Promise<string[]> =>
  (await readdir(path.join(folder, ".driftbook"), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .sort();

test("an output is found as it was kept", async () => {
  const outputs = new RunOutputs(folder, unreadable);
  await outputs.keep("daily", "r1", OUTPUT);
  expect(await outputs.find("daily", "r1")).toEqual(OUTPUT);
  expect(await outputs.find("daily", "r2")).toBeNull();
});

test("an output that cannot be put in its place leaves nothing beside", async () => {
  const outputs = new RunOutputs(folder, unreadable);
  await mkdir(path.join(folder, ".driftbook", "runs", "jobs", "daily", "r1.json.gz"), { recursive: true });
  await expect(outputs.keep("daily", "r1", OUTPUT)).rejects.toThrow(/EISDIR/);
  expect(await files()).toEqual([]);
});

test("what a crash left half written goes when outputs are opened, and what is whole stays", async () => {
  const outputs = new RunOutputs(folder, unreadable);
  await outputs.keep("daily", "r1", OUTPUT);
  const [kept] = await files();
  const half = path.join(folder, ".driftbook", "runs", "jobs", ".writing", "r2.tmp");
  await writeFile(half, "half");
  expect(await files()).toHaveLength(2);
  const reopened = new RunOutputs(folder, unreadable);
  expect(await files()).toEqual([kept]);
  await reopened.keep("daily", "r2", OUTPUT);
  expect(await reopened.find("daily", "r2")).toEqual(OUTPUT);
});

test("the outputs that were written last stay, also that of a run that was asked for first and ended last", async () => {
  const outputs = new RunOutputs(folder, unreadable);
  const id = (at: number) => `r${String(at).padStart(4, "0")}`;
  for (let at = 1; at <= MOST_OUTPUTS; at += 1) await outputs.keep("daily", id(at), OUTPUT);
  await outputs.keep("daily", id(0), OUTPUT);
  expect(await files()).toHaveLength(MOST_OUTPUTS);
  expect([await outputs.find("daily", id(0)), await outputs.find("daily", id(1))]).toEqual([OUTPUT, null]);
});

test("an output that is held stays however old it is, until everybody has let it go", async () => {
  const outputs = new RunOutputs(folder, unreadable);
  const releases = [outputs.hold("first"), outputs.hold("first")];
  await outputs.keep("daily", "first", OUTPUT);
  for (let at = 0; at < MOST_OUTPUTS; at += 1) await outputs.keep("daily", `r${at}`, OUTPUT);
  releases[0]!();
  await outputs.keep("daily", "r-next", OUTPUT);
  expect(await outputs.find("daily", "first")).toEqual(OUTPUT);
  releases[1]!();
  await outputs.keep("daily", "r-last", OUTPUT);
  expect(await outputs.find("daily", "first")).toBeNull();
});
