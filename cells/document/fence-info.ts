import { KIND_BY_FENCE, KINDS } from "../kinds/kinds.ts";
import { isCellId, isCellName } from "./cell-name.ts";
import type { Attribute, Cell, Kind } from "./document.ts";

/** What the info string of a backtick fence says: a cell, or prose with perhaps something to say about it. */
export type FenceInfo =
  | {
      readonly type: "cell";
      readonly kind: Kind;
      readonly name: string | null;
      readonly id: string | null;
      readonly attributes: readonly Attribute[];
      readonly problem: string | null;
    }
  | { readonly type: "prose"; readonly problem: string | null };

// Words are parted by white space, which quotes protect; a lone quote is an ordinary character.
const WORD = /(?:[^\s"]|"(?:[^"\\]|\\.)*"|")+/g;

/** Reads an info string such as `sql name=daily code=hidden`. A name or id that cannot be one stays an attribute. */
export function parseFenceInfo(info: string): FenceInfo {
  const words = info.match(WORD) ?? [];
  let kind = KIND_BY_FENCE.get(words[0] ?? "");
  let consumed = 1;
  if (kind === undefined && words[0] === "yaml" && words[1] !== undefined && /^[a-z]+$/.test(words[1])) {
    kind = KIND_BY_FENCE.get(`yaml ${words[1]}`);
    consumed = 2;
    if (kind === undefined) return { type: "prose", problem: unknownYamlKind(words[1]) };
  }
  if (kind === undefined) return { type: "prose", problem: null };

  let name: string | null = null;
  let id: string | null = null;
  let problem: string | null = null;
  const attributes: Attribute[] = [];
  for (const word of words.slice(consumed)) {
    const attribute = parseAttribute(word);
    const [key, value] = attribute;
    if (key === "run" && value === "false") return { type: "prose", problem: null };
    if (key === "name" && name === null && value !== null && isCellName(value)) name = value;
    else if (key === "id" && id === null && value !== null && isCellId(value)) id = value;
    else {
      attributes.push(attribute);
      if (key === "name")
        problem ??= `name=${value ?? ""}: expected one name such as daily_alerts, letters, digits and _`;
      if (key === "id") problem ??= `id=${value ?? ""}: expected up to 64 letters, digits, _ and -`;
    }
  }
  return { type: "cell", kind, name, id, attributes, problem };
}

/** The info string in canonical form; an unnamed cell gets its `id=`. */
export function formatFenceInfo(cell: Pick<Cell, "kind" | "id" | "name" | "attributes">): string {
  const words = [KINDS[cell.kind].fence ?? ""];
  words.push(cell.name === null ? `id=${cell.id}` : `name=${cell.name}`);
  for (const [key, value] of cell.attributes) words.push(value === null ? key : `${key}=${formatValue(value)}`);
  return words.join(" ");
}

function parseAttribute(word: string): Attribute {
  const equals = word.indexOf("=");
  if (equals <= 0) return [word, null];
  return [word.slice(0, equals), parseValue(word.slice(equals + 1))];
}

function parseValue(text: string): string {
  if (!/^".*"$/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : text;
  } catch {
    // Not a JSON string, so the quotes were meant as they stand.
    return text;
  }
}

/** Bare where it reads back the same, else a JSON string; a backtick may not stand in an info string at all. */
function formatValue(value: string): string {
  if (/^[^\s"`]+$/.test(value)) return value;
  return JSON.stringify(value).replaceAll("`", "\\u0060");
}

function unknownYamlKind(word: string): string {
  const known = [...KIND_BY_FENCE.keys()].filter((fence) => fence.startsWith("yaml "));
  return `"yaml ${word}" is no kind of cell that this version knows, so it is shown as prose; known: ${known.join(", ")}`;
}
