import type { Tree } from "../../../cells/results/display.ts";
import type { Variable } from "../../../cells/session/operation.ts";
import { isTable } from "./tables.ts";

const MOST_ENTRIES = 100;
const MOST_NODES = 2000;
const DEEPEST = 8;
const MOST_TEXT = 10_000;
const PREVIEW_CHARACTERS = 80;

/** A value opened as far as the bounds go; getters are not called, cycles end in a leaf. */
export function treeOf(value: unknown): { readonly tree: Tree; readonly cut: string | null } {
  const budget = { nodes: MOST_NODES };
  const tree = open(value, 0, [], budget);
  return { tree, cut: budget.nodes > 0 ? null : `Only the first ${MOST_NODES} entries are shown.` };
}

function open(value: unknown, depth: number, within: readonly unknown[], budget: { nodes: number }): Tree {
  budget.nodes -= 1;
  if (typeof value !== "object" || value === null) return leaf(value);
  if (value instanceof Date || value instanceof RegExp) return { type: "leaf", kind: "date", text: textOf(value) };
  if (value instanceof Error) return { type: "leaf", kind: "error", text: `${value.name}: ${value.message}` };
  if (within.includes(value)) return { type: "leaf", kind: "cycle", text: "[cycle]" };
  if (depth >= DEEPEST || budget.nodes <= 0) return { type: "leaf", kind: "more", text: labelOf(value) || "{…}" };
  const inside = [...within, value];
  const entries: [string, Tree][] = [];
  let total = 0;
  for (const [key, item] of entriesOf(value)) {
    total += 1;
    if (entries.length < MOST_ENTRIES && budget.nodes > 0) entries.push([key, open(item, depth + 1, inside, budget)]);
    else if (!Array.isArray(value)) break;
  }
  const size = sizeOf(value) ?? total;
  return {
    type: "group",
    label: labelOf(value),
    open: Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Set ? "[" : "{",
    entries,
    more: Math.max(0, size - entries.length),
  };
}

function* entriesOf(value: object): Generator<[string, unknown]> {
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    const list = value as ArrayLike<unknown>;
    for (let at = 0; at < Math.min(list.length, MOST_ENTRIES + 1); at++) yield [String(at), list[at]];
  } else if (value instanceof Map) for (const [key, item] of value) yield [textOf(key), item];
  else if (value instanceof Set) {
    let at = 0;
    for (const item of value) yield [String(at++), item];
  } else
    for (const key of Object.keys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      yield [key, property !== undefined && "value" in property ? property.value : "[getter]"];
    }
}

function sizeOf(value: object): number | null {
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map || value instanceof Set) return value.size;
  if (ArrayBuffer.isView(value) && "length" in value) return Number(value.length);
  return Object.keys(value).length;
}

function labelOf(value: object): string {
  const name = value.constructor?.name ?? "";
  if (Array.isArray(value) || value instanceof Map || value instanceof Set || ArrayBuffer.isView(value))
    return `${name}(${sizeOf(value)})`;
  return name === "Object" ? "" : name;
}

function leaf(value: unknown): Tree {
  const kind = value === null ? "null" : typeof value;
  return { type: "leaf", kind, text: typeof value === "string" ? JSON.stringify(cutText(value)) : textOf(value) };
}

function textOf(value: unknown): string {
  if (typeof value === "function") return `ƒ ${value.name || "(anonymous)"}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null && !(value instanceof RegExp)) return labelOf(value) || "{…}";
  return cutText(String(value));
}

function cutText(text: string): string {
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}…`;
}

/** How the variables panel lists a name. */
export function describeVariable(name: string, value: unknown): Variable {
  if (isTable(value))
    return {
      name,
      type: "table",
      size: `${value.numRows} × ${value.numCols}`,
      preview: value.names.slice(0, 8).join(", ").slice(0, PREVIEW_CHARACTERS),
    };
  const tree = open(value, DEEPEST - 1, [], { nodes: 12 });
  const size =
    typeof value === "object" && value !== null ? sizeOf(value) : typeof value === "string" ? value.length : null;
  const preview =
    tree.type === "leaf"
      ? tree.text
      : `${tree.open}${tree.entries.map(([key, one]) => (tree.open === "[" ? short(one) : `${key}: ${short(one)}`)).join(", ")}${tree.more > 0 ? ", …" : ""}`;
  return {
    name,
    type: typeName(value),
    size: size === null ? null : String(size),
    preview: preview.slice(0, PREVIEW_CHARACTERS),
  };
}

const short = (tree: Tree): string => (tree.type === "leaf" ? tree.text : tree.label || tree.open);

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return value.constructor?.name ?? "object";
}
