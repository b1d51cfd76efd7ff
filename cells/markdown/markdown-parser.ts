import MarkdownIt, { type MarkdownIt as MarkdownParser, type StateBlock, type StateInline } from "markdown-it";
import { expressionEnd } from "../analysis/template/expression-end.ts";

type InlineRule = (state: StateInline, silent: boolean) => boolean;
type BlockRule = (state: StateBlock, startLine: number, endLine: number, silent: boolean) => boolean;

/**
 * The one Markdown parser for prose: no HTML passes through, comments are dropped, links go to few schemes, and
 * `${expression}` is a token of its own, so that analysis and rendering agree on what is one.
 */
export function newMarkdownParser(): MarkdownParser {
  const markdown = new MarkdownIt("default", { html: false, linkify: false, typographer: false });
  markdown.validateLink = isAllowedLink;
  const everywhere = { alt: ["paragraph", "reference", "blockquote", "list"] };
  markdown.block.ruler.before("fence", "comment", commentBlock, everywhere);
  markdown.inline.ruler.before("escape", "expression", expression);
  markdown.inline.ruler.before("escape", "comment", comment);
  return markdown;
}

/** Addresses within the page or the workspace, and http, https and mailto; never a script or a command. */
export function isAllowedLink(url: string): boolean {
  // What browsers ignore inside a scheme must not hide one: control characters and spaces.
  const compact = [...url].filter((character) => character > " " && character !== "\u007f").join("");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(compact)?.[1]?.toLowerCase();
  if (scheme === undefined) return !/^[^/?#]*:/.test(compact);
  return ["http", "https", "mailto"].includes(scheme) || isInlineImage(compact);
}

/** Raster images only: an SVG may hold scripts. */
export function isInlineImage(url: string): boolean {
  return /^data:image\/(?:png|gif|jpeg|webp);base64,[a-z0-9+/=]*$/i.test(url);
}

/** `${…}` up to its closing brace within one block; without one the characters are text, and `env.unclosed` begins so. */
const expression: InlineRule = (state, silent) => {
  if (!state.src.startsWith("${", state.pos)) return false;
  const end = expressionEnd(state.src, state.pos + 2);
  if (end < 0 || end > state.posMax) {
    state.env.unclosed ??= state.src.slice(state.pos).split("\n", 1)[0];
    return false;
  }
  const content = state.src.slice(state.pos + 2, end);
  if (content.trim() === "") return false;
  if (!silent) {
    const token = state.push("expression", "", 0);
    token.content = content.trim();
  }
  state.pos = end + 1;
  return true;
};

const comment: InlineRule = (state) => {
  if (!state.src.startsWith("<!--", state.pos)) return false;
  const end = state.src.indexOf("-->", state.pos + 4);
  if (end < 0) return false;
  state.pos = end + 3;
  return true;
};

/** A comment that begins a line and is closed at some line's end, blank lines in it and all. */
const commentBlock: BlockRule = (state, startLine, endLine, silent) => {
  const lineText = (line: number) => state.src.slice(state.bMarks[line]! + state.tShift[line]!, state.eMarks[line]);
  if (state.sCount[startLine]! - state.blkIndent >= 4 || !lineText(startLine).startsWith("<!--")) return false;
  for (let line = startLine; line < endLine; line++) {
    const at = lineText(line).indexOf("-->", line === startLine ? 4 : 0);
    if (at < 0) continue;
    // What follows on the line would be lost with it: then it is an inline comment.
    if (
      lineText(line)
        .slice(at + 3)
        .trim() !== ""
    )
      return false;
    if (!silent) state.line = line + 1;
    return true;
  }
  return false;
};
