import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { create } from "tar";
import { expect, test } from "vitest";
import { driftbook, startServer } from "../../support/server.ts";
import { decision } from "../../support/workspace-folder.ts";

test("a backup taken while events come in restores to every event that was acknowledged before it", async () => {
  const server = await startServer({ files: { "a.nb.md": "# A\n" } });
  const place = await mkdtemp(path.join(tmpdir(), "driftbook-backup-"));
  const acknowledged: string[] = [];
  let sending = true;
  const send = (async () => {
    for (let batch = 0; sending; batch++) {
      const ids = Array.from({ length: 20 }, (_, i) => `t-${batch}-${i}`);
      const answer = await server.request("/api/streams/card_fraud/decisions", {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body: ids.map((id) => JSON.stringify(decision(id))).join("\n"),
      });
      if (answer.status === 200) acknowledged.push(...ids);
    }
  })();
  await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(500);
  const before = [...acknowledged];
  const file = path.join(place, "backup.tgz");
  const made = await driftbook(["backup", file, "--workspace", server.folder]);
  sending = false;
  await send;
  await server.stop();
  expect(made).toMatchObject({ code: 0 });
  expect((await driftbook(["backup", file, "--workspace", server.folder])).code).toBe(2);

  const restored = path.join(place, "restored");
  expect(await driftbook(["restore", file, restored])).toMatchObject({ code: 0 });
  expect(await readFile(path.join(restored, "a.nb.md"), "utf8")).toBe("# A\n");
  const again = await startServer({ folder: restored });
  try {
    const ids = async () => {
      const rows = await again.ask<{ decision_id: string }[]>("/api/query", {
        method: "POST",
        json: { sql: "SELECT decision_id FROM card_fraud.decisions" },
      });
      return rows.map((row) => row.decision_id);
    };
    await expect
      .poll(async () => new Set(before.concat(await ids())).size === new Set(await ids()).size, { timeout: 10_000 })
      .toBe(true);
    const found = await ids();
    expect(new Set(found).size).toBe(found.length);
  } finally {
    await again.stop();
  }
  expect((await driftbook(["restore", file, restored])).stderr).toContain("is not empty");
});

test("what is no backup, or a damaged one, is refused and leaves nothing behind", async () => {
  const place = await mkdtemp(path.join(tmpdir(), "driftbook-backup-"));
  const target = path.join(place, "target");
  const file = path.join(place, "x.tgz");
  await writeFile(file, "no archive at all");
  expect(await driftbook(["restore", file, target])).toMatchObject({ code: 2 });
  await writeFile(path.join(place, "evil.txt"), "x");
  await create({ file, cwd: path.join(place), gzip: true, preservePaths: true, prefix: "../../up" }, ["evil.txt"]);
  const refused = await driftbook(["restore", file, target]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/no backup|damaged/);
  expect((await driftbook(["restore", path.join(place, "absent"), target])).stderr).toContain("There is no backup");
});
