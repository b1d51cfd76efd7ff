import { expect, test } from "vitest";
import { ACTIONS, KeyMap, pressName } from "../../client/notebook/actions.ts";
import { cellText, copyText } from "../../client/outputs/cell-text.ts";
import { PageCache } from "../../client/outputs/page-cache.ts";

test.each([
  [9_007_199_254_740_993n, "BIGINT", "9,007,199,254,740,993", "9007199254740993"],
  [-12_345n, "DECIMAL(12,2)", "-123.45", "-123.45"],
  [5n, "DECIMAL(12,3)", "0.005", "0.005"],
  [0.011767, "DOUBLE", "0.011767", "0.011767"],
  [Number.NaN, "DOUBLE", "NaN", "NaN"],
  [Number.POSITIVE_INFINITY, "DOUBLE", "Infinity", "Infinity"],
  [true, "BOOLEAN", "true", "true"],
  [Date.UTC(2026, 2, 1), "DATE", "2026-03-01", "2026-03-01"],
  [Date.UTC(2026, 2, 1, 10, 15), "TIMESTAMP WITH TIME ZONE", "2026-03-01 10:15:00", "2026-03-01T10:15:00.000Z"],
  [{ a: 1n, b: [2] }, "STRUCT(a BIGINT, b INTEGER[])", '{"a":"1","b":[2]}', '{"a":"1","b":[2]}'],
  ["=1+1", "VARCHAR", "=1+1", "=1+1"],
])("%s of %s is shown as %s and copied as %s", (value, type, shown, copied) => {
  expect(cellText(value, type, "UTC")).toBe(shown);
  expect(copyText(value, type)).toBe(copied);
});

test("the page used longest ago goes first", () => {
  const cache = new PageCache<string>(2);
  cache.set(1, "one");
  cache.set(2, "two");
  expect(cache.get(1)).toBe("one");
  cache.set(3, "three");
  expect([cache.get(1), cache.get(2), cache.get(3)]).toEqual(["one", undefined, "three"]);
});

test("no two actions share a press, and pairs need both within their time", () => {
  const presses = Object.values(ACTIONS).flatMap(({ keys }) => keys);
  expect(new Set(presses).size).toBe(presses.length);
  const keys = new KeyMap();
  expect(keys.press("j", 0)).toBe("next");
  expect(keys.press("d", 10)).toBeNull();
  expect(keys.press("d", 20)).toBe("delete");
  expect(keys.press("d", 1000)).toBeNull();
  expect(keys.press("d", 3000)).toBeNull();
  expect(keys.press("x", 3010)).toBe("cut");
  expect(keys.press("d", 3020)).toBeNull();
});

test("a press is called by its key and what is held with it", () => {
  const press = { key: "k", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
  expect(pressName({ ...press, ctrlKey: true })).toBe("Mod-k");
  expect(pressName({ ...press, metaKey: true })).toBe("Mod-k");
  expect(pressName({ ...press, key: "Enter", shiftKey: true })).toBe("Shift-Enter");
  expect(pressName({ ...press, key: "?", shiftKey: true })).toBe("?");
});
