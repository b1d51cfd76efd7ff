import { type Element, h, type Markup } from "./markup.ts";

export interface TableColumn {
  readonly name: Markup;
  readonly numeric?: boolean;
}

/** A small table whose first column names its rows. */
export function valueTable(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly Markup[])[],
): Element {
  const side = (at: number): string | null => (columns[at]?.numeric ? "right" : null);
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      { class: "rows m-table" },
      h("caption", { class: "visually-hidden" }, caption),
      h("thead", {}, h("tr", {}, ...columns.map(({ name }, at) => h("th", { scope: "col", class: side(at) }, name)))),
      h(
        "tbody",
        {},
        ...rows.map((cells) =>
          h(
            "tr",
            {},
            ...cells.map((cell, at) =>
              at === 0 ? h("th", { scope: "row" }, cell) : h("td", { class: side(at) }, cell),
            ),
          ),
        ),
      ),
    ),
  );
}
