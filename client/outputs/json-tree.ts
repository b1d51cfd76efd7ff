import type { Tree } from "../../cells/results/display.ts";

/** A JSON value to fold open. */
export function jsonTree(value: unknown): Tree {
  if (value === null || typeof value !== "object")
    return { type: "leaf", kind: value === null ? "null" : typeof value, text: JSON.stringify(value) };
  const isArray = Array.isArray(value);
  return {
    type: "group",
    label: isArray ? `Array(${value.length})` : "",
    open: isArray ? "[" : "{",
    entries: Object.entries(value).map(([key, one]) => [key, jsonTree(one)] as const),
    more: 0,
  };
}
