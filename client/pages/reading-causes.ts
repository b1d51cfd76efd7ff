import { html, nothing, type TemplateResult } from "lit";
import { jobOfNotebook, readingAddress } from "../../cells/results/reading-address.ts";
import { countOf, countText, intervalText, type Unit, unitText } from "../../cells/views/number-text.ts";
import { differenceText } from "../../cells/views/reading-words.ts";
import { momentTitle, windowText, windowTitle } from "../../cells/views/time-text.ts";
import { standingMark } from "../../cells/views/verdict-mark.ts";
import type { ExplainedStep, Explanation, ReadingLine } from "../../cells/wire/http-readings.ts";
import { markupView } from "./reading-markup.ts";
import { asOfTexts } from "./reading-times.ts";

interface Around {
  /** The reading whose page this is. */
  readonly here: string;
  readonly unit: Unit;
  readonly zone: string;
  readonly open: ReadonlySet<number>;
  readonly toggle: (at: number) => void;
}

/** Both values side by side, then each cause with what it changed and what shows it. */
export function explanationView({ from, to, steps }: Explanation, around: Around): TemplateResult {
  const { unit } = around;
  const asOfText = asOfTexts([from.asOf, to.asOf], around.zone);
  const scale = scaleOf(steps, from, to);
  return html`<div class="r-sides">${side("From", from, asOfText, around)}<span class="r-arrow" aria-hidden="true">→</span>${side("To", to, asOfText, around)}
      <div class="r-side"><span class="small muted">Difference</span><span class="r-side-value">${from.value === null || to.value === null ? "–" : differenceText(to.value - from.value, unit)}</span></div></div>
    ${
      steps.length === 0
        ? nothing
        : html`<div class="scroll" tabindex="0" role="region" aria-label="Causes"><table class="rows r-table r-causes"><thead><tr><th scope="col">Cause</th><th scope="col" class="right">Before → after</th><th class="hide-narrow"></th><th scope="col" class="right">Change</th><th scope="col" class="right">Rows</th></tr></thead>
      <tbody>${steps.map((step, at) => causeRows(step, at, scale, around))}</tbody></table></div>`
    }
    <p class="r-closing">${closingWords(from, to, steps, unit)}</p>`;
}

function side(
  name: string,
  line: ReadingLine,
  asOfText: (asOf: string) => string,
  { here, unit, zone }: Around,
): TemplateResult {
  const { id, window, asOf, value, lower, upper, n, verdict, standing = verdict } = line;
  const interval = intervalText(lower, upper, unit);
  return html`<div class="r-side"><span class="small muted">${name}${id === here ? ", this reading" : nothing}</span>
    <span class="r-side-value" title=${value === null ? nothing : String(value)}>${id === here ? unitText(value, unit) : html`<a class="m-source" href=${readingAddress(id, { job: jobOfNotebook(line.notebook) })} title="Page of this reading">${unitText(value, unit)}</a>`}</span>
    <span class="small">${markupView(standingMark(standing))} ${interval === null ? nothing : html`<span class="muted">${interval}</span>`} <span class="muted">n ${countText(n)}</span></span>
    <span class="small"><span title=${windowTitle(window, zone) ?? nothing}>${windowText(window, zone)}</span><br /><span class="muted" title=${momentTitle(asOf, zone)}>as of ${asOfText(asOf)}</span></span></div>`;
}

function causeRows(step: ExplainedStep, at: number, scale: Scale, { unit, open, toggle }: Around): TemplateResult {
  const { title, note, before, after, change, rowCount, rows, lines } = step;
  const isQuiet = change === null || isNone(change, scale);
  const opens = rows.length > 0 || lines.length > 0;
  const isOpen = opens && open.has(at);
  const panel = `cause-${at}`;
  return html`<tr class=${isQuiet ? "r-quiet" : ""}>
      <th scope="row">${opens ? html`<button class="r-open" aria-expanded=${isOpen} aria-controls=${panel} @click=${() => toggle(at)}>${title}</button>` : html`<span class="r-title">${title}</span>`}
        ${note === null ? nothing : html`<div class="r-note">${note}</div>`}</th>
      <td class="right">${before === null && after === null ? "–" : isQuiet ? unitText(after ?? before, unit) : html`${unitText(before, unit)} → ${unitText(after, unit)}`}</td>
      <td class="hide-narrow r-fall">${isQuiet || before === null || after === null ? nothing : fall(before, after, scale)}</td>
      <td class="right r-change">${change === null ? "–" : isQuiet ? "no change" : differenceText(change, unit)}</td>
      <td class="right">${rowCount === null ? nothing : countText(rowCount)}</td>
    </tr>
    ${isOpen ? html`<tr id=${panel} class="r-opened"><td colspan="5">${linesView(lines, title)}${rowsView(step)}</td></tr>` : nothing}`;
}

