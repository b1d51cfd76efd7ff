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
 * The relations of all streams at one moment. The files of the snapshot are leased, so that compaction and retention
 * leave them on disk until `release`, or for 15 minutes.
 */
export function asOfRelations(
  database: DatabaseSync,
  folder: string,
  contracts: readonly Contract[],
  asOfMicros: number,
): Relations {
  const takenMillis = Date.now();
  const lease = randomBytes(9).toString("base64url");
  database.prepare("INSERT INTO lake_leases VALUES (?, ?, ?)").run(lease, takenMillis, takenMillis + LEASE_MILLIS);
  const snapshot = new PartInspector(folder).inspect(catalogSnapshot(database));
  return {
    asOf: isoFromMicros(asOfMicros),
    statements: asOfStatements(snapshot, contracts.map(shapeOf), asOfMicros, folder),
    folders: [path.join(folder, ".driftbook", "lake")],
    contentOf: (stream, window) => {
      const contract = contracts.find((one) => one.stream === stream);
      return contract === undefined
        ? null
        : contentKey(snapshot, stream, "decisions", window, asOfMicros, contract.hash);
    },
    problems: problemsOf(snapshot),
    release: () => {
      if (database.isOpen) database.prepare("DELETE FROM lake_leases WHERE id = ?").run(lease);
    },
  };
}

export function problemsOf(snapshot: CatalogSnapshot): LakeProblem[] {
  return snapshot.parts.flatMap((part) =>
    part.problem === null
      ? []
      : [{ stream: part.stream, log: part.log, file: `.driftbook/lake/${part.path}`, message: part.problem }],
  );
}
