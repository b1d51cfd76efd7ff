import { rmSync } from "node:fs";
import path from "node:path";
import { catalogSnapshot } from "../catalog/catalog.ts";
import type { Part } from "../catalog/catalog-snapshot.ts";
import { replaceRuns } from "../catalog/catalog-writer.ts";
import { PartInspector } from "../lake/part-problems.ts";
import { quoteText } from "../lake/sql-text.ts";
import { LOADED_COLUMNS, type ShapeColumn } from "../lake/stream-shape.ts";
import type { IdIndex, RunRow } from "./id-index.ts";
import { readIdentities } from "./judge-identity.ts";
import type { LoadContext } from "./load-events.ts";

/**
 * Makes a log's identity runs anew from its rows: hashes are taken over typed values, so those of a row in the lake are
 * those that it was accepted with. Returns the files, oldest first.
 * @throws Error when a part cannot be read: with rows missing, retries of them would be taken for new events.
 */
export async function rebuildIndex(
  { engine, database, lakeFolder }: LoadContext,
  workspaceFolder: string,
  stream: string,
  log: "decisions" | "feedback",
  index: IdIndex,
  newRunFile: () => string,
): Promise<readonly string[]> {
  const parts = new PartInspector(workspaceFolder)
    .inspect(catalogSnapshot(database))
    .parts.filter((part) => part.stream === stream && part.log === log)
    .sort((a, b) => (a.recordedMinMicros ?? 0) - (b.recordedMinMicros ?? 0));
  const damaged = parts.find(({ problem }) => problem !== null);
  if (damaged !== undefined)
    throw new Error(
      `The identity index of ${stream}.${log} is damaged, and cannot be made anew while ${damaged.path} is: ${damaged.problem} Restore one of the two from a backup.`,
    );
  const runs: RunRow[] = [];
  for (const part of parts) {
    const columns = eventColumnsOf(part);
    const rows = `(SELECT *, 0 AS "row#" FROM read_parquet(${quoteText(path.join(lakeFolder, part.path))}))`;
    const { entries } = await readIdentities(engine.connection, rows, log, columns, part.importNumber ?? 0);
    const run = index.write(entries, new Uint8Array(entries.count), newRunFile());
    if (run !== null) runs.push(run);
  }
  const gone = replaceRuns(database, stream, log, runs);
  index.close();
  for (const file of gone) rmSync(path.join(index.folder, file), { force: true });
  return runs.map(({ file }) => file);
}

/** What the event itself brought, as it is stored. */
function eventColumnsOf(part: Part): ShapeColumn[] {
  const loaded = new Set(LOADED_COLUMNS.map(({ name }) => name));
  return part.columns.filter(({ name }) => !loaded.has(name)).map(({ name, type }) => ({ name, type }) as ShapeColumn);
}
