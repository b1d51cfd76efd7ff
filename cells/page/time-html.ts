import { sentenceParts } from "../views/sentence-times.ts";
import { momentTitle, type WindowPair, windowText, windowTitle } from "../views/time-text.ts";
import { escapeHtml } from "./page-parts.ts";

/** A stored sentence with its times in the zone; hovering shows each as it is stored. */
export function sentenceHtml(sentence: string, zone: string): string {
  return sentenceParts(sentence, zone)
    .map((part) =>
      typeof part === "string"
        ? escapeHtml(part)
        : `<time datetime="${escapeHtml(part.iso)}" title="${escapeHtml(momentTitle(part.iso, zone))}">${escapeHtml(part.text)}</time>`,
    )
    .join("");
}

export function windowHtml(window: WindowPair, zone: string): string {
  return `<span title="${escapeHtml(windowTitle(window, zone)!)}">${escapeHtml(windowText(window, zone))}</span>`;
}
