/**
 * Identity as the loader keeps it: one entry per event, nine 32-bit lanes, little-endian on disk (36 bytes).
 *
 *   lanes 0–3   128-bit hash of the id, most significant lane first: entries are ordered by these
 *   lanes 4–7   128-bit hash of the content
 *   lane  8     number of the import the event came with; 0 for events that were posted
 *
 * Hashes are MD5 over typed values (see `hash-expressions.ts`), so ids spread evenly over the lanes.
 */
export const LANES = 9;
export const ENTRY_BYTES: number = LANES * 4;
export const IMPORT_LANE = 8;

/** Entries of one batch in ascending order of id. */
export class EntryList {
  readonly lanes: Uint32Array;
  readonly count: number;
  constructor(lanes: Uint32Array, count: number = lanes.length / LANES) {
    this.lanes = lanes;
    this.count = count;
  }
}

/** Negative, zero or positive like a comparator, by id alone. */
export function compareIds(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): number {
  for (let lane = 0; lane < 4; lane++) {
    const left = a[aAt + lane]!;
    const right = b[bAt + lane]!;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

export function sameContent(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): boolean {
  for (let lane = 4; lane < 8; lane++) if (a[aAt + lane]! !== b[bAt + lane]!) return false;
  return true;
}
