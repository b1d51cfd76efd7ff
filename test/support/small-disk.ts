import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export interface SmallDisk {
  readonly folder: string;
  /** Takes all room but some bytes. */
  fill(bytesLeft?: number): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** A file system of so many megabytes, where this user may mount one; null elsewhere. */
export async function smallDisk(megabytes: number): Promise<SmallDisk | null> {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]).status === 0;
  if (!mounted) {
    await rm(folder, { recursive: true });
    return null;
  }
  const ballast = path.join(folder, "ballast");
  return {
    folder,
    async fill(bytesLeft = 0) {
      await rm(ballast, { force: true });
      const room = path.join(folder, "room");
      if (bytesLeft > 0) write(room, bytesLeft);
      write(ballast, Number.POSITIVE_INFINITY);
      await rm(room, { force: true });
    },
    free: () => rm(ballast, { force: true }),
    async remove() {
      spawnSync("umount", [folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function write(file: string, bytes: number): void {
  const descriptor = openSync(file, "a");
  const block = Buffer.alloc(4096);
  try {
    for (let written = 0; written < bytes; written += block.length) writeSync(descriptor, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    closeSync(descriptor);
  }
}
