import { momentText, zonedMomentText } from "./time-text.ts";

/** A time within a sentence: as stored, and as it is shown. */
interface TimePart {
  readonly iso: string;
  readonly text: string;
}

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)(?!\w)/g;

/** A sentence that was stored, with its times as pages write them: reasons keep instants, whatever zone reads them. */
export function sentenceParts(sentence: string, zone: string): readonly (string | TimePart)[] {
  const parts: (string | TimePart)[] = [];
  let end = 0;
  for (const { 0: iso, index } of sentence.matchAll(INSTANT)) {
    if (Number.isNaN(Date.parse(iso))) continue;
    if (index > end) parts.push(sentence.slice(end, index));
    parts.push({ iso, text: momentText(iso, zone) });
    end = index + iso.length;
  }
  if (end < sentence.length) parts.push(sentence.slice(end));
  return parts;
}

/** The same as text for where no page says which zone it is in. */
export function sentenceText(sentence: string, zone: string): string {
  return sentenceParts(sentence, zone)
    .map((part) => (typeof part === "string" ? part : zonedMomentText(part.iso, zone)))
    .join("");
}
