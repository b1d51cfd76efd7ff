import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toDeciles } from "../../../../cells/statistics/drift/binning.ts";
import { ksTest } from "../../../../cells/statistics/drift/kolmogorov-smirnov.ts";
import { DRIFT_METRICS } from "../../../../cells/statistics/drift/metrics.ts";
import { benjaminiHochberg } from "../../../../cells/statistics/drift/noise.ts";
import { shareDistance } from "../../../../cells/statistics/drift/share-distances.ts";
import { newCategoryEffect, SHARE_READINGS, shareEffect } from "../../../../cells/statistics/drift/share-readings.ts";
import { tallyOfSamples } from "../../../../cells/statistics/drift/tally.ts";
import { type DriftJudgement, judge, judgeShare } from "../../../../cells/statistics/drift/verdict.ts";

const BOUNDS = DRIFT_METRICS.psi.bounds!;
const CLEAR: DriftJudgement = {
  effect: 0.3,
  bounds: BOUNDS,
  pAdjusted: 0.0001,
  n: 5000,
  nReference: 20_000,
  minRows: 100,
};

describe("the verdict of a distance", () => {
  test("an effect past the bound that is hardly noise warns or fails, and says by which numbers", () => {
    expect(judge(CLEAR)).toEqual({
      verdict: "fail",
      reason: "0.3 is above 0.25, and hardly by chance: adjusted p is 0.0001.",
    });
    expect(judge({ ...CLEAR, effect: 0.2 }).verdict).toBe("warn");
    expect(judge({ ...CLEAR, effect: 0.1 })).toEqual({ verdict: "ok", reason: null });
  });

  test("an effect alone never decides, and neither does p", () => {
    expect(judge({ ...CLEAR, pAdjusted: 0.01 })).toEqual({
      verdict: "ok",
      reason: "0.3 is above 0.25, but that can be chance: adjusted p is 0.01.",
    });
    expect(judge({ ...CLEAR, pAdjusted: null }).verdict).toBe("ok");
    expect(judge({ ...CLEAR, effect: 0.0999, pAdjusted: 0 })).toEqual({ verdict: "ok", reason: null });
  });

  test("few rows on either side, or no value, are no data", () => {
    expect(judge({ ...CLEAR, n: 99 }).reason).toBe("The current has 99 rows, below min_rows 100.");
    expect(judge({ ...CLEAR, nReference: 99 }).reason).toBe("The reference has 99 rows, below min_rows 100.");
    expect(judge({ ...CLEAR, n: 0, minRows: 0 })).toEqual({
      verdict: "no-data",
      reason: "The current has no rows to compare.",
    });
    expect(judge({ ...CLEAR, effect: null }).verdict).toBe("no-data");
    expect(judge({ ...CLEAR, n: 100, nReference: 100 }).verdict).toBe("fail");
  });

  test("bounds may be below a value or outside a range, and either may be missing", () => {
    const low = { warn: null, fail: { type: "below", value: -0.5 } } as const;
    expect(judge({ ...CLEAR, effect: -0.6, bounds: low }).verdict).toBe("fail");
    expect(judge({ ...CLEAR, effect: -0.5, bounds: low }).verdict).toBe("ok");
    const range = { warn: { type: "outside", low: -1, high: 1 }, fail: null } as const;
    expect(judge({ ...CLEAR, effect: -1.1, bounds: range }).reason).toContain("outside [-1, 1]");
    expect(judge({ ...CLEAR, effect: 9, bounds: { warn: null, fail: null } })).toEqual({ verdict: "ok", reason: null });
  });
});

test("small windows without drift have large PSI and still no alarm", () => {
  let state = 7;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const deciles = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
  const histogram = (rows: readonly number[]) => {
    const counts = new Array<number>(10).fill(0);
    for (const row of rows) counts[Math.floor(row * 10)]! += 1;
    return toDeciles(deciles, counts, deciles);
  };
  let [large, alarms] = [0, 0];
  for (let window = 0; window < 300; window++) {
    const [reference, current] = [1, 2].map(() => Array.from({ length: 100 }, uniform)) as [number[], number[]];
    const effect = shareDistance("psi", histogram(reference), histogram(current), "driftbook");
    const { p } = ksTest(tallyOfSamples(reference, current));
    const { verdict } = judge({ ...CLEAR, effect, pAdjusted: p, n: 100, nReference: 100 });
    if (effect > 0.1) large++;
    if (verdict !== "ok") alarms++;
  }
  expect(large).toBeGreaterThan(200);
  expect(alarms).toBeLessThanOrEqual(6);
});

