import type { JsonValue } from "./to-json.ts";

/**
 * One cell of CSV (RFC 4180). Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers keep
 * their sign. `isNumber` says that text stands for a number (a decimal, a wide integer) and so is no formula.
 */
export function csvCell(value: JsonValue, isNumber = false): string {
  if (value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "object") return quoted(JSON.stringify(value));
  if (isNumber && /^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|Infinity)$|^NaN$/i.test(value)) return value;
  return quoted(/^[\s\0]*[=+\-@\t\r|%＝＋－＠]/.test(value) ? `'${value}` : value);
}

/** A line of CSV with its ending. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
