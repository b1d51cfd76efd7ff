import { html, nothing, type TemplateResult } from "lit";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import { windowText, windowTitle } from "../../cells/views/time-text.ts";
import type { PromotionPreview } from "../../cells/wire/http-jobs.ts";
import { counted } from "../format.ts";
import { dueText } from "./job-words.ts";

type Value = string | number | boolean;
type SetInput = (name: string, value: Value | undefined) => void;

/** What a promotion would freeze: when it runs, over what, with which inputs, contracts and texts. */
export function previewView(
  preview: PromotionPreview,
  spec: JobSpec,
  workspaceZone: string,
  moved: Readonly<Record<string, unknown>>,
  set: SetInput,
): TemplateResult {
  const { nextTimes, matureKpis, warnings, cells, contracts, inputs, sameAs, hash } = preview;
  const zone = spec.zone ?? workspaceZone;
  return html`<div class="j-preview" aria-label="What is frozen" role="group">
    <dl class="j-facts">
      <div><dt>Next times</dt><dd>${nextTimes.length === 0 ? html`<span class="muted">none</span>` : nextTimes.map((iso) => html`<span class="nowrap" title=${iso}>${dueText(iso, zone)}</span> `)}<span class="muted">${zone}</span></dd></div>
      ${firstWindows(preview, zone, workspaceZone)}
      ${matureKpis.length === 0 ? nothing : html`<div><dt>KPIs</dt><dd>${matureKpis.map(({ cell, window: own }) => html`<span class="nowrap">${cell}: ${own}</span> `)}<span class="muted">and beside them the newest, provisional and not judged</span></dd></div>`}
      ${inputs.length === 0 ? nothing : html`<div><dt>Inputs</dt><dd>${inputs.map((input) => inputField(input, moved, set))}</dd></div>`}
      <div><dt>Contracts</dt><dd>${contracts.length === 0 ? html`<span class="muted">no stream is read</span>` : contracts.map(({ stream, hash: of }) => html`${stream} <span class="mono muted">${of.slice(0, 8)}</span> `)}</dd></div>
      <div><dt>Version</dt><dd><span class="mono">${hash.slice(0, 8)}</span> ${sameAs === null ? html`<span class="muted">new</span>` : html`the same as version ${sameAs}: no new version is made`}</dd></div>
    </dl>
    ${warnings.map((warning) => html`<p class="notice warn">▲ ${warning}</p>`)}
    <details class="j-fold"><summary>${counted(cells.length, "cell")} frozen: ${frozenWords(cells)}</summary>
      ${cells.map(({ name, kind, source }) => html`<h3 class="j-cell-name">${name ?? "unnamed"} <span class="muted small">${kind}</span></h3><pre class="code">${source}</pre>`)}</details>
  </div>`;
}

/** What the first run would measure: the job's window where a cell takes it, and beside it those that cells state. */
function firstWindows(
  { window, cells }: PromotionPreview,
  zone: string,
  workspaceZone: string,
): TemplateResult | typeof nothing {
  const own = cells.flatMap((cell) => (cell.window === null ? [] : [{ cell, window: cell.window }]));
  const taken = cells.some((cell) => cell.window === null && cell.kind !== "input" && cell.kind !== "prose");
  if (own.length === 0 && window === null) return nothing;
  return html`<div><dt>First window</dt><dd>${window === null || !taken ? nothing : html`<span title=${windowTitle(window, zone) ?? nothing}>${windowText(window, zone)}</span>`}
    ${own.map(
      ({ cell, window: { text, resolved } }) =>
        html`<div class="j-own-window"><span class="mono">${cell.name ?? cell.id}</span> ${resolved === null ? html`<span class="muted">known when it runs</span>` : html`<span title=${windowTitle(resolved, workspaceZone) ?? nothing}>${windowText(resolved, workspaceZone)}</span>`} <span class="muted small">its own, ${text}</span></div>`,
    )}</dd></div>`;
}

function frozenWords(cells: PromotionPreview["cells"]): string {
  const names = cells.flatMap(({ name }) => name ?? []);
  const others = cells.length - names.length;
  return [...names, ...(others === 0 ? [] : [`${others} without a name`])].join(", ");
}

function inputField(
  { name, value, default: usual }: PromotionPreview["inputs"][number],
  moved: Readonly<Record<string, unknown>>,
  set: SetInput,
): TemplateResult {
  const now = moved[name];
  const here = isValue(now) && JSON.stringify(now) !== JSON.stringify(value) ? now : null;
  return html`<div class="j-input"><span class="mono">${name}</span>
    ${isValue(value) ? html`<input type="text" class="mono" aria-label="Value of ${name}" .value=${String(value)} size="12" @input=${(event: Event) => event.stopPropagation()} @change=${(event: Event) => set(name, read((event.target as HTMLInputElement).value, usual))} />` : html`<span class="mono">${JSON.stringify(value)}</span>`}
    ${JSON.stringify(value) === JSON.stringify(usual) ? html`<span class="muted small">its default</span>` : html`<span class="muted small">default ${String(usual)}</span>`}
    ${here === null ? nothing : html`<button type="button" class="small outlined" @click=${() => set(name, here)}>Use ${String(here)}, as it stands in the notebook</button>`}</div>`;
}

const isValue = (value: unknown): value is Value => ["string", "number", "boolean"].includes(typeof value);

/** In the type of its default; an empty field means the default. */
function read(text: string, usual: unknown): Value | undefined {
  if (text.trim() === "") return undefined;
  if (typeof usual === "number" && Number.isFinite(Number(text))) return Number(text);
  if (typeof usual === "boolean" && /^(true|false)$/.test(text.trim())) return text.trim() === "true";
  return text;
}
