import { newMarkdownParser } from "./markdown-parser.ts";

export interface OutlineHeading {
  readonly level: number;
  /** Without its markup; expressions as written. */
  readonly text: string;
  /** The `id` of the heading in `renderMarkdown`'s HTML, unique within the cell. */
  readonly slug: string;
  /** From 1. */
  readonly line: number;
}

const parser = newMarkdownParser();

/** The headings of a prose text in order. */
export function outlineOf(source: string): OutlineHeading[] {
  const slugs = new Map<string, number>();
  const tokens = parser.parse(source, {});
  return tokens.flatMap((token, index) => {
    const inline = tokens[index + 1];
    if (token.type !== "heading_open" || inline === undefined) return [];
    const text = (inline.children ?? [])
      .map((child) => (child.type === "expression" ? `\${${child.content}}` : child.content))
      .join("");
    const slug = slugOf(inline.content, slugs);
    return [{ level: Number(token.tag.slice(1)), text, slug, line: (token.map?.[0] ?? 0) + 1 }];
  });
}

/** Prefixed, so that no heading takes the id of a part of the page; numbered where it repeats. */
export function slugOf(content: string, taken: Map<string, number>): string {
  const words = content.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const base = `section-${words.join("-").slice(0, 80)}`;
  const count = taken.get(base) ?? 0;
  taken.set(base, count + 1);
  return count === 0 ? base : `${base}-${count}`;
}
