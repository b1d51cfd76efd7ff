/** One fenced block of a document: its language, its text, the line it starts on. */
export interface Block {
  readonly language: string;
  readonly attributes: string;
  readonly text: string;
  readonly line: number;
}

/** The fenced code blocks of a Markdown text, in order. */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const open = /^(`{3,})(\S*)\s*(.*)$/.exec(lines[i] ?? "");
    if (open === null) continue;
    const [, fence = "", language = "", attributes = ""] = open;
    let end = i + 1;
    while (end < lines.length && lines[end] !== fence) end++;
    blocks.push({ language, attributes, text: lines.slice(i + 1, end).join("\n"), line: i + 1 });
    i = end;
  }
  return blocks;
}
