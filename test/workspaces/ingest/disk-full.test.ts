import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { Committer } from "../../../workspaces/ingest/committer.ts";
import { readRecords, segmentName, segmentNumbers } from "../../../workspaces/ingest/segments.ts";

/** A file system of 4 MB, where this user may mount one; null elsewhere. */
async function smallDisk(): Promise<string | null> {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]).status === 0;
  return mounted ? folder : null;
}

test("a full disk refuses with nothing half kept, and ingest goes on when space returns", async (context) => {
  const disk = await smallDisk();
  if (disk === null) return context.skip("this user may not mount a small file system");
  try {
    const folder = path.join(disk, "log");
    const ballast = path.join(disk, "ballast");
    expect(spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=1024", "count=2048"]).status).toBe(0);
    const committer = await Committer.open({ folder, afterMicros: 0 });
    const events = Buffer.from(`${"x".repeat(99_999)}\n`);
    const batch = { events, eventCount: 1, refused: new Uint8Array(), refusedCount: 0 };
    let accepted = 0;
    let refused: unknown = null;
    for (let i = 0; i < 100 && refused === null; i++) {
      try {
        await committer.commit(batch);
        accepted += 1;
      } catch (error) {
        refused = error;
      }
    }
    expect(accepted).toBeGreaterThan(5);
    expect(refused).toMatchObject({ kind: "disk-full", retryAfterSeconds: 10 });
    await rm(ballast);
    await committer.commit(batch);
    await committer.close();
    let kept = 0;
    for (const number of await segmentNumbers(folder)) {
      const read = readRecords(path.join(folder, segmentName(number)), 0, 1e9);
      expect(read.torn).toBeNull();
      kept += read.records.length;
    }
    expect(kept).toBe(accepted + 1);
  } finally {
    expect(spawnSync("umount", ["-l", disk]).status).toBe(0);
  }
});
