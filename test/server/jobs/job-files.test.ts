import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { JobFiles } from "../../../server/jobs/job-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "driftbook-job-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("what a crash left of a file that was written goes when jobs are opened; other hidden files are somebody's own", async () => {
  const jobs = path.join(folder, "jobs");
  await mkdir(jobs);
  for (const name of [".daily.yaml.0123456789ab.tmp", ".daily.yaml.tmp", ".gitkeep", "daily.yaml"])
    await writeFile(path.join(jobs, name), "run: a.nb.md\n");
  const files = new JobFiles(folder);
  expect((await readdir(jobs)).sort()).toEqual([".daily.yaml.tmp", ".gitkeep", "daily.yaml"]);
  expect(await files.names()).toEqual(["daily"]);
});

test("a workspace without jobs has no names", async () => {
  expect(await new JobFiles(folder).names()).toEqual([]);
});
