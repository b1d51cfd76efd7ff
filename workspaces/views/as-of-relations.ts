import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { CatalogSnapshot } from "../catalog/catalog-snapshot.ts";
import { type HeldSnapshot, holdFor } from "../catalog/lake-leases.ts";
import type { Contract } from "../contracts/contract.ts";
import { PartInspector } from "../lake/part-problems.ts";
import { shapeOf } from "../lake/shape-of-contract.ts";
import { isoFromMicros } from "../lake/sql-text.ts";
import type { LakeProblem, Relations } from "../workspace-port.ts";
import { asOfStatements } from "./as-of-statements.ts";
import { contentKey } from "./content-key.ts";

/** The relations of all streams at one moment. Compaction and retention leave their files on disk until `release`. */
export const asOfRelations = (
  database: DatabaseSync,
  folder: string,
  contracts: readonly Contract[],
  asOfMicros: number,
): Relations => holdFor(database, (held) => relationsOf(held, folder, contracts, asOfMicros));

/** The same of what is held, in schemas called as the streams, with `suffix`. */
export function relationsOf(
  held: HeldSnapshot,
  folder: string,
  contracts: readonly Contract[],
  asOfMicros: number,
  suffix = "",
): Relations {
  const snapshot = new PartInspector(folder).inspect(held.snapshot);
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
    release: held.release,
  };
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
