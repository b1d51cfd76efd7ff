import { html, nothing, type TemplateResult } from "lit";
import type { AlertState } from "../../cells/alerts/alert.ts";
import { VERDICT_SHAPES } from "../../cells/views/verdict-mark.ts";
import type { AlertView } from "../../cells/wire/http-alerts.ts";
import { sentence } from "./sentence.ts";
import { markGlyph } from "./verdict-view.ts";

const HALF = "M6 1.5a4.5 4.5 0 1 0 0 9Z";
const DASH = "M2.5 6h7";

const STATES: Readonly<
  Record<AlertState, { readonly word: string; readonly path: string; readonly tone: string; readonly isLine: boolean }>
> = {
  inactive: { word: "calm", path: DASH, tone: "tick-quiet", isLine: true },
  pending: { word: "pending", path: VERDICT_SHAPES.warn, tone: "verdict-warn", isLine: true },
  firing: { word: "firing", path: VERDICT_SHAPES.fail, tone: "verdict-fail", isLine: false },
  recovering: { word: "recovering", path: HALF, tone: "verdict-ok", isLine: false },
  resolved: { word: "resolved", path: VERDICT_SHAPES.ok, tone: "verdict-ok", isLine: false },
  "no-data": { word: "no data", path: VERDICT_SHAPES["no-data"], tone: "verdict-warn", isLine: true },
  error: { word: "error", path: VERDICT_SHAPES.error, tone: "verdict-error", isLine: true },
  gone: { word: "subject gone", path: DASH, tone: "tick-quiet", isLine: true },
};

/** Colour, shape and word of a state. */
export function alertMark(state: AlertState): TemplateResult {
  const { word, path, tone, isLine } = STATES[state];
  return html`<span class="m-verdict ${tone}">${markGlyph(path, tone, isLine)}<span>${word}</span></span>`;
}

/** A closed one has no state any more that anybody should look at. */
export function alertMarkOf({ state, closed }: Pick<AlertView, "state" | "closed">): TemplateResult {
  if (closed === null) return alertMark(state);
  return html`<span class="m-verdict tick-quiet">${markGlyph(DASH, "tick-quiet", true)}<span>closed</span></span>`;
}

export const alertAddress = (id: string): string => `/alerts/${encodeURIComponent(id)}`;

/** Where an open alert stands on the page: what was silenced is out of sight of the firing ones. */
export function groupOf({
  state,
  silencedUntil,
}: Pick<AlertView, "state" | "silencedUntil">): "firing" | "pending" | "silenced" {
  if (silencedUntil !== null) return "silenced";
  return state === "pending" || state === "inactive" ? "pending" : "firing";
}

/** Its value against its threshold, or why there is none. */
export function alertFinding(
  { value, reason }: Pick<AlertView, "value" | "reason">,
  zone: string,
): TemplateResult | typeof nothing {
  const why = reason === null ? nothing : sentence(reason, zone);
  if (value === null) return why;
  return html`${value}${why === nothing ? nothing : html` <span class="muted">· ${why}</span>`}`;
}
