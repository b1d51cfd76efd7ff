import { type Chart, isChart, isList, type Markup } from "../../cells/views/markup.ts";

const SVG = "http://www.w3.org/2000/svg";

/** Nodes of the markup. What a closed disclosure holds is made when it opens: sixty columns open one by one. */
export function appendMarkup(parent: globalThis.Element, markup: Markup, make: (chart: Chart) => Node): void {
  if (typeof markup === "string") parent.append(markup);
  else if (isList(markup)) for (const one of markup) appendMarkup(parent, one, make);
  else if (isChart(markup)) parent.append(make(markup));
  else {
    const { tag, attributes, children } = markup;
    const isSvg = tag === "svg" || parent.namespaceURI === SVG;
    const element = isSvg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent.append(element);
    if (tag === "details" && !("open" in attributes)) {
      const [summary, ...rest] = children;
      if (summary !== undefined) appendMarkup(element, summary, make);
      element.addEventListener("toggle", () => appendMarkup(element, rest, make), { once: true });
    } else appendMarkup(element, children, make);
  }
}
