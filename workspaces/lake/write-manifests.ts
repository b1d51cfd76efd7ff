import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { CatalogSnapshot } from "../catalog/catalog-snapshot.ts";
import { isoFromMicros } from "./sql-text.ts";

/**
 * `lake/<stream>/<log>/manifest.json`: which files make up a log now, for readers outside. Replaced atomically; the
 * files it named before stay for a quarter of an hour at least. Withdrawn imports are not in it.
 */
export function writeManifests(snapshot: CatalogSnapshot, lakeFolder: string): void {
  const gone = new Set(snapshot.imports.filter((row) => row.state !== "loaded").map((row) => row.number));
  for (const { stream, log, watermarkMicros } of snapshot.logs) {
    const folder = path.join(lakeFolder, stream, log);
    const files = snapshot.parts
      .filter((part) => part.stream === stream && part.log === log)
      .filter((part) => part.problem === null && !gone.has(part.importNumber ?? 0))
      .map((part) => ({
        path: path.posix.relative(`${stream}/${log}`, part.path),
        rows: part.rows,
        bytes: part.bytes,
        columns: part.columns,
      }));
    const watermark = watermarkMicros === 0 ? null : isoFromMicros(watermarkMicros);
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, "manifest.json");
    writeFileSync(`${file}.tmp`, `${JSON.stringify({ version: 1, stream, log, watermark, files }, null, 1)}\n`);
    renameSync(`${file}.tmp`, file);
  }
}
