import type { Part } from "../catalog/catalog-snapshot.ts";
import { instantSql } from "../lake/sql-text.ts";
import { type AsOfRule, type PartRelationRequest, type PartRows, relationOfParts } from "./part-relation.ts";

/**
 * A log over time: its rows with `db_from` and `db_until`, the half-open stretch of moments at which `partRelation`
 * shows them, as far as the as-of of the rule. A row of history has two: as the source knew it, until the workspace
 * recorded it. What comes to be known after the as-of changes nothing here.
 */
export function lifetimesOfParts(request: PartRelationRequest & { readonly rule: AsOfRule }): string {
  const none = "NULL::TIMESTAMPTZ AS db_from, NULL::TIMESTAMPTZ AS db_until, false AS reconstructed";
  return relationOfParts(request, none, (part) => lifetimesOf(part, request.rule));
}

const FOREVER = Number.POSITIVE_INFINITY;

function lifetimesOf(part: Part, { asOfMicros, firstLiveMicros, imports }: AsOfRule): readonly PartRows[] {
  const from = part.importNumber === null ? null : imports.get(part.importNumber);
  if (from !== null && from?.state !== "loaded" && from?.state !== "withdrawn") return [];
  const recordedMicros = part.recordedMinMicros ?? FOREVER;
  const withdrawnMicros = from?.withdrawnMicros ?? FOREVER;
  const liveMicros = firstLiveMicros ?? FOREVER;
  const rows = (start: string, untilMicros: number, reconstructed: boolean, where: string | null): PartRows => ({
    where,
    further: `${start} AS db_from, ${untilMicros === FOREVER ? "'infinity'::TIMESTAMPTZ" : instantSql(untilMicros)} AS db_until, ${reconstructed} AS reconstructed`,
  });
  const found: PartRows[] = [];
  const untilMicros = Math.min(recordedMicros, liveMicros);
  // The as-of sees these rows as recorded, or is itself a moment that is reconstructed.
  const isSeen =
    asOfMicros < untilMicros
      ? withdrawnMicros === FOREVER
      : recordedMicros <= asOfMicros && withdrawnMicros > asOfMicros;
  if (from?.history === true && isSeen) found.push(rows("known_at", untilMicros, true, null));
  if (recordedMicros <= asOfMicros) {
    const isWhole = part.recordedMaxMicros !== null && part.recordedMaxMicros <= asOfMicros;
    const ended = withdrawnMicros <= asOfMicros ? withdrawnMicros : FOREVER;
    found.push(rows("recorded_at", ended, false, isWhole ? null : `recorded_at <= ${instantSql(asOfMicros)}`));
  }
  return found;
}
