import { h, type Key, type Markup } from "./markup.ts";

/** The key of a chart: a swatch and what it stands for. */
export function keysView(keys: readonly Key[]): Markup {
  if (keys.length === 0) return [];
  const one = ({ shape, color, text }: Key): Markup =>
    h(
      "span",
      {},
      h("i", { class: `m-swatch m-swatch-${shape}`, style: `color:${color}`, "aria-hidden": "true" }),
      text,
    );
  return h("span", { class: "m-keys" }, ...keys.map(one));
}
