/** Whether words name one of the columns: "country = DE", "range score". */
export function namesOneOf(words: string, columns: ReadonlySet<string>): boolean {
  return (
    columns.size > 0 &&
    words
      .toLowerCase()
      .split(/[^\p{L}\p{N}_]+/u)
      .some((word) => columns.has(word))
  );
}
