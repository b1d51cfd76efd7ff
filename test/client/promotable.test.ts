import { expect, test } from "vitest";
import type { Kind } from "../../cells/document/document.ts";
import { promotableFrom } from "../../client/notebook/promotable.ts";

const cells = (["prose", "drift", "input", "prose"] satisfies Kind[]).map((kind, id) => ({ kind, id }));

test("what is promoted from a cell of text is the next cell that runs", () => {
  expect(promotableFrom(cells, 0)?.id).toBe(1);
  expect(promotableFrom(cells, 1)?.id).toBe(1);
  expect(promotableFrom(cells, 2)).toBeNull();
  expect(promotableFrom([], 0)).toBeNull();
});
