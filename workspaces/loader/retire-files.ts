import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { CatalogSnapshot } from "../catalog/catalog-snapshot.ts";
import { commitRewrite } from "../catalog/catalog-writer.ts";
import { replacedFiles } from "../catalog/lake-leases.ts";
import type { Contract } from "../contracts/contract.ts";

/** How long a replaced file stays at least, held or not: readers outside go by the manifest. */
export const GRACE_MILLIS = 15 * 60_000;

/** Removes files replaced longer than the grace ago that nobody holds. Returns how many. */
export function deleteReplaced(database: DatabaseSync, lakeFolder: string, nowMillis: number): number {
  const files = replacedFiles(database, nowMillis - GRACE_MILLIS);
  const forget = database.prepare("DELETE FROM lake_parts WHERE id = ?");
  for (const file of files) {
    rmSync(path.join(lakeFolder, file.path), { force: true });
    forget.run(file.id);
  }
  return files.length;
}

/** Parts whose every row is older than the contract keeps leave the lake; their ids stay known. */
export function retireOld(
  database: DatabaseSync,
  snapshot: CatalogSnapshot,
  contracts: ReadonlyMap<string, Contract>,
  nowMillis: number,
): number {
  const gone = snapshot.parts.filter((part) => {
    const keepMillis = contracts.get(part.stream)?.keepMillis ?? null;
    if (keepMillis === null || part.eventMaxMicros === null) return false;
    return part.eventMaxMicros < (nowMillis - keepMillis) * 1000;
  });
  if (gone.length > 0)
    commitRewrite(database, { replaced: gone.map((part) => part.id), parts: [], atMillis: nowMillis });
  return gone.length;
}

/** At start, when nobody else writes: files that no row names are remains of a step that was cut off. */
export function removeRemains(database: DatabaseSync, lakeFolder: string, idFolder: string): void {
  const parts = new Set(
    database
      .prepare("SELECT path FROM lake_parts")
      .all()
      .map((row) => String(row.path)),
  );
  const runs = new Set(
    database
      .prepare("SELECT file FROM lake_id_runs")
      .all()
      .map((row) => String(row.file)),
  );
  for (const name of filesBelow(lakeFolder))
    if (/\.parquet(\.tmp)?$/.test(name) && !parts.has(name)) rmSync(path.join(lakeFolder, name), { force: true });
  for (const name of filesBelow(idFolder))
    if (!runs.has(path.basename(name))) rmSync(path.join(idFolder, name), { force: true });
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"));
}
