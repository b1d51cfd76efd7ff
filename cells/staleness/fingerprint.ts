import { digest } from "./digest.ts";

/**
 * What a run depended on, part by part, so that a later comparison can say which part changed. As text it is
 * `digest` followed by the parts: it is kept with the run and travels as one opaque string.
 */
export interface FingerprintParts {
  /** Digest of kind, name and source; for an input, of its value. */
  readonly text: string;
  /** What the cell reads from outside the notebook; null where it does not read that. */
  readonly asOf: string | null;
  readonly window: string | null;
  readonly surroundings: string | null;
  /** Digest of each parent's fingerprint, sorted by cell. */
  readonly parents: readonly (readonly [cell: string, digest: string])[];
}

export interface Fingerprint extends FingerprintParts {
  /** Over all parts: two equal digests mean the same content over the same data. */
  readonly digest: string;
}

export function fingerprint(parts: FingerprintParts): Fingerprint {
  return { ...parts, digest: digest(partsText(parts)) };
}

export function formatFingerprint(value: Fingerprint): string {
  return `${value.digest} ${partsText(value)}`;
}

/** The digest alone: enough to compare. */
export function digestOf(text: string): string {
  return text.slice(0, 32);
}

/** @returns null for text that is no fingerprint (written by another version): its run then counts as stale. */
export function parseFingerprint(text: string): Fingerprint | null {
  try {
    const [own, asOf, window, surroundings, parents] = JSON.parse(text.slice(33)) as unknown[];
    if (typeof own !== "string" || !Array.isArray(parents)) return null;
    const parts: FingerprintParts = {
      text: own,
      asOf: asOf as string | null,
      window: window as string | null,
      surroundings: surroundings as string | null,
      parents: parents as FingerprintParts["parents"],
    };
    return { ...parts, digest: digestOf(text) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

const partsText = ({ text, asOf, window, surroundings, parents }: FingerprintParts): string =>
  JSON.stringify([text, asOf, window, surroundings, parents]);
