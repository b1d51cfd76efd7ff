import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bound, type JudgeInput, judgeInterval } from "../../../../cells/statistics/outcomes/verdict.ts";

const BELOW: JudgeInput["bounds"] = { warn: { type: "below", value: 0.7 }, fail: { type: "below", value: 0.6 } };

function judge(value: number | null, interval: readonly [number, number] | null, more: Partial<JudgeInput> = {}) {
  const [lower, upper] = interval ?? [null, null];
  return judgeInterval({ value, lower, upper, bounds: BELOW, n: 500, minRows: 100, provisional: false, ...more });
}

describe("verdicts on an interval", () => {
  test.each<[number, readonly [number, number] | null, string, string | null]>([
    [0.8, [0.75, 0.85], "ok", null],
    [0.7, [0.65, 0.75], "ok", null],
    [0.65, [0.5, 0.8], "warn", "0.65 is below 0.7."],
    [0.55, [0.5, 0.62], "warn", "0.55 is below 0.6, but its 95 % interval, 0.5 to 0.62, is not as a whole."],
    [0.55, null, "warn", "0.55 is below 0.6, but has no interval to be sure of it."],
    [0.55, [0.5, 0.59], "fail", "0.55 is below 0.6, and so is its 95 % interval, 0.5 to 0.59, as a whole."],
    [0.5999999, [0.5, 0.6], "warn", "0.5999999 is below 0.6, but its 95 % interval, 0.5 to 0.6, is not as a whole."],
  ])("%f with %o is %s", (value, interval, verdict, reason) => {
    expect(judge(value, interval)).toEqual({ verdict, reason });
  });

  test.each<[Bound, number, readonly [number, number], string]>([
    [{ type: "above", value: 12 }, 13, [12.1, 14], "fail"],
    [{ type: "above", value: 12 }, 13, [11.9, 14], "warn"],
    [{ type: "above", value: 12 }, 12, [11.9, 14], "ok"],
    [{ type: "outside", low: -1, high: 1 }, 2, [1.5, 2.5], "fail"],
    [{ type: "outside", low: -1, high: 1 }, -2, [-2.5, -1.5], "fail"],
    [{ type: "outside", low: -1, high: 1 }, 2, [-2, 2.5], "warn"],
    [{ type: "outside", low: -1, high: 1 }, 0, [-2, 2.5], "ok"],
  ])("with the fail bound %o, %f is judged by %o", (fail, value, interval, verdict) => {
    expect(judge(value, interval, { bounds: { fail } }).verdict).toBe(verdict);
  });

  test("no value and few rows are no-data, also while provisional", () => {
    expect(judge(null, null)).toEqual({ verdict: "no-data", reason: "There is no value: its denominator is 0." });
    expect(judge(null, null, { missing: "No negatives." }).reason).toBe("No negatives.");
    expect(judge(NaN, null).verdict).toBe("no-data");
    expect(judge(0.5, [0.4, 0.6], { n: 99 })).toEqual({ verdict: "no-data", reason: "n is 99, below min_rows 100." });
    expect(judge(null, null, { provisional: true }).verdict).toBe("no-data");
  });

  test("a provisional value cannot alert unless the cell says so", () => {
    expect(judge(0.55, [0.5, 0.59], { provisional: true })).toEqual({
      verdict: "ok",
      reason:
        "Provisional, so not fail: labels are still to come. 0.55 is below 0.6, and so is its 95 % interval, 0.5 to 0.59, as a whole.",
    });
    expect(judge(0.55, [0.5, 0.59], { provisional: true, judgeProvisional: true }).verdict).toBe("fail");
    expect(judge(0.8, null, { provisional: true })).toEqual({ verdict: "ok", reason: null });
  });

  test("without bounds every value is ok, and a worse value is never judged better", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const severity = { ok: 0, warn: 1, fail: 2, "no-data": 3 };
    fc.assert(
      fc.property(share, share, fc.double({ min: 0, max: 0.3, noNaN: true }), (one, other, half) => {
        expect(judge(one, null, { bounds: {} }).verdict).toBe("ok");
        const [worse, better] = [Math.min(one, other), Math.max(one, other)].map(
          (value) => severity[judge(value, [value - half, value + half]).verdict],
        );
        expect(worse).toBeGreaterThanOrEqual(better!);
      }),
    );
  });
});
