import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { LightElement } from "./light-element.ts";
import { keepScroll, recordScroll, returnToScroll } from "./scroll-back.ts";
import { applyTheme, nextTheme, savedTheme, THEME_NAMES, type Theme } from "./theme.ts";

type Place =
  | { readonly page: "home" }
  | { readonly page: "notebook"; readonly path: string }
  | { readonly page: "stream"; readonly stream: string }
  | { readonly page: "reading"; readonly reading: string; readonly other: string | null }
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
  return path === "/settings" ? { page: "settings" } : { page: "nowhere", path };
}

type CodedPage = Exclude<Place["page"], "nowhere">;

/** Code of the pages, loaded when it is first needed. */
const CODE: Readonly<Record<CodedPage, () => Promise<unknown>>> = {
  home: () => import("./pages/home.ts"),
  notebook: () => import("./notebook/notebook-page.ts"),
  stream: () => import("./pages/stream.ts"),
  reading: () => import("./pages/reading.ts"),
  settings: () => import("./pages/settings.ts"),
};

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
      <a class="brand" href="/"><img src="/icon.svg" alt="" />Driftbook</a>
      <span class="space"></span>
      <a href="/settings">Settings</a>
      <button title="Colours: ${THEME_NAMES[this.theme]}" @click=${() => this.#turn()}>${THEME_NAMES[this.theme]}</button>
    </nav>`;
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
