import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import type { Run } from "../../cells/wire/http-jobs.ts";
import { openLog } from "../../server/log.ts";
import { act, ended, promote } from "../support/monitored-job.ts";
import { startServer } from "../support/server.ts";
import { smallDisk } from "../support/small-disk.ts";
import { CARD_CONTRACT } from "../support/workspace-folder.ts";

test("a log that cannot be written to ends nobody, and says how much it lost when it can again", async (context) => {
  const disk = await smallDisk(1);
  if (disk === null) return context.skip("this user may not mount a small file system");
  try {
    const file = path.join(disk.folder, "server.log");
    const log = openLog(file);
    log.write("info", "before");
    await disk.fill();
    for (let line = 0; line < 200; line += 1) log.write("info", "in between", { text: "x".repeat(100) });
    await disk.free();
    log.write("info", "after");
    log.close();
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
    const whole = lines.filter((line) => line.includes("in between") && line.endsWith("}")).length;
    const [loss, last] = lines.slice(-2).map((line) => JSON.parse(line) as object);
    expect(loss).toMatchObject({ level: "warn", lost: 200 - whole });
    expect(last).toMatchObject({ event: "after" });
  } finally {
    await disk.remove();
  }
});

test("while the disk is full a server reads, refuses what it cannot keep, and goes on when there is room", async (context) => {
  const disk = await smallDisk(60);
  if (disk === null) return context.skip("this user may not mount a small file system");
  const folder = path.join(disk.folder, "workspace");
  await mkdir(path.join(folder, "streams"), { recursive: true });
  await writeFile(path.join(folder, "driftbook.yaml"), "zone: UTC\nlimits: {keep_free: 1 MB, temp: 10 MB}\n");
  await writeFile(path.join(folder, "streams", "card_fraud.yaml"), CARD_CONTRACT);
  const check = "```yaml check name=load\nfrom: card_fraud\nfail: {rows: {min: 1}}\n```\n";
  await writeFile(path.join(folder, "watch.nb.md"), `---\ndriftbook: 1\n---\n${check}`);
  const server = await startServer({ folder });
  try {
    await promote(server, "load", { run: "watch.nb.md", schedule: "* * * * *" });
    await disk.fill();
    // Some writes find a little room in files that are there already; then nothing is left.
    let refused: Response | null = null;
    for (let time = 0; time < 200 && refused === null; time += 1) {
      const answer = await server.request("/api/jobs/load/run", { method: "POST", json: {} });
      if (!answer.ok) refused = answer;
    }
    expect(refused?.status).toBe(503);
    expect(refused?.headers.get("retry-after")).toBe("10");
    expect(await refused?.json()).toMatchObject({ detail: "The disk is full: nothing was written." });
    expect((await server.request("/api/jobs")).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(server.process.exitCode).toBeNull();

    await disk.free();
    const { runs } = await act(server, "load", "run");
    expect((await ended(server, "load", runs[0]!)).run).toMatchObject({ state: "done" });
    const { runs: all } = await server.ask<{ runs: Run[] }>("/api/jobs/load/runs");
    expect(all.length).toBeGreaterThan(0);
  } finally {
    await server.stop();
    await disk.remove();
  }
});
