import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SHARE_DISTANCES, shareDistance } from "../../../../cells/statistics/drift/share-distances.ts";
import { CONVENTIONS } from "../../../../cells/statistics/drift/shares.ts";
import { countPair, isClose } from "./samples.ts";

const REFERENCE = [16, 18, 16, 14, 12, 12];
const CURRENT = [16, 16, 16, 16, 16, 8];

describe("published and computed numbers", () => {
  test("six categories", () => {
    const of = (metric: (typeof SHARE_DISTANCES)[number], convention: (typeof CONVENTIONS)[number] = "driftbook") =>
      shareDistance(metric, REFERENCE, CURRENT, convention);
    expect(of("psi")).toBeCloseTo(0.0372183816, 9);
    expect(of("kl")).toBeCloseTo(0.018909677, 9);
    expect(of("js", "evidently")).toBeCloseTo(0.0680481962, 9);
    expect(of("js", "nannyml")).toBeCloseTo(0.0817342133, 9);
    expect(of("js")).toBe(of("js", "nannyml"));
    // Printed with five digits, the last one cut.
    expect(Math.abs(of("hellinger") - 0.06812)).toBeLessThan(1e-5);
    expect(of("tvd")).toBeCloseTo(0.0681818182, 9);
    expect(of("linf")).toBeCloseTo(0.0454545455, 9);
  });

  test("Jensen–Shannon of disjoint shares is 1 in bits", () => {
    expect(shareDistance("js", [1, 0, 0], [0, 1, 0], "driftbook")).toBe(1);
    expect(shareDistance("js", [1, 0], [0.5, 0.5], "evidently")).toBeCloseTo(0.464501404, 9);
  });

  test("one more category in seven", () => {
    expect(shareDistance("linf", [2, 2, 2, 0], [2, 2, 2, 1], "driftbook")).toBe(1 / 7);
  });

  test("zero shares are filled as each convention says", () => {
    const reference = [16, 18, 0, 14, 12, 1, 20000];
    const current = [16, 0, 0, 16, 16, 8, 3];
    expect(shareDistance("psi", reference, current, "driftbook")).toBeCloseTo(8.638466647532098, 10);
    expect(shareDistance("kl", reference, current, "driftbook")).toBeCloseTo(2.9556095533310645, 10);
    expect(shareDistance("psi", reference, current, "evidently")).toBeCloseTo(8.734643810388887, 10);
    expect(shareDistance("kl", reference, current, "evidently")).toBeCloseTo(2.9561365373791233, 10);
    expect(shareDistance("psi", reference, current, "nannyml")).toBe(
      shareDistance("psi", reference, current, "driftbook"),
    );
  });
});

