import type { CellId } from "./document.ts";

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const LENGTH = 8;

/** A new id like `w0c4v5yd`: eight characters, the first a letter. `random` gives numbers in [0, 1). */
export function newCellId(random: () => number): CellId {
  let id = ALPHABET[10 + Math.floor(random() * 26)]!;
  while (id.length < LENGTH) id += ALPHABET[Math.floor(random() * 36)]!;
  return id;
}

/** The id of a cell that has none in its file: the same for the same content, unique beside `taken`. */
export function derivedCellId(kind: string, source: string, taken: ReadonlySet<CellId>): CellId {
  for (let occurrence = 0; ; occurrence++) {
    const id = hashId(`${kind}\n${occurrence}\n${source}`);
    if (!taken.has(id)) return id;
  }
}

/** 36 bits of a two-lane multiplicative hash (after cyrb53) in base 36. Not for security: a collision is numbered away. */
function hashId(text: string): CellId {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 2654435761);
    high = Math.imul(high ^ unit, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  const bits = (high & 0xfffff) * 2 ** 32 + (low >>> 0);
  return `c${(bits % 36 ** (LENGTH - 1)).toString(36).padStart(LENGTH - 1, "0")}`;
}
