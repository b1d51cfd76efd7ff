import { html, nothing, svg, type TemplateResult } from "lit";
import type { Verdict } from "../../cells/results/reading.ts";
import { VERDICT_WORDS } from "../../cells/views/verdict-mark.ts";
import type { Rehearsal } from "../../cells/wire/http-jobs.ts";
import { counted } from "../format.ts";
import { dueText } from "./job-words.ts";
import { verdictView } from "./verdict-view.ts";

const ORDER: readonly Verdict[] = ["fail", "error", "no-data", "warn", "ok"];
/** Height says what colour says. */
const HEIGHTS: Readonly<Record<Verdict, number>> = { ok: 6, warn: 14, fail: 24, "no-data": 3, error: 24 };
const MOST_NAMED = 5;

/** How the bounds would have judged the past: counts, a strip in time, and the latest that fired. */
export function rehearsalView({ runs, counts, fired, notes, ticks }: Rehearsal, zone: string): TemplateResult {
  if (runs === 0)
    return html`<p class="j-hint">There is no past due time with data to measure.</p>${notes.map((note) => html`<p class="j-hint">${note}</p>`)}`;
  const width = 100 / ticks.length;
  const said = ORDER.filter((verdict) => (counts[verdict] ?? 0) > 0)
    .map((verdict) => `${counts[verdict]} ${VERDICT_WORDS[verdict]}`)
    .join(", ");
  const failed = ticks.filter(({ verdict }) => verdict === "fail").toReversed();
  const [first, last] = [ticks[0], ticks.at(-1)];
  return html`<p><b>${firedWords(fired, counts.fail ?? 0, runs)}</b></p>
    <p class="j-counts">${ORDER.filter((verdict) => (counts[verdict] ?? 0) > 0).map((verdict) => html`<span>${verdictView(verdict)} ${counts[verdict]}</span>`)}</p>
    <svg class="j-rehearsed" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label="${counted(runs, "past run")}: ${said}">${ticks.map(({ scheduledFor, verdict, worst }, at) => svg`<rect class="verdict-${verdict}" x=${at * width} y=${24 - HEIGHTS[verdict]} width=${width * 0.8} height=${HEIGHTS[verdict]}><title>${dueText(scheduledFor, zone)}: ${VERDICT_WORDS[verdict]}${worst === null ? "" : `, ${worst}`}</title></rect>`)}</svg>
    ${first === undefined || last === undefined ? nothing : html`<p class="j-hint j-ends"><span>${dueText(first.scheduledFor, zone)}</span><span>${dueText(last.scheduledFor, zone)}</span></p>`}
    ${failed.length === 0 ? nothing : html`<ul class="j-hint j-fired">${failed.slice(0, MOST_NAMED).map(({ scheduledFor, worst }) => html`<li>${dueText(scheduledFor, zone)}${worst === null ? nothing : `: ${worst}`}</li>`)}${failed.length > MOST_NAMED ? html`<li>and ${failed.length - MOST_NAMED} more before</li>` : nothing}</ul>`}
    ${notes.map((note) => html`<p class="j-hint">${note}</p>`)}`;
}

function firedWords(fired: number, fails: number, runs: number): string {
  const failed = `${fails === 0 ? "None" : fails} of ${counted(runs, "past run")} ${fails === 1 ? "is" : "are"} past a bound`;
  if (fails === 0) return `These bounds would not have fired: ${failed.toLowerCase()}.`;
  const times = fired === 0 ? "not have fired" : `have fired ${counted(fired, "alert")}`;
  return `These bounds would ${times}: ${failed}, ${Math.round((100 * fails) / runs)}%.`;
}
