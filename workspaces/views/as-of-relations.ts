import { randomBytes } from "node:crypto";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { catalogSnapshot } from "../catalog/catalog.ts";
import type { CatalogSnapshot } from "../catalog/catalog-snapshot.ts";
import type { Contract } from "../contracts/contract.ts";
import { PartInspector } from "../lake/part-problems.ts";
import { shapeOf } from "../lake/shape-of-contract.ts";
import { isoFromMicros } from "../lake/sql-text.ts";
import type { LakeProblem, Relations } from "../workspace-port.ts";
import { asOfStatements } from "./as-of-statements.ts";
import { contentKey } from "./content-key.ts";

const LEASE_MILLIS = 15 * 60_000;

/**
 * The relations of all streams at one moment, in schemas called as the streams, with `suffix`. The files of the snapshot are leased, so that compaction and retention
 * leave them on disk until `release`, or for 15 minutes.
 */
export function asOfRelations(
  database: DatabaseSync,
  folder: string,
  contracts: readonly Contract[],
  asOfMicros: number,
  suffix = "",
): Relations {
  const takenMillis = Date.now();
  const lease = randomBytes(9).toString("base64url");
  unflushed(database, () =>
    database.prepare("INSERT INTO lake_leases VALUES (?, ?, ?)").run(lease, takenMillis, takenMillis + LEASE_MILLIS),
  );
  const snapshot = new PartInspector(folder).inspect(catalogSnapshot(database));
  const shapes = contracts.map(shapeOf).map((shape) => ({ ...shape, stream: shape.stream + suffix }));
  return {
    asOf: isoFromMicros(asOfMicros),
    statements: asOfStatements(underSuffix(snapshot, suffix), shapes, asOfMicros, folder),
    folders: [path.join(folder, ".driftbook", "lake")],
    contentOf: (stream, window) => {
      const contract = contracts.find((one) => one.stream === stream);
      return contract === undefined
        ? null
        : contentKey(snapshot, stream, "decisions", window, asOfMicros, contract.hash);
    },
    problems: problemsOf(snapshot),
    release: () => {
      if (database.isOpen)
        unflushed(database, () => database.prepare("DELETE FROM lake_leases WHERE id = ?").run(lease));
    },
  };
}

/** A lease that a power failure undoes was of a process that the failure ended: it need not wait for the disk. */
function unflushed(database: DatabaseSync, write: () => void): void {
  database.exec("PRAGMA synchronous = NORMAL");
  try {
    write();
  } finally {
    database.exec("PRAGMA synchronous = FULL");
  }
}

/** The snapshot with its streams under other names: schemas are called as streams are. */
function underSuffix(snapshot: CatalogSnapshot, suffix: string): CatalogSnapshot {
  return {
    ...snapshot,
    parts: snapshot.parts.map((part) => ({ ...part, stream: part.stream + suffix })),
    firstLiveMicros: new Map([...snapshot.firstLiveMicros].map(([stream, micros]) => [stream + suffix, micros])),
  };
}

export function problemsOf(snapshot: CatalogSnapshot): LakeProblem[] {
  return snapshot.parts.flatMap((part) =>
    part.problem === null
      ? []
      : [{ stream: part.stream, log: part.log, file: `.driftbook/lake/${part.path}`, message: part.problem }],
  );
}
