import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { copyFile, link, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { create } from "tar";
import { endLeases, holdSnapshot } from "../catalog/lake-leases.ts";
import { segmentName, segmentNumbers } from "../ingest/segments.ts";

/**
 * One file with the whole workspace, also while events come in. Order makes it consistent: a lease keeps the lake's
 * files, then the database is copied as of one moment, then come the files that this copy names, and the segments,
 * which hold at least what the copy has not loaded. A restored workspace loads the rest of them, each event once.
 */
export const MANIFEST = "driftbook-backup.json";
const DATABASE = ".driftbook/workspace.db";
/** Copied beside it: what was measured; and versions, runs, alerts and reports. */
const OTHER_DATABASES = [".driftbook/readings.db", ".driftbook/monitor.db"] as const;
const TRIES = 3;
/** Not the workspace's own: made again, or kept elsewhere. */
const LEFT_OUT = new Set([".driftbook", ".git", "node_modules"]);

export interface BackupManifest {
  readonly driftbook: 1;
  readonly at: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

export interface BackupDone {
  readonly file: string;
  readonly bytes: number;
  readonly files: number;
}

/** @throws Error when the file exists or cannot be written; nothing is left behind then. */
export async function writeBackup(folder: string, database: DatabaseSync, file: string): Promise<BackupDone> {
  if (existsSync(file)) throw new Error(`${JSON.stringify(file)} exists already; a backup never replaces a file.`);
  const staging = path.join(folder, ".driftbook", "scratch", `backup-${randomBytes(6).toString("hex")}`);
  const now = Date.now();
  const { release } = holdSnapshot(database, now);
  const temporary = `${file}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    const files = await stage(folder, database, staging);
    const manifest: BackupManifest = {
      driftbook: 1,
      at: new Date(now).toISOString(),
      files: files.map((name) => ({ path: name, bytes: statSync(path.join(staging, name)).size })),
    };
    await writeFile(path.join(staging, MANIFEST), JSON.stringify(manifest));
    // Parquet does not compress again; gzip is here for its checksum.
    await create({ file: temporary, cwd: staging, gzip: { level: 1 }, portable: true, strict: true }, [
      MANIFEST,
      ...files,
    ]);
    await rename(temporary, file);
    return { file, bytes: statSync(file).size, files: files.length };
  } finally {
    release();
    await rm(temporary, { force: true });
    await rm(staging, { recursive: true, force: true });
  }
}

/** All that belongs to the backup in one folder; files that never change are linked, not copied. */
async function stage(folder: string, database: DatabaseSync, staging: string): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    await rm(staging, { recursive: true, force: true });
    await mkdir(path.join(staging, ".driftbook"), { recursive: true });
    const copy = path.join(staging, DATABASE);
    database.prepare("VACUUM INTO ?").run(copy);
    const { parts, runs, positions } = namedFiles(copy);
    try {
      const fixed = [...parts.map((part) => `.driftbook/lake/${part}`), ...runs.map((run) => `.driftbook/ids/${run}`)];
      for (const name of fixed) await place(folder, staging, name, true);
      const growing = await segmentFiles(folder, positions);
      for (const name of growing) await place(folder, staging, name, false);
      const others = OTHER_DATABASES.filter((name) => copyDatabase(folder, staging, name));
      const own = ownFiles(folder);
      for (const name of own) await place(folder, staging, name, false);
      return [DATABASE, ...others, ...fixed, ...growing, ...own];
    } catch (error) {
      // Runs of the identity index may have been merged since the copy: begin again with a fresh one.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || attempt === TRIES) throw error;
    }
  }
}

/** As of one moment, also while cells run. @returns false when there is none */
function copyDatabase(folder: string, staging: string, name: string): boolean {
  const file = path.join(folder, name);
  if (!existsSync(file)) return false;
  const database = new DatabaseSync(file, { timeout: 10_000 });
  try {
    database.prepare("VACUUM INTO ?").run(path.join(staging, name));
  } finally {
    database.close();
  }
  return true;
}

function namedFiles(copy: string): { parts: string[]; runs: string[]; positions: Map<string, number> } {
  const database = new DatabaseSync(copy);
  try {
    // A lease in the copy would hold files of a workspace that nobody reads.
    endLeases(database);
    const parts = database
      .prepare("SELECT path FROM lake_parts WHERE replaced_at_millis IS NULL AND problem IS NULL")
      .all();
    const runs = database.prepare("SELECT file FROM lake_id_runs").all();
    const positions = database.prepare("SELECT stream, log, segment FROM lake_logs WHERE segment IS NOT NULL").all();
    database.exec("DELETE FROM lake_parts WHERE replaced_at_millis IS NOT NULL");
    return {
      parts: parts.map((row) => String(row.path)),
      runs: runs.map((row) => String(row.file)),
      positions: new Map(
        positions.map((row) => [`${row.stream}/${row.log}`, Number.parseInt(String(row.segment), 10)]),
      ),
    };
  } finally {
    database.close();
  }
}

/** Segments from the one that the copy reads on; what lies before is loaded. */
async function segmentFiles(folder: string, positions: ReadonlyMap<string, number>): Promise<string[]> {
  const found: string[] = [];
  const root = path.join(folder, ".driftbook", "segments");
  for (const stream of foldersIn(root))
    for (const log of foldersIn(path.join(root, stream)))
      for (const number of await segmentNumbers(path.join(root, stream, log)))
        if (number >= (positions.get(`${stream}/${log}`) ?? 0))
          found.push(`.driftbook/segments/${stream}/${log}/${segmentName(number)}`);
  return found;
}

function foldersIn(parent: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** The user's own files, the stored results of notebooks, and pages of reports. Links are left out: what they lead to is not ours. */
function ownFiles(folder: string): string[] {
  const found: string[] = [];
  const visit = (relative: string): void => {
    for (const entry of readdirSync(path.join(folder, relative), { withFileTypes: true })) {
      const name = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (relative === "" && LEFT_OUT.has(entry.name)) continue;
      // Revisions that are being written; those whose rows the copy has are there by now.
      if (relative.startsWith(".driftbook/reports") && entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) visit(name);
      else if (entry.isFile() && !name.endsWith(".tmp")) found.push(name);
    }
  };
  visit("");
  for (const kept of [".driftbook/runs", ".driftbook/reports"]) if (existsSync(path.join(folder, kept))) visit(kept);
  return found;
}

async function place(folder: string, staging: string, name: string, isFixed: boolean): Promise<void> {
  const [from, to] = [path.join(folder, name), path.join(staging, name)];
  await mkdir(path.dirname(to), { recursive: true });
  if (isFixed) await link(from, to);
  else await copyFile(from, to);
}