describe("properties", () => {
  test("every distance is finite, and never negative but for kl with filled shares", () => {
    fc.assert(
      fc.property(
        countPair,
        fc.constantFrom(...SHARE_DISTANCES),
        fc.constantFrom(...CONVENTIONS),
        (pair, metric, by) => {
          const distance = shareDistance(metric, ...pair, by);
          expect(Number.isFinite(distance)).toBe(true);
          if (metric !== "kl") expect(distance).toBeGreaterThanOrEqual(0);
          if (!["kl", "psi"].includes(metric)) expect(distance).toBeLessThanOrEqual(1 + 1e-12);
        },
      ),
    );
  });

  test("swapping the sides leaves all but kl exactly as they are", () => {
    fc.assert(
      fc.property(countPair, fc.constantFrom(...CONVENTIONS), ([reference, current], by) => {
        for (const metric of SHARE_DISTANCES) {
          if (metric === "kl") continue;
          expect(shareDistance(metric, current, reference, by)).toBe(shareDistance(metric, reference, current, by));
        }
      }),
    );
  });

  test("repeating all rows of a side leaves every distance exactly as it is", () => {
    fc.assert(
      fc.property(countPair, fc.integer({ min: 2, max: 9 }), ([reference, current], times) => {
        const more = reference.map((count) => count * times);
        for (const metric of SHARE_DISTANCES) {
          for (const by of CONVENTIONS) {
            expect(shareDistance(metric, more, current, by)).toBe(shareDistance(metric, reference, current, by));
          }
        }
      }),
    );
  });

  test("equal shares are at distance 0 exactly, also where bins are empty", () => {
    fc.assert(
      fc.property(countPair, fc.integer({ min: 1, max: 9 }), ([counts], times) => {
        for (const metric of SHARE_DISTANCES) {
          for (const by of CONVENTIONS) {
            const same = counts.map((count) => count * times);
            expect(Object.is(shareDistance(metric, counts, same, by), 0)).toBe(true);
          }
        }
      }),
    );
  });

  test("bins in another order give the same to 12 digits", () => {
    fc.assert(
      fc.property(countPair, fc.array(fc.nat(), { minLength: 15, maxLength: 15 }), ([reference, current], keys) => {
        const order = reference.map((_, bin) => [keys[bin]!, bin] as const).sort(([a], [b]) => a - b);
        const shuffled = (counts: readonly number[]) => order.map(([, bin]) => counts[bin]!);
        for (const metric of SHARE_DISTANCES) {
          const found = shareDistance(metric, shuffled(reference), shuffled(current), "driftbook");
          expect(isClose(found, shareDistance(metric, reference, current, "driftbook"), 1e-12)).toBe(true);
        }
      }),
    );
  });

  test("bins empty on both sides change nothing, but for evidently's psi and kl, which fill them", () => {
    fc.assert(
      fc.property(countPair, ([reference, current]) => {
        for (const metric of SHARE_DISTANCES) {
          for (const by of CONVENTIONS) {
            if (by === "evidently" && (metric === "psi" || metric === "kl")) continue;
            const found = shareDistance(metric, [0, ...reference, 0], [0, ...current, 0], by);
            expect(found).toBe(shareDistance(metric, reference, current, by));
          }
        }
      }),
    );
  });

  test("the formulas as written, term by term", () => {
    fc.assert(
      fc.property(countPair, ([reference, current]) => {
        const share = (counts: readonly number[]) => {
          const total = counts.reduce((sum, count) => sum + count);
          return counts.map((count) => count / total);
        };
        const [p, q] = [share(reference), share(current)];
        const sum = (term: (p: number, q: number) => number) =>
          p.map((value, bin) => term(value, q[bin]!)).reduce((total, value) => total + value, 0);
        const raised = (value: number) => Math.max(value, 1e-4);
        const psi = sum((a, b) => (raised(b) - raised(a)) * Math.log(raised(b) / raised(a)));
        const relative = (a: number, b: number) => (a === 0 ? 0 : a * Math.log2((2 * a) / (a + b)));
        const js = sum((a, b) => (relative(a, b) + relative(b, a)) / 2);
        const hellinger = Math.max(0, 1 - sum((a, b) => Math.sqrt(a * b)));
        expect(isClose(shareDistance("psi", reference, current, "driftbook"), psi)).toBe(true);
        expect(isClose(shareDistance("js", reference, current, "driftbook") ** 2, js)).toBe(true);
        expect(isClose(shareDistance("hellinger", reference, current, "driftbook") ** 2, hellinger)).toBe(true);
      }),
    );
  });
});

test("distances far below the rounding of shares are still right", () => {
  const reference = [500_000_001, 499_999_999];
  const current = [500_000_000, 500_000_000];
  // To the leading order in ε, for shares ½ ± ε and ½.
  const epsilon = 1e-9;
  expect(isClose(shareDistance("hellinger", reference, current, "driftbook"), epsilon / Math.SQRT2, 1e-6)).toBe(true);
  expect(isClose(shareDistance("psi", reference, current, "driftbook"), 4 * epsilon ** 2, 1e-6, 0)).toBe(true);
});

test("a side without values, bins that do not align and counts that are none are refused", () => {
  expect(() => shareDistance("psi", [0, 0], [1, 2], "driftbook")).toThrow("reference is empty");
  expect(() => shareDistance("psi", [1, 2], [], "driftbook")).toThrow("2 reference bins and 0 current bins");
  expect(() => shareDistance("psi", [1, 2], [Number.NaN, 1], "driftbook")).toThrow("current has the count NaN");
  expect(() => shareDistance("psi", [1, -2], [1, 1], "driftbook")).toThrow(RangeError);
});
