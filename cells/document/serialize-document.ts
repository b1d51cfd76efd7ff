import { closingLine } from "./blocks.ts";
import type { Cell, Document } from "./document.ts";
import { formatFenceInfo } from "./fence-info.ts";
import { frontMatterText } from "./front-matter.ts";

const SEPARATOR = "<!-- cell -->";

/**
 * The text of a notebook. Cells nobody edited are written as they stood, edited ones in canonical form: one fence, one
 * blank line around, `id=` when unnamed. Prose without text is not written; prose that would swallow what follows it
 * (an open fence or comment) is closed.
 */
export function serializeDocument(document: Document): string {
  const { byteOrderMark, newline, tail } = document.layout;
  const written = document.cells.filter((cell) => cell.kind !== "prose" || /[^ \t\n]/.test(cell.source));
  let body = "";
  let previous: Cell | null = null;
  for (const [index, cell] of written.entries()) {
    const gap: string = gapBefore(cell, previous, document);
    if (previous?.kind === "prose" && !standsAsRead(previous, cell)) {
      const closing = closingLine(previous.source);
      if (closing !== null) body += newline + closing;
    }
    body += gap + cellText(cell, index === written.length - 1, newline);
    previous = cell;
  }
  const tailStands = tail.after === (previous?.id ?? null) && !endsBadly(previous, tail.text);
  body += tailStands ? tail.text : previous === null ? "" : newline;

  let front = document.frontMatter.raw;
  if (front !== "" && body !== "" && !/[\r\n]$/.test(front)) front += newline;
  // Prose that begins with a rule must not be taken for front matter when it is read again.
  if (front === "" && frontMatterText(body) !== "") front = newline;
  return (byteOrderMark ? "\uFEFF" : "") + front + body;
}

/** Neither cell was edited and they were neighbours in the file: what lies between them is still right. */
function standsAsRead(previous: Cell | null, cell: Cell): boolean {
  if (cell.layout === null || cell.layout.text === null) return false;
  if (cell.layout.after !== (previous?.id ?? null)) return false;
  return previous === null || (previous.layout !== null && previous.layout.text !== null && !previous.layout.open);
}

function gapBefore(cell: Cell, previous: Cell | null, document: Document): string {
  const { newline } = document.layout;
  const bothProse = previous?.kind === "prose" && cell.kind === "prose";
  const gap = cell.layout?.after === (previous?.id ?? null) ? cell.layout.gap : null;
  if (gap !== null && standsAsRead(previous, cell)) return gap;
  // Beside an edited cell the old gap serves only if it would part any two texts.
  if (gap !== null && previous === null && !bothProse) return gap;
  if (gap !== null && /(?:\n|\r\n?)[ \t]*(?:\n|\r)/.test(gap) && gap.includes(SEPARATOR) === bothProse) return gap;
  if (previous === null) return document.frontMatter.raw === "" ? "" : newline;
  return bothProse ? `${newline}${newline}${SEPARATOR}${newline}${newline}` : newline + newline;
}

function cellText(cell: Cell, last: boolean, newline: string): string {
  if (cell.layout !== null && cell.layout.text !== null && (last || !cell.layout.open)) return cell.layout.text;
  const lines = cell.kind === "prose" ? trimBlankLines(cell.source) : fenced(cell);
  return newline === "\n" ? lines : lines.replace(/\r?\n/g, newline);
}

function fenced(cell: Cell): string {
  const longest = cell.source.match(/`{3,}/g)?.reduce((length, run) => Math.max(length, run.length), 0) ?? 0;
  const fence = "`".repeat(Math.max(3, longest + 1));
  return [`${fence}${formatFenceInfo(cell)}`, ...(cell.source === "" ? [] : [cell.source]), fence].join("\n");
}

function trimBlankLines(text: string): string {
  const lines = text.split("\n");
  const isBlank = (line: string) => /^[ \t\r]*$/.test(line);
  const first = lines.findIndex((line) => !isBlank(line));
  return lines.slice(first, lines.findLastIndex((line) => !isBlank(line)) + 1).join("\n");
}

/** An edited last cell ends its line; a file that had no final newline keeps none only while its last cell stands. */
function endsBadly(last: Cell | null, tail: string): boolean {
  return last !== null && (last.layout === null || last.layout.text === null) && tail === "";
}