interface Scale {
  readonly low: number;
  readonly high: number;
}

/** One scale for all causes, so that their bars can be held against each other. */
function scaleOf(steps: readonly ExplainedStep[], from: ReadingLine, to: ReadingLine): Scale {
  const values = [from.value, to.value, ...steps.flatMap(({ before, after }) => [before, after])].filter(
    (value) => value !== null,
  );
  return values.length === 0 ? { low: 0, high: 1 } : { low: Math.min(...values), high: Math.max(...values) };
}

/** Sums of doubles leave a rest. */
const REST = 1e-9;
const isNone = (change: number, { low, high }: Scale): boolean =>
  Math.abs(change) <= REST * Math.max(Math.abs(low), Math.abs(high), Number.MIN_VALUE);

/** From the value before to the one after; a thicker end says where it goes. */
function fall(before: number, after: number, { low, high }: Scale): TemplateResult {
  const at = (value: number): number => ((value - low) / (high - low || 1)) * 100;
  const [left, right] = [Math.min(at(before), at(after)), Math.max(at(before), at(after))];
  return html`<span class="r-track" aria-hidden="true"><i style="left:${left}%;width:max(2px, ${right - left}%)"></i><b style="left:${at(after)}%"></b></span>`;
}

function linesView(lines: readonly string[], title: string): TemplateResult | typeof nothing {
  if (lines.length === 0) return nothing;
  const look = (line: string): string => (line.startsWith("+") ? "r-added" : line.startsWith("-") ? "r-removed" : "");
  return html`<pre class="code r-lines" tabindex="0" role="region" aria-label="Text of: ${title}">${lines.map((line) => html`<span class=${look(line)}>${line}\n</span>`)}</pre>`;
}

function rowsView({ rows, rowCount, title }: ExplainedStep): TemplateResult | typeof nothing {
  if (rows.length === 0) return nothing;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Rows of: ${title}"><table class="rows r-table r-rows"><thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${names.map((name) => html`<td>${row[name] ?? html`<span class="muted">null</span>`}</td>`)}</tr>`)}</tbody></table></div>
    ${rowCount === null || rowCount <= rows.length ? nothing : html`<p class="muted small">The first ${rows.length} of ${countOf(rowCount, "row")}.</p>`}`;
}

/** Whether the causes are all there is. */
function closingWords(from: ReadingLine, to: ReadingLine, steps: readonly ExplainedStep[], unit: Unit): string {
  if (steps.length === 0) return "Nothing differs between the two: the same version, data, marks and program.";
  if (from.value === null || to.value === null)
    return "One of the two has no value, so there is no difference to explain.";
  const difference = to.value - from.value;
  const known = steps.flatMap(({ change }) => (change === null ? [] : [change]));
  const sum = known.reduce((total, change) => total + change, 0);
  const scale = scaleOf(steps, from, to);
  const ends = `from ${unitText(from.value, unit)} to ${unitText(to.value, unit)}`;
  const rest = difference - sum;
  if (!isNone(rest, scale))
    return `The changes add up to ${differenceText(sum, unit)}; ${differenceText(rest, unit)} of the difference of ${differenceText(difference, unit)} has no cause here.`;
  if (isNone(difference, scale))
    return known.every((change) => isNone(change, scale))
      ? `No cause changed the value: ${unitText(to.value, unit)} both times.`
      : `The changes cancel out: ${unitText(to.value, unit)} both times.`;
  return `The changes add up to the difference of ${differenceText(difference, unit)}, ${ends}.`;
}
