/** Columns padded to their widest value, two spaces apart; numbers to the right. */
export function tableText(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const texts = rows.map((row) => row.map(cellText));
  const widths = columns.map((name, at) => Math.max(name.length, ...texts.map((row) => row[at]!.length)));
  const right = columns.map(
    (_, at) => rows.length > 0 && rows.every((row) => row[at] === null || typeof row[at] === "number"),
  );
  const line = (values: readonly string[]) =>
    values
      .map((value, at) => (right[at] ? value.padStart(widths[at]!) : value.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd();
  return [line(columns), ...texts.map(line)].join("\n");
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value).replaceAll(/[\r\n\t]/g, " ");
}
