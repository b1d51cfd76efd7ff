/**
 * Files through which large pieces of an answer go from the engine process to its host. A pipe between processes holds
 * 64 kB: both sides would copy and wait a thousand times for what a file takes in one write and one read, out of memory
 * that the system keeps for it. A file is used again when the host has read it; few are ever made.
 */
import { mkdirSync, openSync, writevSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

export const pieceFolder = (scratchFolder: string): string => join(scratchFolder, "pieces");

export class PieceFiles {
  private readonly folder: string;
  private readonly files = new Map<string, { readonly descriptor: number; inUse: boolean }>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The name of the file that holds the piece now, or null when none could be written: the disk may be full. */
  write(piece: readonly Uint8Array[]): string | null {
    let name: string | null = null;
    try {
      name = this.free() ?? this.make();
      const file = this.files.get(name)!;
      file.inUse = true;
      writeAll(file.descriptor, piece);
      return name;
    } catch {
      // The caller sends the piece by the other way, which needs no disk.
      if (name !== null) this.release(name);
      return null;
    }
  }

  /** The host has read the file. */
  release(name: string): void {
    const file = this.files.get(name);
    if (file !== undefined) file.inUse = false;
  }

  private free(): string | undefined {
    for (const [name, { inUse }] of this.files) if (!inUse) return name;
    return undefined;
  }

  private make(): string {
    mkdirSync(this.folder, { recursive: true });
    const name = `piece-${this.files.size}`;
    this.files.set(name, { descriptor: openSync(join(this.folder, name), "w", 0o600), inUse: false });
    return name;
  }
}

function writeAll(descriptor: number, piece: readonly Uint8Array[]): void {
  let parts = [...piece];
  for (let at = 0; parts.length > 0; ) {
    let written = writevSync(descriptor, parts, at);
    at += written;
    const next = parts.findIndex((part) => {
      if (written < part.length) return true;
      written -= part.length;
      return false;
    });
    if (next === -1) return;
    parts = [parts[next]!.subarray(written), ...parts.slice(next + 1)];
  }
}

/**
 * Where pieces are read to. Fresh memory for each costs its first touch and the collector's work, twice what reading
 * takes; a reader that is done with a piece before it takes the next lets it be used again.
 */
export class PieceMemory {
  private readonly reused: boolean;
  private readonly free: ArrayBuffer[] = [];

  constructor(reused: boolean) {
    this.reused = reused;
  }

  take(bytes: number): Uint8Array {
    const at = this.free.findIndex((buffer) => buffer.byteLength >= bytes);
    // Not zeroed: a piece is given on when every byte of it was written.
    const buffer =
      at === -1 ? Buffer.allocUnsafeSlow(this.reused ? roomFor(bytes) : bytes).buffer : this.free.splice(at, 1)[0]!;
    return new Uint8Array(buffer, 0, bytes);
  }

  giveBack(piece: Uint8Array): void {
    if (this.reused) this.free.push(piece.buffer as ArrayBuffer);
  }
}

const MEGABYTE = 1024 * 1024;
/** Pieces differ a little in length; what was taken for one should do for the next. */
const roomFor = (bytes: number): number => Math.ceil(bytes / MEGABYTE + 1) * MEGABYTE;

/** The first `bytes` bytes of a piece's file, in `memory`. @throws Error when the file is shorter. */
export async function readPiece(file: string, bytes: number, memory: PieceMemory): Promise<Uint8Array> {
  const handle = await open(file, "r");
  try {
    const piece = memory.take(bytes);
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await handle.read(piece, at, bytes - at, at);
      if (bytesRead === 0) throw new Error(`${file} ends after ${at} of ${bytes} bytes`);
      at += bytesRead;
    }
    return piece;
  } finally {
    await handle.close();
  }
}
