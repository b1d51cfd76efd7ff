import { html, nothing, type TemplateResult } from "lit";
import type { Cell } from "../../cells/document/document.ts";
import type { InputSpec, InputValue } from "../../cells/kinds/input/input-spec.ts";
import { inputSpecOf, inputValue } from "../../cells/session/input-value.ts";
import type { SessionState } from "../../cells/session/state.ts";

type Move = (value: InputValue) => void;
type Controls = {
  readonly [Type in InputSpec["type"]]: (
    spec: Extract<InputSpec, { type: Type }>,
    value: InputValue,
    id: string,
    move: Move,
  ) => TemplateResult;
};

const target = (event: Event): HTMLInputElement => event.target as HTMLInputElement;

const CONTROLS: Controls = {
  number: ({ min, max, step, unit }, value, id, move) =>
    html`<input id=${id} type="number" min=${min ?? nothing} max=${max ?? nothing} step=${step ?? "any"} .value=${String(value)}
      @change=${(event: Event) => !Number.isNaN(target(event).valueAsNumber) && move(target(event).valueAsNumber)} /> ${unit ?? ""}`,
  slider: ({ min, max, step, unit }, value, id, move) =>
    html`<input id=${id} type="range" min=${min} max=${max} step=${step} .value=${String(value)} @input=${(event: Event) => move(target(event).valueAsNumber)} />
      <output class="mono">${String(value)}${unit === null ? "" : ` ${unit}`}</output>`,
  select: ({ options }, value, id, move) =>
    html`<select id=${id} @change=${(event: Event) => move(options[(event.target as HTMLSelectElement).selectedIndex]!.value)}>
      ${options.map((option) => html`<option ?selected=${option.value === value}>${option.label}</option>`)}</select>`,
  text: ({ placeholder }, value, id, move) =>
    html`<input id=${id} type="text" placeholder=${placeholder} .value=${String(value ?? "")} @change=${(event: Event) => move(target(event).value)} />`,
  date: ({ min, max }, value, id, move) =>
    html`<input id=${id} type="date" min=${min ?? nothing} max=${max ?? nothing} .value=${String(value ?? "")} @change=${(event: Event) => move(target(event).value || null)} />`,
  window: (_spec, value, id, move) =>
    html`<input id=${id} type="text" placeholder="the notebook's window" .value=${String(value ?? "")} @change=${(event: Event) => move(target(event).value.trim() || null)} />`,
  toggle: (_spec, value, id, move) =>
    html`<input id=${id} type="checkbox" .checked=${value === true} @change=${(event: Event) => move(target(event).checked)} />`,
};

/** An input cell as its control; moving it changes the session, never the file, until it is kept. */
export function inputView(
  state: SessionState,
  cell: Cell,
  move: Move,
  keep: () => void,
): TemplateResult | typeof nothing {
  const spec = inputSpecOf(cell);
  if (spec === null) return nothing;
  const value = inputValue(state, cell);
  const id = `input-${cell.id}`;
  const control = (
    CONTROLS[spec.type] as (spec: InputSpec, value: InputValue, id: string, move: Move) => TemplateResult
  )(spec, value, id, move);
  return html`<div class="input-row">
    <label for=${id}>${spec.label ?? cell.name ?? cell.id}</label>
    ${control}
    ${value === spec.default ? nothing : html`<button class="small cell-tools" title="Write this value into the file as the default" @click=${keep}>Keep as default</button>`}
  </div>`;
}
