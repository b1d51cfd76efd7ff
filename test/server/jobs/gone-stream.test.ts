import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Applied, Job, VersionList } from "../../../cells/wire/http-jobs.ts";
import { promote, runNow } from "../../support/monitored-job.ts";
import { driftbook, startServer, type TestServer } from "../../support/server.ts";
import { CARD_CONTRACT } from "../../support/workspace-folder.ts";

const CHECK = "```yaml check name=loans\nfrom: loan\nfail: {rows: {min: 1}}\n```\n";
const GONE = 'The stream "loan" is gone: bring streams/loan.yaml back, or promote the notebook without it.';
const SPEC = { run: "watch.nb.md#loans", schedule: "0 6 * * *" };

let server: TestServer;
let contract: string;
const job = () => server.ask<Job>("/api/jobs/loans");

beforeAll(async () => {
  server = await startServer({
    files: {
      "watch.nb.md": `---\ndriftbook: 1\n---\n${CHECK}`,
      "streams/loan.yaml": CARD_CONTRACT.replace("card_fraud", "loan"),
    },
  });
  contract = path.join(server.folder, "streams", "loan.yaml");
  await promote(server, "loans", SPEC);
});
afterAll(() => server?.stop());

/** What changed on disk is seen a moment later. */
async function until(is: (seen: Job) => boolean): Promise<Job> {
  for (;;) {
    const seen = await job();
    if (is(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("a job whose stream is gone says so where it is listed, and keeps its version", async () => {
  await rename(contract, `${contract}.away`);
  expect(await until(({ problem }) => problem !== null)).toMatchObject({
    problem: GONE,
    textChanged: false,
    contractsChanged: [],
    version: 1,
  });
  expect((await runNow(server, "loans")).run).toMatchObject({ state: "failed", reason: GONE });

  const refused = await server.request("/api/jobs/loans", { method: "PUT", json: { spec: SPEC } });
  expect(refused.status).toBe(422);
  const { detail, hint } = (await refused.json()) as { detail: string; hint: string };
  expect(detail).toBe(
    'There is no relation "loan": no stream, and no cell of this notebook. Version 1 stays in force.',
  );
  expect(hint).toContain("Bring back what it reads");
  expect((await server.ask<VersionList>("/api/jobs/loans/versions")).versions).toHaveLength(1);
  const lint = await driftbook(["lint"], { cwd: server.folder });
  expect(lint.stdout).not.toContain("did you mean loans");

  await rename(`${contract}.away`, contract);
  await until(({ problem }) => problem === null);
});

test("another contract is no other text, another text is", async () => {
  const changed = CARD_CONTRACT.replace("card_fraud", "loan").replace("lateness: 1 hour", "lateness: 2 hours");
  await writeFile(contract, changed);
  const { results } = await server.ask<Applied>("/api/jobs/apply", { method: "POST", json: {} });
  expect(results).toMatchObject([{ name: "loans", change: "unchanged" }]);
  expect(await until(({ contractsChanged }) => contractsChanged.length > 0)).toMatchObject({
    textChanged: false,
    contractsChanged: ["loan"],
  });
  const listed = await driftbook(["job", "list"], { cwd: server.folder });
  expect(listed.stdout).toContain("1 (contract of loan has changed since)");
  await writeFile(
    path.join(server.folder, "watch.nb.md"),
    `---\ndriftbook: 1\n---\n${CHECK.replace("min: 1", "min: 2")}`,
  );
  expect(await until(({ textChanged }) => textChanged)).toMatchObject({ problem: null });
});
