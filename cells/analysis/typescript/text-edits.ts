/** Replaces [start, end) of a text. Neither the old nor the new text may change the number of lines. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface EditedText {
  readonly text: string;
  /** The 1-based column of the original text for a 1-based position of the edited one; the line is the same. */
  readonly originalColumn: (line: number, column: number) => number;
}

/** Applies edits, in any order, that do not overlap; insertions at one place keep their order. */
export function applyEdits(source: string, edits: readonly TextEdit[]): EditedText {
  const ordered = edits
    .map((edit, order) => ({ ...edit, order }))
    .sort((a, b) => a.start - b.start || a.order - b.order);
  let text = "";
  let at = 0;
  /** Where edited and original text run in parallel again, as offsets. */
  const anchors: { readonly edited: number; readonly original: number }[] = [{ edited: 0, original: 0 }];
  for (const edit of ordered) {
    text += source.slice(at, edit.start) + edit.text;
    at = Math.max(at, edit.end);
    anchors.push({ edited: text.length, original: at });
  }
  text += source.slice(at);
  const editedLines = lineStarts(text);
  const originalLines = lineStarts(source);
  const originalColumn = (line: number, column: number): number => {
    const editedStart = editedLines[line - 1];
    const originalStart = originalLines[line - 1];
    if (editedStart === undefined || originalStart === undefined) return column;
    const offset = editedStart + column - 1;
    const anchor = anchors.findLast(({ edited }) => edited <= offset) ?? anchors[0]!;
    return Math.max(1, anchor.original + (offset - anchor.edited) - originalStart + 1);
  };
  return { text, originalColumn };
}

/** Spaces in place of [start, end), line ends kept; `first` stands in the first place. */
export function blank(source: string, start: number, end: number, first = ""): TextEdit {
  const spaces = source.slice(start, end).replace(/[^\r\n\u2028\u2029]/g, " ");
  return { start, end, text: first === "" ? spaces : first + spaces.slice(first.length) };
}

/** The line ends of a text: put after a replacement, they keep the lines below where they were. */
export const lineEnds = (text: string): string => text.replace(/[^\r\n\u2028\u2029]/g, "");

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(match.index + match[0].length);
  return starts;
}
