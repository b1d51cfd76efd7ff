/**
 * Where the `}` stands that closes an expression beginning at `start` (just behind `${`), or -1. Follows JavaScript's
 * strings, template strings, comments, brackets and regular expressions, without checking that it is an expression.
 */
export function expressionEnd(text: string, start: number): number {
  // What has been opened: "}" an ordinary brace, ")" and "]" brackets, "`" a template string to go back to.
  const open: string[] = [];
  let at = start;
  while (at < text.length) {
    const character = text[at]!;
    if (character === "`") at = templatePart(text, at + 1, open);
    else if (character === "}" && open.length === 0) return at;
    else if (character === "}" && open.at(-1) === "`") {
      open.pop();
      at = templatePart(text, at + 1, open);
    } else if (character === "{" || character === "(" || character === "[") {
      open.push(character === "{" ? "}" : character === "(" ? ")" : "]");
      at++;
    } else if (character === "}" || character === ")" || character === "]") {
      if (open.pop() !== character) return -1;
      at++;
    } else at = skipToken(text, at, start);
    if (at < 0) return -1;
  }
  return -1;
}

/** Past the rest of a template string, or past its next `${`, which is then open. -1 when it never ends. */
function templatePart(text: string, from: number, open: string[]): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") return at + 1;
    else if (text[at] === "$" && text[at + 1] === "{") {
      open.push("`");
      return at + 2;
    }
  }
  return -1;
}

function skipToken(text: string, at: number, start: number): number {
  const character = text[at]!;
  if (character === "'" || character === '"') return quoted(text, at + 1, character);
  if (text.startsWith("//", at)) {
    const end = text.indexOf("\n", at);
    return end < 0 ? -1 : end;
  }
  if (text.startsWith("/*", at)) {
    const end = text.indexOf("*/", at + 2);
    return end < 0 ? -1 : end + 2;
  }
  if (character === "/" && beginsRegularExpression(text, at, start)) return regularExpression(text, at + 1);
  return at + 1;
}

function quoted(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at + 1;
    else if (text[at] === "\n") return -1;
  }
  return -1;
}

/** After a value a slash divides; after anything else it begins a regular expression. */
function beginsRegularExpression(text: string, at: number, start: number): boolean {
  const before = text.slice(start, at).trimEnd();
  return before === "" || /(?:[^\w$)\]}'"`]|\b(?:return|typeof|in|of|await|void|delete|instanceof))$/.test(before);
}

function regularExpression(text: string, from: number): number {
  let inClass = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\n") return -1;
    if (character === "\\") at++;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) return at + 1;
  }
  return -1;
}
