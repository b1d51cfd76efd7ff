import DOMPurify from "dompurify";
import { html, nothing, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import { type Hit, nearestHit } from "../../cells/charts/hits.ts";
import { standaloneSvg } from "../../cells/charts/theme.ts";
import type { ChartDisplay } from "../../cells/results/display.ts";
import { LightElement } from "../light-element.ts";

/** Its figure says in words what it is, so the drawing itself is hidden from screen readers. */
const cleanSvg = (svg: string): string =>
  DOMPurify.sanitize(svg, { USE_PROFILES: { svg: true, svgFilters: true } }).replace("<svg", '<svg aria-hidden="true"');

/** A chart that the kernel drew: answers the pointer and the arrow keys with tips from its table of points. */
class ChartView extends LightElement {
  static override properties = { chart: { attribute: false }, hit: { state: true } };
  declare chart: ChartDisplay;
  declare hit: Hit | null;
  #key = -1;
  #svg: { readonly of: string; readonly clean: string } | null = null;

  constructor() {
    super();
    this.hit = null;
  }

  override render(): TemplateResult {
    const { chart } = this;
    if (this.#svg?.of !== chart.svg) this.#svg = { of: chart.svg, clean: cleanSvg(chart.svg) };
    const points = chart.hits.marks.reduce((sum, mark) => sum + mark.x.length, 0);
    return html`<figure class="chart-figure">
      ${chart.title === null ? nothing : html`<h3>${chart.title}</h3>`}
      ${chart.subtitle === null ? nothing : html`<p class="muted">${chart.subtitle}</p>`}
      ${chart.legends.map((legend) =>
        legend.type === "ramp"
          ? html`<div class="chart-legend">${unsafeHTML(cleanSvg(legend.svg))}</div>`
          : html`<div class="chart-legend">${legend.items.map(({ color, text }) => html`<span><i style="background:${color}"></i>${text}</span>`)}</div>`,
      )}
      <div class="chart" style="max-width:${chart.width}px" tabindex="0" role="img" aria-label="${chart.title ?? "Chart"}, ${points} points; arrow keys go through them"
        @pointermove=${(event: PointerEvent) => this.#point(event)} @pointerleave=${() => this.#clear()}
        @keydown=${(event: KeyboardEvent) => this.#press(event)} @blur=${() => this.#clear()}>
        ${unsafeHTML(this.#svg.clean)} ${this.hit === null ? nothing : this.#tip(this.hit)}
      </div>
      ${chart.caption === null ? nothing : html`<figcaption class="muted small">${chart.caption}</figcaption>`}
      <div class="chart-tools cell-tools">
        <button class="small" @click=${() => this.#save("svg")}>SVG</button>
        <button class="small" @click=${() => void this.#save("png")}>PNG</button>
      </div>
      <div class="visually-hidden" aria-live="polite">${this.#key < 0 || this.hit === null ? "" : this.hit.entries.map(({ label, text }) => `${label} ${text}`).join(", ")}</div>
    </figure>`;
  }

  #tip(hit: Hit): TemplateResult {
    const { width, height } = this.chart;
    const [left, top] = [(hit.x / width) * 100, (hit.y / height) * 100];
    const side = left > 60 ? "transform:translate(calc(-100% - 12px),-50%)" : "transform:translate(12px,-50%)";
    return html`<span class="chart-dot" style="left:${left}%;top:${top}%;${hit.color === null ? "" : `background:${hit.color}`}"></span>
      <div class="chart-tip" style="left:${left}%;top:${top}%;${side}" aria-hidden="true">
        ${hit.entries.map(({ label, text }) => html`<div><span class="muted">${label}</span> <b>${text}</b></div>`)}
      </div>`;
  }

  #point(event: PointerEvent): void {
    const box = this.querySelector(".chart > svg")?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    this.#key = -1;
    this.hit = nearestHit(
      this.chart.hits,
      ((event.clientX - box.left) / box.width) * this.chart.width,
      ((event.clientY - box.top) / box.height) * this.chart.height,
    );
  }

  #clear(): void {
    this.hit = null;
    this.#key = -1;
  }

  #press(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (event.key === "Escape") this.#clear();
    const [mark] = this.chart.hits.marks;
    if (step === 0 || mark === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#key = Math.max(0, Math.min(mark.x.length - 1, this.#key + step));
    this.hit = nearestHit({ marks: [mark], cut: false }, mark.x[this.#key]!, mark.y[this.#key]!);
  }

  async #save(format: "svg" | "png"): Promise<void> {
    const { svg, width, height } = this.chart;
    const text = standaloneSvg(svg).replace(
      "<svg",
      svg.includes("xmlns=") ? "<svg" : '<svg xmlns="http://www.w3.org/2000/svg"',
    );
    const file = new Blob([text], { type: "image/svg+xml" });
    if (format === "svg") return download(file, "chart.svg");
    const image = new Image();
    image.src = URL.createObjectURL(file);
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: width * 2, height: height * 2 });
    const context = canvas.getContext("2d")!;
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((png) => png !== null && download(png, "chart.png"), "image/png");
  }
}
customElements.define("db-chart", ChartView);

export function download(file: Blob, name: string): void {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
