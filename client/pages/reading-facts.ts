import { html, nothing, type TemplateResult } from "lit";
import type { Bound } from "../../cells/results/reading.ts";
import { boundWords } from "../../cells/views/bound-words.ts";
import { driftUnit, judgedBy } from "../../cells/views/metric-name.ts";
import { countText, pText, shareText, type Unit } from "../../cells/views/number-text.ts";
import { distanceWords, judgedValue } from "../../cells/views/reading-words.ts";
import { momentText, momentTitle, windowText, windowTitle } from "../../cells/views/time-text.ts";
import type { KeptReading } from "../../cells/wire/http-readings.ts";

type Shown = TemplateResult | string | typeof nothing;

/** Names and values side by side; what is `nothing` is left out. */
export function factList(facts: readonly (readonly [string, Shown])[]): TemplateResult {
  return html`<dl class="r-facts">${facts.map(([name, value]) => (value === nothing ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>`))}</dl>`;
}

/** What holds of the value: bounds and how far from them, on how many rows, how settled, how likely noise. */
export function answerFacts({ reading }: KeptReading, unit: Unit): TemplateResult {
  const { bounds, n, nReference, maturity, provisional, pValue, pAdjusted, metric } = reading;
  const isBeside = reading.beside === true;
  const judged = judgedValue(reading);
  const judgedUnit = judged === reading.value ? unit : driftUnit(metric);
  const { suffix, title } = judgedBy(metric);
  const bound = (limit: Bound | null): Shown =>
    limit === null
      ? nothing
      : html`<span title=${title ?? nothing}>${boundWords(limit, judgedUnit)}${suffix}</span>${judged === null ? nothing : html`, <span class="muted">${distanceWords(judged, limit, judgedUnit)}</span>`}`;
  return factList([
    ["Warns", bound(bounds.warn)],
    ["Fails", bound(bounds.fail)],
    ["Bounds", bounds.warn === null && bounds.fail === null ? html`<span class="muted">none are set</span>` : nothing],
    ["n", nReference === null ? countText(n) : `${countText(n)} against ${countText(nReference)} of the reference`],
    [
      "Labels known",
      maturity === null
        ? nothing
        : html`${shareText(maturity)} <span class="muted">expected by the as-of${provisional && !isBeside ? ", so the value is provisional" : ""}</span>`,
    ],
    [
      "Settled",
      isBeside
        ? html`no <span class="muted">these are the newest units: they stand beside mature ones and are not judged</span>`
        : provisional && maturity === null
          ? html`no <span class="muted">labels may still come, so the value is provisional</span>`
          : nothing,
    ],
    ["p", pValue === null ? nothing : html`${pText(pValue)} <span class="muted">of the noise test</span>`],
    [
      "p, adjusted",
      pAdjusted === null ? nothing : html`${pText(pAdjusted)} <span class="muted">for all tests of the cell</span>`,
    ],
  ]);
}

/** How it was measured, and over what. */
export function methodFacts({ reading, measurement: { dueAt }, zone }: KeptReading): TemplateResult {
  const { definition, convention, exact, window, asOf, subject, slice } = reading;
  return factList([
    ["Definition", html`<code>${definition}</code>`],
    ["Convention", convention],
    ["Exact", exact ? "yes" : html`no <span class="muted">computed from bins or rounded scores</span>`],
    ["Column", subject === null ? nothing : html`<span class="mono">${subject}</span>`],
    ["Rows", slice ?? "all"],
    ["Window", html`<span title=${windowTitle(window, zone) ?? nothing}>${windowText(window, zone)}</span>`],
    ["As of", html`<span title=${momentTitle(asOf, zone)}>${momentText(asOf, zone)}</span>`],
    [
      "Due at",
      dueAt === undefined
        ? nothing
        : html`<span title=${momentTitle(dueAt, zone)}>${momentText(dueAt, zone)}</span> <span class="muted">relative windows count from it</span>`,
    ],
    ["Reading", html`<span class="mono">${reading.id}</span>`],
  ]);
}
