import { html, type TemplateResult } from "lit";
import { sentenceParts } from "../../cells/views/sentence-times.ts";
import { momentTitle } from "../../cells/views/time-text.ts";

/** A stored sentence with its times in the zone; hovering shows each as it is stored, and copying gives that. */
export function sentence(text: string, zone: string): TemplateResult {
  const parts = sentenceParts(text, zone).map((part) =>
    typeof part === "string"
      ? part
      : html`<time datetime=${part.iso} title=${momentTitle(part.iso, zone)}>${part.text}</time>`,
  );
  return html`<span @copy=${copyInstants}>${parts}</span>`;
}

/** Where more than the sentence is copied, this is not asked: its lines would be lost. */
function copyInstants(event: ClipboardEvent): void {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed || event.clipboardData === null) return;
  const copied = selection.getRangeAt(0).cloneContents();
  const times = copied.querySelectorAll("time");
  if (times.length === 0) return;
  for (const time of times) time.textContent = time.dateTime;
  event.clipboardData.setData("text/plain", copied.textContent ?? "");
  event.preventDefault();
}
