import { isMap, isScalar, type ParsedNode, parseDocument, stringify } from "yaml";

export type YamlScalar = string | number | boolean;

/**
 * The YAML text with one top-level key set to a scalar, or removed when `value` is null. Everything else stays byte for
 * byte, comments too, wherever the text can be read; in a malformed text the key's own line is replaced.
 */
export function setYamlKey(text: string, key: string, value: YamlScalar | null): string {
  const document = parseDocument(text, { version: "1.2", keepSourceTokens: true });
  if (document.errors.length > 0) return setLine(text, key, value);
  if (value === null) {
    if (!document.delete(key)) return text;
    return isMap(document.contents) && document.contents.items.length === 0 ? "" : String(document);
  }
  const spliced = splice(text, document.contents, key, formatScalar(value));
  if (spliced !== null && readsAs(spliced, key, value)) return spliced;
  document.set(key, value);
  return String(document);
}

function splice(text: string, contents: ParsedNode | null, key: string, written: string): string | null {
  if (contents === null) return appendLine(text, `${key}: ${written}`);
  if (!isMap(contents)) return null;
  const pair = contents.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (pair === undefined) return contents.flow === true ? null : appendLine(text, `${key}: ${written}`);
  const range = pair.value?.range;
  if (!range || !isScalar(pair.value)) return null;
  const [start, end] = range;
  const old = text.slice(start, end);
  const before = /\s$/.test(text.slice(0, start)) ? "" : " ";
  const after = old.endsWith("\n") ? "\n" : "";
  return text.slice(0, start) + before + written + after + text.slice(end);
}

function appendLine(text: string, line: string): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  if (text === "" || text.endsWith("\n")) return text + line + (text === "" ? "" : newline);
  return text + newline + line;
}

function setLine(text: string, key: string, value: YamlScalar | null): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => line.startsWith(`${key}:`));
  const written = value === null ? [] : [`${key}: ${formatScalar(value)}`];
  lines.splice(Math.max(at, 0), at < 0 ? 0 : 1, ...written);
  return lines.join(newline);
}

function readsAs(text: string, key: string, value: YamlScalar): boolean {
  const document = parseDocument(text, { version: "1.2" });
  return document.errors.length === 0 && Object.is(document.get(key), value);
}

/** On one line always: a text with line endings as a double-quoted scalar. */
function formatScalar(value: YamlScalar): string {
  if (typeof value === "string" && /[\r\n\u2028\u2029]/.test(value)) return JSON.stringify(value);
  return stringify(value, { lineWidth: 0, version: "1.2" }).trimEnd();
}
