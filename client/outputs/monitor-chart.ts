import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { standaloneSvg } from "../../cells/charts/theme.ts";
import { csvCell } from "../../cells/values/csv-cell.ts";
import { keysView } from "../../cells/views/chart-keys.ts";
import type { Chart, Handle, Markup, PlotModule } from "../../cells/views/markup.ts";
import { LightElement } from "../light-element.ts";
import { download } from "./chart-view.ts";
import { appendMarkup } from "./markup-dom.ts";
import { svgToPng } from "./svg-to-png.ts";

interface XScale {
  readonly range: readonly [number, number];
  apply(value: number): number;
  invert(px: number): number;
}
type Drawn = SVGSVGElement & { scale(name: "x"): XScale | undefined };

/** Loaded with the first chart that is seen. */
const loadPlot = (): Promise<PlotModule> => import("@observablehq/plot");

/** A chart of a monitoring cell: drawn for its width once it is seen, with files to take away and a rule to move. */
class MonitorChart extends LightElement {
  static override properties = { chart: { attribute: false }, at: { state: true }, scale: { state: true } };
  declare chart: Chart;
  /** Where the reader has put the rule. */
  declare at: number | null;
  declare scale: XScale | null;
  #width = 0;
  #x: XScale | null = null;
  #drawing: { readonly chart: Chart; readonly width: number } | null = null;
  #dragging = false;
  #telling: ReturnType<typeof setTimeout> | undefined;
  /** Until then the place is the reader's, whatever comes in. */
  #ownUntilMillis = 0;
  readonly #resizer = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width === this.#width) return;
    this.#width = width;
    void this.#draw();
  });

  constructor() {
    super();
    this.at = null;
    this.scale = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.isConnected && this.#resizer.observe(this.#plot));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resizer.disconnect();
  }

  get #plot(): HTMLElement {
    return this.querySelector<HTMLElement>(".m-plot")!;
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has("chart") || this.#dragging) return;
    const { value = null } = this.chart.handle ?? {};
    // A result of an earlier move that comes while the hand is already further does not take it back.
    if (Date.now() < this.#ownUntilMillis && value !== this.at && this.at !== null && value !== null) return;
    this.at = value;
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("chart")) void this.#draw();
    fill(this.querySelector(".m-legend")!, keysView(this.chart.keys));
    const readout = this.querySelector(".m-readout");
    if (readout === null || this.at === null) return;
    fill(readout, this.chart.handle!.read(this.at).view);
  }

  override render(): TemplateResult {
    const { title, label, handle, size, leads = [] } = this.chart;
    return html`<figure class="chart-figure m-chart m-${size}">
      <figcaption><span class="m-title">${title}</span><span class="m-legend"></span></figcaption>
      ${handle === null ? nothing : html`<dl class="m-readout"></dl>`}
      <div class="m-plot">
        <div class="chart ${leads.length > 0 ? "m-leads" : ""}" role="img" aria-label=${label} @click=${(event: MouseEvent) => this.#follow(event)}></div>
        ${handle === null || this.at === null || this.scale === null ? nothing : this.#rule(handle, this.at, this.scale)}
      </div>
      <div class="chart-tools cell-tools">
        <button class="small" title="Save as SVG" @click=${() => this.#saveSvg()}>SVG</button>
        <button class="small" title="Save as PNG" @click=${() => void this.#savePng()}>PNG</button>
        <button class="small" title="Save the drawn numbers as CSV" @click=${() => this.#saveData()}>Data</button>
      </div>
    </figure>`;
  }

  #rule(handle: Handle, at: number, scale: XScale): TemplateResult {
    return html`<div class="m-rule" role="slider" tabindex="0" style="left:${scale.apply(at)}px"
      aria-label=${handle.label} aria-valuemin=${handle.min} aria-valuemax=${handle.max} aria-valuenow=${at} aria-valuetext=${handle.read(at).text}
      title=${handle.input === null ? "Drag to read what another threshold gives" : `Drag to move ${handle.input}`}
      @pointerdown=${(event: PointerEvent) => this.#grab(event)} @pointermove=${(event: PointerEvent) => this.#drag(event)}
      @pointerup=${() => this.#release()} @pointercancel=${() => this.#release()}
      @keydown=${(event: KeyboardEvent) => this.#press(event)} @keyup=${(event: KeyboardEvent) => (event.key.startsWith("Arrow") || STEPS[event.key] !== undefined ? this.#tellSoon() : undefined)}></div>`;
  }

  async #draw(): Promise<void> {
    const wanted = { chart: this.chart, width: this.#width };
    if (wanted.width <= 0 || (this.#drawing?.chart === wanted.chart && this.#drawing.width === wanted.width)) return;
    this.#drawing = wanted;
    const plot = await loadPlot();
    if (this.#drawing !== wanted || !this.isConnected) return;
    const drawn = plot.plot(wanted.chart.options(plot, wanted.width)) as unknown as Drawn;
    drawn.setAttribute("aria-hidden", "true");
    this.querySelector(".chart")!.replaceChildren(drawn);
    this.#x = drawn.scale("x") ?? null;
    this.scale = this.chart.handle === null ? null : this.#x;
  }

  /** Goes where the point leads whose tip is shown: the nearest. What can be pressed here is a list beside it as well. */
  #follow({ clientX }: MouseEvent): void {
    const { leads = [] } = this.chart;
    const left = this.querySelector(".chart svg")?.getBoundingClientRect().left;
    if (leads.length === 0 || this.#x === null || left === undefined) return;
    const at = Number(this.#x.invert(clientX - left));
    const nearest = leads.reduce((best, one) => (Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best));
    dispatchEvent(new CustomEvent("driftbook-go", { detail: nearest.address }));
  }

  #grab(event: PointerEvent): void {
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#dragging = true;
  }

  #drag(event: PointerEvent): void {
    if (!this.#dragging || this.scale === null) return;
    this.#move(this.scale.invert(event.clientX - this.#plot.getBoundingClientRect().left));
  }

  #release(): void {
    if (!this.#dragging) return;
    this.#dragging = false;
    this.#tell();
  }

  #press(event: KeyboardEvent): void {
    const { handle } = this.chart;
    if (handle === null || this.at === null) return;
    if (event.key === "Home") this.#move(handle.min);
    else if (event.key === "End") this.#move(handle.max);
    else {
      const steps = STEPS[event.key];
      if (steps === undefined) return;
      this.#move(this.at + steps * (event.shiftKey ? 10 : 1) * handle.step);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** To whole steps, so that the input gets a number that a person could have typed. */
  #move(value: number): void {
    const { min, max, step } = this.chart.handle!;
    const whole = Number((Math.round(value / step) * step).toPrecision(12));
    this.at = Math.max(min, Math.min(max, whole));
  }

  #tellSoon(): void {
    clearTimeout(this.#telling);
    this.#ownUntilMillis = Date.now() + OWN_MILLIS;
    this.#telling = setTimeout(() => this.#tell(), TELL_AFTER_MILLIS);
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#ownUntilMillis = Date.now() + OWN_MILLIS;
    const { handle } = this.chart;
    if (handle === null || handle.input === null || this.at === null || this.at === handle.value) return;
    const detail = { input: handle.input, value: this.at };
    this.dispatchEvent(new CustomEvent("threshold-moved", { bubbles: true, composed: true, detail }));
  }

  get #svgText(): string {
    const drawn = this.querySelector(".chart > svg");
    return drawn === null ? "" : standaloneSvg(new XMLSerializer().serializeToString(drawn));
  }

  #saveSvg(): void {
    download(new Blob([this.#svgText], { type: "image/svg+xml" }), `${this.#fileName}.svg`);
  }

  async #savePng(): Promise<void> {
    const png = await svgToPng(this.#svgText);
    if (png !== null) download(png, `${this.#fileName}.png`);
  }

  #saveData(): void {
    const names = [...new Set(this.chart.data.flatMap((row) => Object.keys(row)))];
    const lines = [names, ...this.chart.data.map((row) => names.map((name) => row[name] ?? null))];
    const text = lines.map((cells) => cells.map((cell) => csvCell(cell)).join(",")).join("\r\n");
    download(new Blob([`${text}\r\n`], { type: "text/csv" }), `${this.#fileName}.csv`);
  }

  get #fileName(): string {
    return this.chart.name.replaceAll(/[^\w.-]+/g, "_");
  }
}
customElements.define("db-monitor-chart", MonitorChart);

/** Markup without charts into a place that lit leaves alone. */
function fill(place: Element, markup: Markup): void {
  place.replaceChildren();
  appendMarkup(place, markup, () => document.createTextNode(""));
}

/** Keys that are pressed quickly are one move. */
const TELL_AFTER_MILLIS = 200;
const OWN_MILLIS = 3000;

const STEPS: Readonly<Record<string, number | undefined>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
};

export type MonitorChartElement = MonitorChart;
