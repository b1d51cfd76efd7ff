import { closeSync, openSync, readSync } from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import type { Part } from "../catalog/catalog-snapshot.ts";

const PIECE_BYTES = 4 * 1024 * 1024;

/** CRC-32 of a whole file. */
export function checksumOf(file: string): number {
  const descriptor = openSync(file, "r");
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let sum = 0;
    for (;;) {
      const read = readSync(descriptor, piece, 0, PIECE_BYTES, null);
      if (read === 0) return sum;
      sum = crc32(piece.subarray(0, read), sum);
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads every part to its end. The answer holds the parts whose state changed: the problem of one that no longer
 * matches its checksum, null for one that matches again. Missing files are left to `PartInspector`, which looks each time.
 */
export async function verifyParts(
  parts: readonly Part[],
  lakeFolder: string,
  breathe: () => Promise<void>,
): Promise<Map<number, string | null>> {
  const changed = new Map<number, string | null>();
  for (const part of parts) {
    if (part.crc32 === null) continue;
    let problem: string | null;
    try {
      problem =
        checksumOf(path.join(lakeFolder, part.path)) === part.crc32
          ? null
          : "The file does not match its checksum: something changed it after it was written.";
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      problem = `The file cannot be read (${(error as NodeJS.ErrnoException).code}).`;
    }
    if (problem !== part.problem) changed.set(part.id, problem);
    await breathe();
  }
  return changed;
}
