import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { until } from "lit/directives/until.js";
import { LightElement } from "./light-element.ts";
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

/** The frame around every page: where one is, and what page that is. Pages are loaded when they are first needed. */
class App extends LightElement {
  static override properties = { place: { state: true }, theme: { state: true } };
  declare place: Place;
  declare theme: Theme;

  constructor() {
    super();
    this.place = placeOf(location);
    this.theme = savedTheme();
    applyTheme(this.theme);
    addEventListener("popstate", () => this.#arrive());
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
      history.pushState(null, "", link.href);
      this.#arrive();
      scrollTo(0, 0);
    });
    addEventListener("driftbook-go", (event) => {
      history.pushState(null, "", (event as CustomEvent<string>).detail);
      this.#arrive();
    });
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
        return loaded(import("./pages/home.ts"), () => html`<db-home></db-home>`);
      case "notebook":
        return loaded(
          import("./notebook/notebook-page.ts"),
          () => html`${keyed(place.path, html`<db-notebook .path=${place.path}></db-notebook>`)}`,
        );
      case "stream":
        document.title = `${place.stream} · Driftbook`;
        return loaded(
          import("./pages/stream.ts"),
          () => html`${keyed(place.stream, html`<db-stream .stream=${place.stream}></db-stream>`)}`,
        );
      case "reading":
        return loaded(
          import("./pages/reading.ts"),
          () =>
            html`${keyed(place.reading, html`<db-reading .reading=${place.reading} .other=${place.other}></db-reading>`)}`,
        );
      case "settings":
        document.title = "Settings · Driftbook";
        return loaded(import("./pages/settings.ts"), () => html`<db-settings></db-settings>`);
      case "nowhere":
        return html`<div class="page"><h1>Nothing here</h1><p>There is no page ${place.path}. <a href="/">Go home</a>.</p></div>`;
    }
  }
}

/** A page is made once its code is there: its element must know its address when it begins. */
function loaded(code: Promise<unknown>, page: () => TemplateResult): TemplateResult {
  const waiting = html`<div class="page"><p class="muted" role="status">Loading …</p></div>`;
  const failed = html`<div class="page"><p class="notice fail">This page did not load. Reload to try again.</p></div>`;
  return html`${until(
    code.then(page, () => failed),
    waiting,
  )}`;
}

customElements.define("db-app", App);
