/** Rows of the Markdown table whose first column is headed so, cell by cell. */
export function tableOf(markdown: string, head: string): string[][] {
  const rows = markdown.split("\n").map((line) => (line.startsWith("|") ? cellsOf(line) : null));
  const at = rows.findIndex((cells) => cells?.[0] === head);
  if (at < 0) throw new Error(`There is no table headed ${head}.`);
  const table: string[][] = [];
  for (const cells of rows.slice(at + 2)) {
    if (cells === null) break;
    table.push(cells);
  }
  return table;
}

const cellsOf = (line: string): string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
