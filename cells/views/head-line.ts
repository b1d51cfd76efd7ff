import type { Verdict } from "../results/reading.ts";
import { type Element, h, type Markup } from "./markup.ts";
import { countOf } from "./number-text.ts";
import { momentText, momentTitle } from "./time-text.ts";
import { verdictMark } from "./verdict-mark.ts";

export interface ViewContext {
  /** The zone that times are shown in. */
  readonly zone: string;
  /** Address of a reading's page; absent where no server answers it: a page in a file, a report. */
  readonly readingHref?: ((id: string) => string) | undefined;
}

interface Head {
  readonly verdict: Verdict;
  readonly provisional?: boolean;
  /** What the reader must know first. */
  readonly sentence: string;
  readonly facts: readonly Markup[];
}

/** The line above every monitoring output: verdict, the finding, and what it was measured over. */
export function headLine({ verdict, provisional = false, sentence, facts }: Head): Element {
  return h(
    "header",
    { class: "m-head" },
    h("p", { class: "m-finding" }, verdictMark(verdict, provisional), " ", h("strong", {}, sentence)),
    h("p", { class: "m-facts" }, ...facts.map((fact) => h("span", {}, fact))),
  );
}

export function asOfFact(asOf: string, zone: string): Element {
  return h("span", { title: momentTitle(asOf, zone) }, `as of ${momentText(asOf, zone)}`);
}

export function relationName(name: string): Element {
  return h("span", { class: "mono" }, name);
}

export function notesView(notes: readonly string[]): Markup {
  return notes.length === 0 ? [] : h("ul", { class: "m-notes" }, ...notes.map((note) => h("li", {}, note)));
}

/** Every statement behind the numbers, folded. */
export function statementsView(statements: readonly { readonly title: string; readonly sql: string }[]): Markup {
  if (statements.length === 0) return [];
  const one = (statement: { readonly title: string; readonly sql: string }): Markup => [
    h("h4", {}, statement.title),
    h("pre", { tabindex: "0", role: "region", "aria-label": `SQL: ${statement.title}` }, h("code", {}, statement.sql)),
  ];
  return h(
    "details",
    { class: "m-fold", "data-key": "sql" },
    h("summary", {}, "SQL behind it", h("span", { class: "m-count" }, countOf(statements.length, "statement"))),
    h("div", { class: "m-sql" }, ...statements.map(one)),
  );
}
