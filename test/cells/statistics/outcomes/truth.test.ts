import { describe, expect, test } from "vitest";
import { negativesNote, negativesProblem, rowsWithTruth } from "../../../../cells/statistics/outcomes/truth.ts";

describe("truth counts", () => {
  const posted = { stated: 90, silent: 0, pending: 500, unknown: 10 };

  test("stated and silent rows have truth", () => {
    expect(rowsWithTruth({ stated: 3, silent: 4, pending: 5, unknown: 6 })).toBe(7);
  });

  test("with a silence rule negatives are known, whatever the counts", () => {
    expect(negativesProblem({ stated: 1, silent: 500, pending: 0, unknown: 0 }, true)).toBeNull();
    expect(negativesNote({ stated: 1, silent: 500, pending: 0, unknown: 0 }, true)).toBeNull();
  });

  test("without one, 90 % of the mature rows are enough, and it is said", () => {
    expect(negativesProblem(posted, false)).toBeNull();
    expect(negativesNote(posted, false)).toBe(
      "The contract has no `silence` rule: only stated negatives count; 90.0 % of 100 mature rows are stated.",
    );
  });

  test("and fewer are not", () => {
    expect(negativesProblem({ ...posted, stated: 8999, unknown: 1001 }, false)).toBe(
      "This needs negatives, and few are ever posted: 89.9 % of 10000 mature rows are stated, of 90 % needed without a `silence` rule in the contract.",
    );
    expect(negativesNote({ ...posted, unknown: 11 }, false)).toBeNull();
    expect(negativesProblem({ stated: 0, silent: 0, pending: 9, unknown: 0 }, false)).toBe(
      "No row is mature yet, and the contract has no `silence` rule.",
    );
  });
});
