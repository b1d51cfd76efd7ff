import { type Block, lineSpans, topLevelBlocks } from "./blocks.ts";
import { derivedCellId } from "./cell-id.ts";
import type { Cell, CellId, Document, DocumentProblem } from "./document.ts";
import { type FenceInfo, parseFenceInfo } from "./fence-info.ts";
import { frontMatterText, readFrontMatter } from "./front-matter.ts";

const BYTE_ORDER_MARK = "\uFEFF";

/** A cell as found: its lines [start, end) of the body and what they say; ids come later. */
interface FoundCell {
  readonly start: number;
  readonly end: number;
  readonly info: Extract<FenceInfo, { type: "cell" }> | null;
  readonly source: string;
  readonly open: boolean;
}

/**
 * Reads a notebook. Never throws: what cannot be understood is kept as prose or as an attribute, and told in `problems`.
 * `serializeDocument` of the result is `text` again.
 */
export function parseDocument(text: string): { document: Document; problems: DocumentProblem[] } {
  const byteOrderMark = text.startsWith(BYTE_ORDER_MARK);
  const unmarked = byteOrderMark ? text.slice(1) : text;
  const raw = frontMatterText(unmarked);
  const { frontMatter, problems } = readFrontMatter(raw);
  const body = unmarked.slice(raw.length);
  const linesBefore = lineSpans(raw).length - 1;
  const problemAt = (message: string, line: number) => problems.push({ message, line: linesBefore + line + 1 });

  const spans = lineSpans(body);
  const found = findCells(body, spans, problemAt);
  const ids = assignIds(found, problemAt);
  const cells: Cell[] = [];
  let end = 0;
  for (const [index, cell] of found.entries()) {
    const start = spans[cell.start]!.start;
    const after = cells.at(-1)?.id ?? null;
    const gap = body.slice(end, start);
    end = spans[cell.end - 1]!.end;
    cells.push({
      id: ids[index]!,
      kind: cell.info?.kind ?? "prose",
      name: cell.info?.name ?? null,
      source: cell.source,
      attributes: cell.info?.attributes ?? [],
      layout: { after, gap, text: body.slice(start, end), open: cell.open },
    });
  }
  const tail = { after: cells.at(-1)?.id ?? null, text: body.slice(end) };
  const newline = /\r\n?|\n/.exec(unmarked)?.[0] === "\r\n" ? "\r\n" : "\n";
  return { document: { frontMatter, cells, layout: { byteOrderMark, newline, tail } }, problems };
}

type Spans = ReturnType<typeof lineSpans>;
type ProblemAt = (message: string, line: number) => void;

/** Fences that are cells and separators cut the body; what lies between, without blank lines around it, is prose. */
function findCells(body: string, spans: Spans, problemAt: ProblemAt): FoundCell[] {
  const found: FoundCell[] = [];
  const isBlank = (line: number) => /^[ \t]*$/.test(body.slice(spans[line]!.start, spans[line]!.end));
  let next = 0;
  const addProse = (until: number) => {
    let [start, end] = [next, until];
    while (start < end && isBlank(start)) start++;
    while (end > start && isBlank(end - 1)) end--;
    if (start === end) return;
    const source = unixLines(body.slice(spans[start]!.start, spans[end - 1]!.end));
    found.push({ start, end, info: null, source, open: false });
  };
  for (const block of topLevelBlocks(body)) {
    const info = cellInfo(block, problemAt);
    if (info === null && !isSeparator(block)) continue;
    addProse(block.start);
    next = block.end;
    if (info === null) continue;
    const open = !isClosed(block, body, spans);
    let end = block.end;
    if (open) {
      problemAt("the fence that begins here is never closed; everything below it belongs to its cell", block.start);
      while (end > block.start + 1 && isBlank(end - 1)) end--;
    }
    const source = fenceSource(body, spans, block.start, open ? end : end - 1);
    found.push({ start: block.start, end, info, source, open });
  }
  addProse(spans.length);
  return found;
}

function cellInfo(block: Block, problemAt: ProblemAt): FoundCell["info"] {
  if (block.type !== "fence" || !block.markup.startsWith("`")) return null;
  const info = parseFenceInfo(block.info);
  if (info.problem !== null) problemAt(info.problem, block.start);
  return info.type === "cell" ? info : null;
}

function isSeparator(block: Block): boolean {
  return block.type === "html" && /^<!--[ \t]*cell[ \t]*-->$/.test(block.content.trim());
}

function isClosed(block: Block, body: string, spans: Spans): boolean {
  if (block.end - block.start < 2) return false;
  const last = spans[block.end - 1]!;
  const closing = /^ {0,3}(`{3,})[ \t]*$/.exec(body.slice(last.start, last.end));
  return closing !== null && closing[1]!.length >= block.markup.length;
}

/** The lines between the fences; an indented fence takes as much indentation from each. */
function fenceSource(body: string, spans: Spans, fence: number, end: number): string {
  if (fence + 1 >= end) return "";
  const text = unixLines(body.slice(spans[fence + 1]!.start, spans[end - 1]!.end));
  const indentation = /^ {0,3}/.exec(body.slice(spans[fence]!.start))![0].length;
  return indentation === 0 ? text : text.replace(new RegExp(`^ {1,${indentation}}`, "gm"), "");
}

function unixLines(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** Names and `id=` claim first, in order; the rest get ids derived from their content, the same at every reading. */
function assignIds(found: readonly FoundCell[], problemAt: ProblemAt): CellId[] {
  const taken = new Set<CellId>();
  const claimed = found.map(({ info, start }) => {
    const id = info?.name ?? info?.id ?? null;
    if (id === null) return null;
    if (!taken.has(id)) {
      taken.add(id);
      return id;
    }
    // Two cells of one name are told at both cells by the graph; an id is nobody else's business.
    if (info?.name === null) problemAt(`id=${id} is already another cell's; this one gets a new id`, start);
    return null;
  });
  return found.map((cell, index) => {
    const id = claimed[index] ?? derivedCellId(cell.info?.kind ?? "prose", cell.source, taken);
    taken.add(id);
    return id;
  });
}
