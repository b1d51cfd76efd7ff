import { html, nothing, svg, type TemplateResult } from "lit";
import type { Standing, Verdict } from "../../cells/results/reading.ts";
import { UNJUDGED_WORDS, VERDICT_SHAPES, VERDICT_WORDS } from "../../cells/views/verdict-mark.ts";
import type { TickState } from "../../cells/wire/http-jobs.ts";

/** Whether a shape is drawn as a line: what holds no judgement is hollow. */
const LINES: ReadonlySet<Verdict> = new Set(["no-data", "error"]);

/** Colour, shape and word, as lit draws it: redrawn in place while a page renews itself. */
export function verdictView(verdict: Verdict, detail: string | null = null): TemplateResult {
  return html`<span class="m-verdict verdict-${verdict}">${verdictGlyph(verdict)}<span>${VERDICT_WORDS[verdict]}${detail === null ? nothing : ` ${detail}`}</span></span>`;
}

/** As `standingMark`. */
export function standingView(standing: Standing, provisional = false): TemplateResult {
  if (standing === "no-bound" || standing === "not-judged")
    return html`<span class="m-verdict m-quiet">${UNJUDGED_WORDS[standing]}</span>`;
  return provisional ? provisionalVerdict(standing) : verdictView(standing);
}

/** Hollow and dashed, as everywhere where a value is provisional. */
function provisionalVerdict(verdict: Verdict): TemplateResult {
  return html`<span class="m-verdict verdict-${verdict}">${markGlyph(VERDICT_SHAPES[verdict], `verdict-${verdict}`, true, true)}<span>${VERDICT_WORDS[verdict]}, provisional</span></span>`;
}

export function verdictGlyph(verdict: Verdict): TemplateResult {
  return markGlyph(VERDICT_SHAPES[verdict], `verdict-${verdict}`, LINES.has(verdict));
}

/** Ticks without a verdict: still to come, going on, left out, ended without one. */
const TICK_SHAPES: Readonly<
  Record<TickState, { readonly path: string; readonly tone: string; readonly isLine: boolean }>
> = {
  due: { path: "M6 4.5a1.5 1.5 0 1 0 0 3a1.5 1.5 0 1 0 0-3Z", tone: "tick-quiet", isLine: false },
  waiting: { path: "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8ZM6 3.8V6l1.6 1", tone: "tick-busy", isLine: true },
  running: { path: "M6 1.5a4.5 4.5 0 1 0 0 9Z", tone: "tick-busy", isLine: false },
  done: { path: "M2.2 6.2l2.6 2.6 5-5.4", tone: "tick-quiet", isLine: true },
  failed: { path: VERDICT_SHAPES.error, tone: "verdict-error", isLine: true },
  skipped: { path: "M2.5 6h7", tone: "tick-quiet", isLine: true },
};

export function tickGlyph(state: TickState, verdict: Verdict | null): TemplateResult {
  if (verdict !== null && state === "done") return verdictGlyph(verdict);
  const { path, tone, isLine } = TICK_SHAPES[state];
  return markGlyph(path, tone, isLine);
}

/** A shape on 12 × 12. */
export function markGlyph(path: string, tone: string, isLine: boolean, isDashed = false): TemplateResult {
  return html`<svg class="m-shape ${tone}" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">${svg`<path d=${path} fill=${isLine ? "none" : "currentColor"} stroke=${isLine ? "currentColor" : "none"} stroke-width="1.6" stroke-linecap=${isDashed ? "butt" : "round"} stroke-dasharray=${isDashed ? "2 1.5" : "none"}></path>`}</svg>`;
}
