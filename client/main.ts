import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { LightElement } from "./light-element.ts";
import { JOB_FACES, type JobFace } from "./pages/job-faces.ts";
import { keepScroll, recordScroll, returnToScroll } from "./scroll-back.ts";
import { applyTheme, nextTheme, savedTheme, THEME_NAMES, type Theme } from "./theme.ts";

type Place =
  | { readonly page: "home" }
  | { readonly page: "notebook"; readonly path: string }
  | { readonly page: "stream"; readonly stream: string }
  | { readonly page: "reading"; readonly reading: string; readonly other: string | null }
  | { readonly page: "jobs" }
  | { readonly page: "job"; readonly job: string; readonly face: JobFace; readonly before: string | null }
  | { readonly page: "run"; readonly job: string; readonly run: string }
  | { readonly page: "version"; readonly job: string; readonly version: string }
  | { readonly page: "alerts" }
  | { readonly page: "alert"; readonly alert: string }
  | { readonly page: "reports" }
  | { readonly page: "report"; readonly slug: string }
  | { readonly page: "settings" }
  | { readonly page: "nowhere"; readonly path: string };

function placeOf({ pathname: path, search }: Location): Place {
  if (path === "/") return { page: "home" };
  if (path.startsWith("/n/")) return { page: "notebook", path: decodeURIComponent(path.slice(3)) };
  if (path.startsWith("/s/")) return { page: "stream", stream: decodeURIComponent(path.slice(3)) };
  if (path.startsWith("/readings/"))
    return {
      page: "reading",
      reading: decodeURIComponent(path.slice("/readings/".length)),
      other: new URLSearchParams(search).get("with"),
    };
  if (path === "/jobs") return { page: "jobs" };
  if (path === "/alerts") return { page: "alerts" };
  if (path === "/reports") return { page: "reports" };
  const [, place, first, kind, second, ...rest] = path.split("/").map(decodeURIComponent);
  if (place === "reports" && first && kind === undefined) return { page: "report", slug: first };
  if (place === "alerts" && first && kind === undefined) return { page: "alert", alert: first };
  if (place === "jobs" && first && kind === "runs" && second && rest.length === 0)
    return { page: "run", job: first, run: second };
  if (place === "jobs" && first && kind === "versions" && second && rest.length === 0)
    return { page: "version", job: first, version: second };
  if (place === "jobs" && first && kind === undefined) {
    const asked = new URLSearchParams(search);
    const face = JOB_FACES.find((one) => one === asked.get("show")) ?? "runs";
    return { page: "job", job: first, face, before: asked.get("before") };
  }
  return path === "/settings" ? { page: "settings" } : { page: "nowhere", path };
}

type CodedPage = Exclude<Place["page"], "nowhere">;

/** Code of the pages, loaded when it is first needed. */
const CODE: Readonly<Record<CodedPage, () => Promise<unknown>>> = {
  home: () => import("./pages/home.ts"),
  notebook: () => import("./notebook/notebook-page.ts"),
  stream: () => import("./pages/stream.ts"),
  reading: () => import("./pages/reading.ts"),
  jobs: () => import("./pages/jobs.ts"),
  job: () => import("./pages/job.ts"),
  run: () => import("./pages/job-run.ts"),
  version: () => import("./pages/job-version.ts"),
  alerts: () => import("./pages/alerts.ts"),
  alert: () => import("./pages/alert.ts"),
  reports: () => import("./pages/reports.ts"),
  report: () => import("./pages/report.ts"),
  settings: () => import("./pages/settings.ts"),
};

/** What the bar of every page leads to. */
const PLACES = [
  ["/jobs", "Jobs"],
  ["/alerts", "Alerts"],
  ["/reports", "Reports"],
] as const;

/** The frame around every page: where one is, and what page that is. */
class App extends LightElement {
  static override properties = { place: { state: true }, theme: { state: true } };
  declare place: Place;
  declare theme: Theme;
  readonly #code = new Map<CodedPage, "loading" | "ready" | "failed">();

  constructor() {
    super();
    this.place = placeOf(location);
    this.theme = savedTheme();
    applyTheme(this.theme);
    keepScroll();
    addEventListener("popstate", () => {
      this.#arrive();
      returnToScroll();
    });
    // Links within the pages do not load the document again.
    addEventListener("click", (event) => {
      const link = (event.target as Element | null)?.closest?.("a[href]") as HTMLAnchorElement | null;
      if (
        link === null ||
        event.defaultPrevented ||
        event.button !== 0 ||
        event.metaKey ||
        event.ctrlKey ||
        event.shiftKey
      )
        return;
      if (link.origin !== location.origin || link.target !== "" || link.hasAttribute("download") || link.hash !== "")
        return;
      event.preventDefault();
      this.#go(link.href);
      scrollTo(0, 0);
    });
    addEventListener("driftbook-go", (event) => this.#go((event as CustomEvent<string>).detail));
  }

  #go(address: string): void {
    recordScroll();
    history.pushState(null, "", address);
    this.#arrive();
  }

