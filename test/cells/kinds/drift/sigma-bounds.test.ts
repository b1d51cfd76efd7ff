import { expect, test } from "vitest";
import { sigmaBases, sigmaBound } from "../../../../cells/kinds/drift/sigma-bounds.ts";

const three = { type: "sigma", count: 3 } as const;
const of = (values: readonly number[]) =>
  sigmaBases(values.map((effect) => ({ subject: "amount", metric: "psi", effect })));
const amount = { subject: "amount", metric: "psi" };

test("three deviations around the mean of the ten numbers from 0 to 9", () => {
  const bound = sigmaBound(three, amount, of([...Array(10).keys()]));
  expect(bound).toMatchObject({ type: "outside", low: expect.closeTo(-4.1168439698, 9) });
  expect(bound).toMatchObject({ high: expect.closeTo(13.1168439698, 9) });
});

test("the deviation is that of all chunks, not of a sample of them, and of two chunks already a bound", () => {
  expect(sigmaBound({ type: "sigma", count: 1 }, amount, of([1, 3]))).toEqual({ type: "outside", low: 1, high: 3 });
});

test("one chunk, or none of this metric, gives a sentence", () => {
  expect(sigmaBound(three, amount, of([0.2]))).toBe(
    "Not judged by 3 sigma: that needs 2 chunks of the reference with a value, and there is 1.",
  );
  expect(sigmaBound(three, { ...amount, metric: "ks" }, of([0.2, 0.3]))).toContain("there are none");
});
