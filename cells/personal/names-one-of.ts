/** Whether words name one of the columns: "country = DE", "range score". `columns` are in lower case. */
export function namesOneOf(words: string, columns: ReadonlySet<string>): boolean {
  if (columns.size === 0 || words === "") return false;
  const text = words.toLowerCase();
  // A name that is several words cannot be found among them.
  for (const column of columns) if (!WORD.test(column) && text.includes(column)) return true;
  return text.split(NO_WORD).some((word) => columns.has(word));
}

const WORD = /^[\p{L}\p{N}_]+$/u;
const NO_WORD = /[^\p{L}\p{N}_]+/u;
