import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import path from "node:path";
import type { CatalogSnapshot, Part } from "../catalog/catalog-snapshot.ts";

/**
 * Names parts whose file is missing, of another length than recorded, or without Parquet's closing bytes.
 * A snapshot with `problem` set leaves those parts out of every view.
 */
export class PartInspector {
  private readonly lakeFolder: string;

  constructor(folder: string) {
    this.lakeFolder = path.join(folder, ".driftbook", "lake");
  }

  inspect(snapshot: CatalogSnapshot): CatalogSnapshot {
    return {
      ...snapshot,
      parts: snapshot.parts.map((part) => (part.problem === null ? this.inspectPart(part) : part)),
    };
  }

  private inspectPart(part: Part): Part {
    const problem = this.problemOf(part);
    return problem === null ? part : { ...part, problem };
  }

  private problemOf(part: Part): string | null {
    let descriptor: number;
    try {
      descriptor = openSync(path.join(this.lakeFolder, part.path), "r");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === "ENOENT" ? "The file is missing." : `The file cannot be opened (${code}).`;
    }
    try {
      const { size } = fstatSync(descriptor);
      if (size !== part.bytes) return `The file has ${size} bytes instead of ${part.bytes}.`;
      const end = Buffer.alloc(4);
      readSync(descriptor, end, 0, 4, size - 4);
      return end.toString("latin1") === "PAR1" ? null : "The file does not end like a Parquet file.";
    } finally {
      closeSync(descriptor);
    }
  }
}
