import { type Cell, lastingId } from "../../cells/document/document.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import type { MeasurementDraft } from "../../cells/results/measurement.ts";
import type { Reading } from "../../cells/results/reading.ts";
import { closureOf } from "../../cells/session/closure.ts";
import type { SessionState } from "../../cells/session/state.ts";
import type { PinnedTime } from "./pinned-time.ts";
import type { ReadingKeeper } from "./ports.ts";

/** Keeps what a cell measured with all that it was measured from; nothing where nothing was measured or pinned. */
export async function keepReadings(
  keeper: ReadingKeeper,
  state: SessionState,
  cell: Cell,
  time: PinnedTime,
  readings: readonly Reading[],
): Promise<void> {
  const draft = readings.length === 0 ? null : draftOf(state, cell, time);
  if (draft !== null) await keeper.keep(draft, readings);
}

function draftOf(state: SessionState, cell: Cell, time: PinnedTime): MeasurementDraft | null {
  const { relations, zone } = time;
  if (relations === null || state.asOf === null) return null;
  const dueAt = time.ownDueAt(state.asOf);
  const { text, hash, set, relations: read } = closureOf(state, cell.id);
  const streams = relations.streams.filter(({ stream }) => isRead(stream, read));
  const names = new Set(streams.map(({ stream }) => stream));
  const displays = state.runs[cell.id]?.displays ?? [];
  return {
    notebook: state.path,
    cell: lastingId(cell),
    kind: cell.kind,
    asOf: state.asOf,
    ...(dueAt === null ? {} : { dueAt }),
    window: asPair(state.window.resolved),
    measured: displays.flatMap((display) => ("statements" in display ? [display.window] : []))[0] ?? null,
    zone,
    version: { hash, text, set: JSON.parse(JSON.stringify(set)) },
    contracts: streams.map(({ stream, hash: version }) => ({
      stream,
      hash: version,
      contract: relations.contracts?.get(stream) ?? null,
    })),
    marks: relations.marks.filter(({ stream }) => names.has(stream)),
    statements: displays.flatMap((display) => ("statements" in display ? display.statements : [])),
  };
}

/** What TypeScript measures is known only when it asks: then every stream counts as read. */
function isRead(stream: string, relations: readonly string[]): boolean {
  return relations.some((name) => name === "(measured)" || name === stream || name.startsWith(`${stream}.`));
}
