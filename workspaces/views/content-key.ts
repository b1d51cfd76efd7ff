import { createHash } from "node:crypto";
import type { CatalogSnapshot, LakeLog } from "../catalog/catalog-snapshot.ts";
import { microsFromIso } from "../lake/sql-text.ts";
import { visibilityOf } from "./part-relation.ts";

/**
 * A digest of what a log's view shows of a stretch of event time at an as-of: the parts that may hold rows of it, and
 * how much of each is visible. Late rows come in a part of their own, so that it changes with them; compaction changes it
 * as well, which costs one more count and nothing else.
 */
export function contentKey(
  snapshot: CatalogSnapshot,
  stream: string,
  log: LakeLog,
  window: { readonly start: string; readonly end: string } | null,
  asOfMicros: number,
  contractHash: string,
): string {
  const imports = new Map(snapshot.imports.map((row) => [row.number, row]));
  const rule = { asOfMicros, firstLiveMicros: snapshot.firstLiveMicros.get(stream) ?? null, imports };
  const [start, end] = window === null ? [null, null] : [microsFromIso(window.start), microsFromIso(window.end)];
  const lines = snapshot.parts.flatMap((part) => {
    if (part.stream !== stream || part.log !== log || part.problem !== null) return [];
    if (start !== null && part.eventMaxMicros !== null && part.eventMaxMicros < start) return [];
    if (end !== null && part.eventMinMicros !== null && part.eventMinMicros >= end) return [];
    const visibility = visibilityOf(part, rule);
    return visibility === null ? [] : [`${part.path} ${part.crc32} ${visibility.where} ${visibility.reconstructed}`];
  });
  return createHash("sha256")
    .update(`${contractHash}\n${lines.toSorted().join("\n")}`)
    .digest("hex")
    .slice(0, 32);
}
