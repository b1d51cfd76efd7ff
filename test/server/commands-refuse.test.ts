import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandResult, driftbook, startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  await rm(server.folder, { recursive: true, force: true });
});
const run = (...words: string[]): Promise<CommandResult> => driftbook(words, { cwd: server.folder });

test("what cannot be written is said in a sentence, and nothing is written over", async () => {
  const kept = path.join(server.folder, "kept.zip");
  await writeFile(kept, "mine");
  for (const [out, words] of [
    ["nowhere/x.csv", '"nowhere/x.csv" cannot be written: there is no folder "nowhere".'],
    ["streams", '"streams" cannot be written: it is a folder.'],
    ["kept.zip/x.csv", '"kept.zip/x.csv" cannot be written: there is no folder "kept.zip".'],
  ])
    expect(await run("query", "SELECT 1 AS one", "--format", "csv", "--out", out!)).toMatchObject({
      ...{ code: 2, stdout: "", stderr: `${words}\n` },
    });
  expect(await readFile(kept, "utf8")).toBe("mine");
});

test("a workspace that is in use, and a token that is no secret, are refused without a stack", async () => {
  const second = await run("serve", ".", "--port", "0");
  expect(second.code).toBe(2);
  expect(second.stderr).toMatch(
    /^The workspace .* is in use by process \d+\. Stop it first, or use it through its server\.\n$/,
  );
});

test("what belongs to a job that never was is refused, not empty", async () => {
  for (const verb of ["ticks", "runs", "versions"])
    expect(await run("job", verb, "nobody")).toMatchObject({
      ...{ code: 2, stdout: "", stderr: 'There is no job "nobody". The workspace has no jobs yet.\n' },
    });
});

test("misspelt options of an address are refused by the name that the command knows", async () => {
  const { code, stderr } = await run("job", "runs", "nobody", "--limit", "0");
  expect([code, stderr]).toEqual([2, "limit: expected at least 1, not 0\n"]);
  const answer = await server.request("/api/jobs/nobody/run", { method: "POST", json: { windo: "yesterday" } });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ detail: 'body.windo: there is no such key. Did you mean "window"?' });
});
