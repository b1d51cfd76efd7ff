import { isIntegerType, type MonitoredColumn } from "../../monitoring/selection.ts";

const TOKEN =
  /\s+|'(?:[^']|'')*'|"((?:[^"]|"")*)"|(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)|([\p{L}_][\p{L}\p{N}_]*)|([\s\S])/giu;
const EXACT_SUMS = new Set(["sum", "avg"]);
const ANY_ORDER = new Set(["count", "min", "max", "bool_or", "bool_and"]);
const PLAIN = new Set(["coalesce", "nullif", "abs", "greatest", "least", "round", "sqrt", "ln", "cast"]);
const KEYWORDS = new Set("case when then else end and or not is null true false in between distinct like".split(" "));

type Region = "outside" | "sum" | "condition";

/**
 * Whether an aggregate expression is sure to have one value whatever order its rows come in: it sums nothing but whole
 * numbers and decimals. False where that is not sure. Conditions, and what is done with finished sums, may be anything.
 */
export function isOrderFree(expression: string, columns: readonly MonitoredColumn[]): boolean {
  if (/--|\/\*/.test(expression)) return false;
  const types = new Map(columns.map(({ name, type }) => [name.toLowerCase(), type]));
  const isExact = (name: string): boolean => {
    const type = types.get(name.toLowerCase());
    return type !== undefined && (isIntegerType(type) || type === "BOOLEAN" || /^DECIMAL\([^)]*\)$/.test(type));
  };
  const regions: Region[] = ["outside"];
  let call: string | null = null;
  for (const [text, quoted, number, word, symbol] of expression.matchAll(TOKEN)) {
    if (/^\s+$/.test(text)) continue;
    const region = regions.at(-1)!;
    if (symbol !== "(" && call !== null && !KEYWORDS.has(call) && !isInner(call, region, isExact)) return false;
    if (symbol === "(") {
      const opened = regionOf(call, region);
      if (opened === null) return false;
      regions.push(opened);
    } else if (symbol === ")") {
      if (regions.length === 1) return false;
      regions.pop();
    }
    call = word?.toLowerCase() ?? null;
    if (word !== undefined) continue;
    if (region !== "sum") continue;
    if (quoted !== undefined && !isExact(quoted.replaceAll('""', '"'))) return false;
    if (number !== undefined && /e/i.test(number)) return false;
    if (symbol === "/" || symbol === ":" || symbol === "^" || text.startsWith("'")) return false;
  }
  return regions.length === 1 && (call === null || KEYWORDS.has(call) || isInner(call, "outside", isExact));
}

/** What stands in the brackets after a word; null where that is not known to be free of order. */
function regionOf(call: string | null, region: Region): Region | null {
  if (region === "condition") return "condition";
  if (call === null || KEYWORDS.has(call)) return region;
  if (call === "filter" || ANY_ORDER.has(call)) return "condition";
  if (EXACT_SUMS.has(call)) return region === "sum" ? null : "sum";
  if (call === "cast" && region === "sum") return null;
  return PLAIN.has(call) && !(region === "sum" && (call === "sqrt" || call === "ln")) ? region : null;
}

/** A word that is no function: in a sum it must be an exact column; outside it is a type's name, or no matter. */
function isInner(word: string, region: Region, isExact: (name: string) => boolean): boolean {
  return word === "over" ? false : region !== "sum" || isExact(word);
}
