import { type Element, h, type Markup } from "../views/markup.ts";

/** A table that takes no room but that of its cells. */
export function bareTable(attributes: Readonly<Record<string, string>>, ...rows: readonly Markup[]): Element {
  return h("table", { cellpadding: 0, cellspacing: 0, ...attributes }, ...rows);
}
