import { html, type TemplateResult } from "lit";
import { VERDICT_WORDS } from "../../cells/views/verdict-mark.ts";
import type { Tick } from "../../cells/wire/http-jobs.ts";
import { jobAddress, runAddress, tickTitle } from "./job-words.ts";
import { tickGlyph } from "./verdict-view.ts";

/**
 * The last ticks of a job, oldest first: each by colour and shape, its sentence as name and tip, a link to its run. One
 * stop of the Tab key; arrows go along it.
 */
export function tickStrip(job: string, ticks: readonly Tick[], zone: string): TemplateResult {
  if (ticks.length === 0) return html`<span class="muted small">no due time has come yet</span>`;
  return html`<span class="j-strip" role="group" aria-label="Last ${ticks.length} due times of ${job}" @keydown=${move}>${ticks.map(
    (tick, at) => {
      const title = tickTitle(tick, VERDICT_WORDS, zone);
      const address = tick.run === null ? `${jobAddress(job)}?show=ticks` : runAddress(job, tick.run);
      return html`<a href=${address} title=${title} aria-label=${title} tabindex=${at === ticks.length - 1 ? 0 : -1}>${tickGlyph(tick.state, tick.verdict)}</a>`;
    },
  )}</span>`;
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

function move(event: KeyboardEvent): void {
  const links = [...(event.currentTarget as Element).querySelectorAll("a")];
  const at = links.indexOf(event.target as HTMLAnchorElement);
  const to = event.key === "Home" ? 0 : event.key === "End" ? links.length - 1 : at + (STEPS[event.key] ?? 0);
  if (at === -1 || to === at || links[to] === undefined) return;
  event.preventDefault();
  links[to].focus();
}
