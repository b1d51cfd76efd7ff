import MarkdownIt from "markdown-it";

/** A fence or an HTML block that stands at the top level of a Markdown text; lines count from 0, `end` is exclusive. */
export interface Block {
  readonly type: "fence" | "html";
  readonly start: number;
  readonly end: number;
  /** The fence's backticks or tildes. */
  readonly markup: string;
  readonly info: string;
  readonly content: string;
}

// Only the block structure matters here, so that inline parsing and link definitions stay switched off. CommonMark
// itself decides what is inside a list, a quote, a comment or another fence: what a code host shows as a block of
// code is what becomes a cell.
const blockParser = new MarkdownIt("commonmark").disable(["reference"]);
blockParser.core.ruler.enableOnly(["normalize", "block"]);

/** The top-level fences and HTML blocks of a text, in order. Any text will do. */
export function topLevelBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (const token of blockParser.parse(text, {})) {
    if (token.level !== 0 || token.map === null) continue;
    if (token.type !== "fence" && token.type !== "html_block") continue;
    const [start, end] = token.map;
    const type = token.type === "fence" ? "fence" : "html";
    blocks.push({ type, start, end, markup: token.markup, info: token.info, content: token.content });
  }
  return blocks;
}

/** Lines as the block parser counts them, by offset. `end` is where the line's own ending begins. */
export function lineSpans(text: string): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  let start = 0;
  for (const ending of text.matchAll(/\r\n?|\n/g)) {
    spans.push({ start, end: ending.index });
    start = ending.index + ending[0].length;
  }
  spans.push({ start, end: text.length });
  return spans;
}

/** What must follow a prose text so that a fence after it is a fence: null for nothing, else a line that closes it. */
export function closingLine(text: string): string | null {
  if (admitsFence(text)) return null;
  const open = topLevelBlocks(text).at(-1);
  const endings = open?.type === "fence" ? [open.markup] : ["-->", "?>", "]]>", ">", "</script>"];
  return endings.find((ending) => admitsFence(`${text}\n${ending}`)) ?? null;
}

function admitsFence(text: string): boolean {
  const probed = `${text}\n\n\`\`\`ts\n\`\`\``;
  const last = topLevelBlocks(probed).at(-1);
  const line = lineSpans(probed).length - 2;
  return last?.type === "fence" && last.start === line && last.info === "ts" && last.markup === "```";
}
