import { html, type PropertyValues, type TemplateResult } from "lit";
import { readingAddress } from "../../cells/results/reading-address.ts";
import type { Chart } from "../../cells/views/markup.ts";
import { type MonitorDisplay, monitorMarkup } from "../../cells/views/monitor-markup.ts";
import { LightElement } from "../light-element.ts";
import { appendMarkup } from "./markup-dom.ts";
import "./monitor-chart.ts";
import type { MonitorChartElement } from "./monitor-chart.ts";
import "../styles/monitor.css";

/** What a reader has opened and chosen, by `data-key`. */
interface Reading {
  readonly open: ReadonlyMap<string, boolean>;
  readonly chosen: ReadonlyMap<string, string>;
  readonly charts: ReadonlyMap<string, MonitorChartElement>;
  readonly focus: HTMLElement | null;
}

/** The output of a drift, kpi or check cell. A new result keeps what the reader had opened, chosen and focused. */
class MonitorView extends LightElement {
  static override properties = { display: { attribute: false }, zone: { attribute: false } };
  declare display: MonitorDisplay;
  declare zone: string;

  constructor() {
    super();
    this.zone = "UTC";
  }

  override render(): TemplateResult {
    return html`<div class="monitor"></div>`;
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("display") || changed.has("zone")) this.#show();
  }

  #show(): void {
    const root = this.querySelector<HTMLElement>(":scope > .monitor")!;
    const before = this.#reading(root);
    root.replaceChildren();
    appendMarkup(
      root,
      monitorMarkup(this.display, { zone: this.zone, readingHref: (id) => readingAddress(id) }),
      (chart) => this.#chart(chart, before),
    );
    for (const details of root.querySelectorAll<HTMLDetailsElement>("details[data-key]")) {
      const open = before.open.get(details.dataset.key!);
      if (open !== undefined) details.open = open;
    }
    for (const choice of root.querySelectorAll<HTMLElement>("[data-choice]"))
      addChoice(choice, before.chosen.get(choice.dataset.key ?? "") ?? null);
    if (before.focus !== null) this.#focus(root, before.focus);
  }

  #reading(root: HTMLElement): Reading {
    const open = new Map<string, boolean>();
    for (const details of root.querySelectorAll<HTMLDetailsElement>("details[data-key]"))
      open.set(details.dataset.key!, details.open);
    const chosen = new Map<string, string>();
    for (const select of root.querySelectorAll<HTMLSelectElement>("[data-choice] > label > select"))
      chosen.set(select.closest<HTMLElement>("[data-choice]")!.dataset.key ?? "", select.value);
    const charts = new Map<string, MonitorChartElement>();
    for (const element of root.querySelectorAll<MonitorChartElement>("db-monitor-chart"))
      charts.set(element.chart.name, element);
    const { activeElement } = document;
    return { open, chosen, charts, focus: root.contains(activeElement) ? (activeElement as HTMLElement) : null };
  }

  /** A chart that was there is given its new numbers: it keeps its drawing until the next is ready. */
  #chart(chart: Chart, before: Reading): MonitorChartElement {
    const element =
      before.charts.get(chart.name) ?? (document.createElement("db-monitor-chart") as unknown as MonitorChartElement);
    element.chart = chart;
    return element;
  }

  #focus(root: HTMLElement, focus: HTMLElement): void {
    if (focus.isConnected) return focus.focus({ preventScroll: true });
    const key = focus.closest<HTMLElement>("[data-key]")?.dataset.key;
    const again = [...root.querySelectorAll<HTMLElement>("[data-key]")].find(({ dataset }) => dataset.key === key);
    again?.querySelector<HTMLElement>("summary, select")?.focus({ preventScroll: true });
  }
}
customElements.define("db-monitor", MonitorView);

/** Folded panels become one panel and a list to choose it from. */
function addChoice(choice: HTMLElement, chosen: string | null): void {
  const panels = [...choice.querySelectorAll<HTMLDetailsElement>(":scope > details[data-panel]")];
  const select = document.createElement("select");
  for (const { dataset } of panels) select.add(new Option(dataset.panel!, dataset.panel!));
  const show = (): void => {
    for (const panel of panels) panel.open = panel.dataset.panel === select.value;
  };
  if (panels.some(({ dataset }) => dataset.panel === chosen)) select.value = chosen!;
  const label = document.createElement("label");
  label.append(choice.dataset.choice!, " ", select);
  choice.prepend(label);
  choice.classList.add("is-choosing");
  select.addEventListener("change", show);
  show();
}
