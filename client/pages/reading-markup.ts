import type { Element, Markup } from "../../cells/views/markup.ts";
import { appendMarkup } from "../outputs/markup-dom.ts";

/** Markup of the views, without charts, within a page of lit. */
export function markupView(markup: Element | readonly Markup[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const place = document.createElement("span");
  appendMarkup(place, markup, () => document.createTextNode(""));
  fragment.append(...place.childNodes);
  return fragment;
}