  #arrive(): void {
    this.place = placeOf(location);
  }

  override render(): TemplateResult {
    return html`
      ${this.place.page === "notebook" ? nothing : this.#top()}
      <main>${this.#page()}</main>
    `;
  }

  #top(): TemplateResult {
    return html`<nav class="top" aria-label="Driftbook">
      <a class="brand" href="/" aria-label="Driftbook"><img src="/icon.svg" alt="" /><span class="hide-narrow">Driftbook</span></a>
      ${PLACES.map(([address, words]) => html`<a href=${address} aria-current=${this.#isWithin(address) ? "page" : nothing}>${words}</a>`)}
      <span class="space"></span>
      <a href="/settings" aria-current=${this.#isWithin("/settings") ? "page" : nothing}>Settings</a>
      <button title="Colours: ${THEME_NAMES[this.theme]}" @click=${() => this.#turn()}>${THEME_NAMES[this.theme]}</button>
    </nav>`;
  }

  #isWithin(address: string): boolean {
    return location.pathname === address || location.pathname.startsWith(`${address}/`);
  }

  #turn(): void {
    this.theme = nextTheme(this.theme);
    applyTheme(this.theme);
  }

  #page(): TemplateResult {
    const { place } = this;
    switch (place.page) {
      case "home":
        document.title = "Driftbook";
        return this.#loaded(place.page, () => html`${keyed(place, html`<db-home></db-home>`)}`);
      case "notebook":
        return this.#loaded(
          place.page,
          () => html`${keyed(place.path, html`<db-notebook .path=${place.path}></db-notebook>`)}`,
        );
      case "stream":
        document.title = `${place.stream} · Driftbook`;
        return this.#loaded(
          place.page,
          () => html`${keyed(place, html`<db-stream .stream=${place.stream}></db-stream>`)}`,
        );
      case "reading":
        // The same page whatever it is compared with: nothing moves but the comparison.
        return this.#loaded(
          place.page,
          () =>
            html`${keyed(place.reading, html`<db-reading .reading=${place.reading} .other=${place.other}></db-reading>`)}`,
        );
      case "jobs":
        document.title = "Jobs · Driftbook";
        return this.#loaded(place.page, () => html`${keyed(place, html`<db-jobs></db-jobs>`)}`);
      case "job":
        document.title = `${place.job} · Driftbook`;
        // The same page whichever face it shows.
        return this.#loaded(
          place.page,
          () =>
            html`${keyed(place.job, html`<db-job .job=${place.job} .face=${place.face} .olderThan=${place.before}></db-job>`)}`,
        );
      case "run":
        document.title = `A run of ${place.job} · Driftbook`;
        return this.#loaded(
          place.page,
          () => html`${keyed(place.run, html`<db-job-run .job=${place.job} .run=${place.run}></db-job-run>`)}`,
        );
      case "version":
        document.title = `Version ${place.version} of ${place.job} · Driftbook`;
        return this.#loaded(
          place.page,
          () =>
            html`${keyed(place, html`<db-job-version .job=${place.job} .version=${place.version}></db-job-version>`)}`,
        );
      case "alerts":
        document.title = "Alerts · Driftbook";
        return this.#loaded(place.page, () => html`${keyed(place, html`<db-alerts></db-alerts>`)}`);
      case "alert":
        return this.#loaded(
          place.page,
          () => html`${keyed(place.alert, html`<db-alert .alert=${place.alert}></db-alert>`)}`,
        );
      case "reports":
        document.title = "Reports · Driftbook";
        return this.#loaded(place.page, () => html`${keyed(place, html`<db-reports></db-reports>`)}`);
      case "report":
        document.title = `${place.slug} · Driftbook`;
        return this.#loaded(
          place.page,
          () => html`${keyed(place.slug, html`<db-report .slug=${place.slug}></db-report>`)}`,
        );
      case "settings":
        document.title = "Settings · Driftbook";
        return this.#loaded(place.page, () => html`${keyed(place, html`<db-settings></db-settings>`)}`);
      case "nowhere":
        return html`<div class="page"><h1>Nothing here</h1><p>There is no page ${place.path}. <a href="/">Go home</a>.</p></div>`;
    }
  }

  /** A page is made once its code is there: its element must know its address when it begins. */
  #loaded(name: CodedPage, page: () => TemplateResult): TemplateResult {
    const code = this.#code.get(name);
    if (code === "ready") return page();
    if (code === "failed")
      return html`<div class="page"><p class="notice fail">This page did not load. Reload to try again.</p></div>`;
    if (code === undefined) void this.#fetchCode(name);
    return html`<div class="page"><p class="muted" role="status">Loading …</p></div>`;
  }

  async #fetchCode(name: CodedPage): Promise<void> {
    this.#code.set(name, "loading");
    this.#code.set(
      name,
      await CODE[name]().then(
        () => "ready" as const,
        () => "failed" as const,
      ),
    );
    this.requestUpdate();
  }
}

customElements.define("db-app", App);
