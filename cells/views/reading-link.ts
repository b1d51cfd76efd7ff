import type { ViewContext } from "./head-line.ts";
import { h, type Markup } from "./markup.ts";

/** What a link to a reading leads to. */
export const SOURCE_WORDS = "Where this number comes from";

/** A measured value as a link to its reading's page; the value alone where there is no server behind the page. */
export function readingLink(
  text: Markup,
  id: string,
  { readingHref }: ViewContext,
  exact: string | null = null,
): Markup {
  if (readingHref === undefined) return text;
  return h(
    "a",
    { class: "m-source", href: readingHref(id), title: exact === null ? SOURCE_WORDS : `${exact}. ${SOURCE_WORDS}` },
    text,
  );
}