function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe("readings of shares", () => {
  const share = (count: number, rows: number) => ({ count, rows });

  test("missing and invalid values are judged by how much their share changed, in either direction", () => {
    const { effect, p } = shareEffect(share(200, 1000), share(240, 1000));
    expect(effect).toBeCloseTo(0.04, 12);
    expect(p).toBeCloseTo(0.0308371678, 9);
    expect(shareEffect(share(240, 1000), share(200, 1000)).effect).toBeCloseTo(0.04, 12);
  });

  test("they are judged where no values remain, by default bounds and not by noise", () => {
    const all = { reading: "missing_share", n: 500, nReference: 500, minRows: 100 } as const;
    const gone = shareEffect(share(0, 500), share(500, 500));
    expect(judgeShare({ ...all, effect: gone.effect, pAdjusted: gone.p }).verdict).toBe("fail");
    expect(judgeShare({ ...all, effect: 0.06, pAdjusted: 0.001 }).verdict).toBe("warn");
    expect(judgeShare({ ...all, effect: 0.06, pAdjusted: 0.02 }).verdict).toBe("ok");
    const bounds = { warn: null, fail: { type: "above", value: 0.05 } } as const;
    expect(judgeShare({ ...all, effect: 0.06, pAdjusted: 0.001, bounds }).verdict).toBe("fail");
  });

  test("new categories are measured against what the reference's own rare ones let expect", () => {
    const known = (singletons: number, doubletons = 0) => ({ rows: 1000, singletons, doubletons });
    expect(newCategoryEffect(known(0), share(60, 1000))).toMatchObject({ effect: 0.06 });
    expect(newCategoryEffect(known(0), share(60, 1000)).p).toBeLessThan(1e-10);
    expect(newCategoryEffect(known(65), share(60, 1000))).toEqual({ effect: 0.06, p: 1 });
    expect(newCategoryEffect(known(50), share(60, 1000)).p).toBeCloseTo(0.3267, 4);
  });

  test("what they let expect is less certain the more categories occur twice", () => {
    // z = 0.02 / √(0.03·0.97·2/1000 + 2·100/10⁶) = 1.2436
    const known = { rows: 1000, singletons: 20, doubletons: 100 };
    expect(newCategoryEffect(known, share(40, 1000)).p).toBeCloseTo(0.2137, 3);
    expect(newCategoryEffect({ ...known, doubletons: 0 }, share(40, 1000)).p).toBeCloseTo(0.0088, 4);
  });

  test("a share that is new without drift is hardly ever called drift, however many categories are rare", () => {
    const random = lcg(7);
    let alarms = 0;
    const rounds = 300;
    for (let round = 0; round < rounds; round++) {
      const draw = (): number => Math.floor(random() ** 3 * 3000);
      const counts = new Map<number, number>();
      for (let row = 0; row < 1000; row++) {
        const value = draw();
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const of = (times: number): number => [...counts.values()].filter((count) => count === times).length;
      const fresh = Array.from({ length: 1000 }, draw).filter((value) => !counts.has(value)).length;
      const known = { rows: 1000, singletons: of(1), doubletons: of(2) };
      if (newCategoryEffect(known, share(fresh, 1000)).p! < 0.01) alarms += 1;
    }
    expect(alarms / rounds).toBeLessThan(0.02);
  });

  test("without rows there is nothing to judge", () => {
    const known = { rows: 0, singletons: 0, doubletons: 0 };
    expect(newCategoryEffect(known, share(3, 9))).toEqual({ effect: null, p: null });
    expect(newCategoryEffect({ ...known, rows: 9 }, share(0, 0))).toEqual({ effect: null, p: null });
    expect(shareEffect(share(0, 0), share(3, 9))).toEqual({ effect: null, p: null });
    for (const reading of Object.keys(SHARE_READINGS) as (keyof typeof SHARE_READINGS)[]) {
      expect(judgeShare({ reading, effect: null, pAdjusted: null, n: 0, nReference: 9, minRows: 1 }).verdict).toBe(
        "no-data",
      );
    }
  });
});

describe("Benjamini and Hochberg's adjustment", () => {
  const P = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216];
  const ADJUSTED = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.1057142857, 0.216, 0.216, 0.216];

  test("ten p-values", () => {
    for (const [at, p] of benjaminiHochberg(P).entries()) expect(p).toBeCloseTo(ADJUSTED[at]!, 9);
  });

  test("order is kept, and tests that could not be made stay out of it", () => {
    const found = benjaminiHochberg([null, ...P.toReversed(), null]);
    expect([found[0], found.at(-1)]).toEqual([null, null]);
    expect(found.slice(1, -1)).toEqual(benjaminiHochberg(P).toReversed());
    expect(benjaminiHochberg([])).toEqual([]);
    expect(benjaminiHochberg([null])).toEqual([null]);
    expect(() => benjaminiHochberg([Number.NaN])).toThrow("NaN is no p-value");
  });

  test("no p falls or passes 1, and a smaller one stays the smaller", () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(probability), (p) => {
        const adjusted = benjaminiHochberg(p) as number[];
        for (const [at, value] of adjusted.entries()) {
          expect(value).toBeGreaterThanOrEqual(p[at]!);
          expect(value).toBeLessThanOrEqual(1);
          for (const [other, q] of p.entries()) if (p[at]! < q) expect(value).toBeLessThanOrEqual(adjusted[other]!);
        }
      }),
    );
  });
});

test("every metric has a definition of its own name, and those with a rule of thumb fail later than they warn", () => {
  for (const [id, { definition, bounds, fits, twoCategories }] of Object.entries(DRIFT_METRICS)) {
    expect(definition).toMatch(new RegExp(`^${id}@[1-9]\\d*$`));
    if (twoCategories) expect(fits).toBe("categorical");
    if (bounds?.warn.type === "above" && bounds.fail.type === "above") {
      expect(bounds.fail.value).toBeGreaterThan(bounds.warn.value);
    }
  }
  expect(Object.entries(DRIFT_METRICS).flatMap(([id, { bounds }]) => (bounds === null ? [] : [id]))).toEqual([
    "psi",
    "js",
    "hellinger",
    "tvd",
    "linf",
    "ks",
    "wasserstein",
    "chi2",
    "cramers_v",
  ]);
});
