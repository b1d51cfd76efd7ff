import type { ImportView } from "../../cells/wire/http-streams.ts";
import type { ImportRow } from "../catalog/catalog-snapshot.ts";
import { isoFromMicros } from "../lake/sql-text.ts";

/** An import as the edges show it. */
export function importView(row: ImportRow): ImportView {
  const iso = (micros: number | null): string | null => (micros === null ? null : isoFromMicros(micros));
  return {
    id: row.id,
    stream: row.stream,
    log: row.log,
    state: row.state,
    files: [...row.files],
    select: row.select,
    history: row.history,
    accepted: row.accepted,
    duplicates: row.duplicates,
    quarantined: row.quarantined,
    startedAt: isoFromMicros(row.startedMicros),
    endedAt: iso(row.endedMicros),
    withdrawnAt: iso(row.withdrawnMicros),
    problem: row.problem,
  };
}
