import fc from "fast-check";

/** Values with ties and of both signs, some a unit apart near 2^53, some constant. */
export const sample: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.integer({ min: -4, max: 6 }), { minLength: 1, maxLength: 40 }),
  fc.array(
    fc.integer({ min: -47, max: 47 }).map((value) => value / 10),
    { minLength: 1, maxLength: 40 },
  ),
  fc.array(
    // Nothing so small that a multiple of it is rounded otherwise.
    fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => (Math.abs(value) < 1e-9 ? 0 : value)),
    { minLength: 1, maxLength: 40 },
  ),
  fc.array(
    fc.integer({ min: 0, max: 9 }).map((back) => 2 ** 53 - back),
    { minLength: 1, maxLength: 20 },
  ),
);

/** Two samples of like values. */
export const samplePair: fc.Arbitrary<readonly [number[], number[]]> = fc
  .tuple(sample, fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), fc.constantFrom(0, 0, 1, 3))
  .map(([reference, picks, shift]) => {
    const current = picks.map((pick) => {
      const value = reference[pick % reference.length]!;
      return Math.abs(value) > 1e15 ? value - shift : value + shift;
    });
    return [reference, current] as const;
  });

/** Counts of aligned bins, some empty on one side or both; neither side is empty. */
export const countPair: fc.Arbitrary<readonly [number[], number[]]> = fc
  .array(fc.tuple(count(), count()), { minLength: 1, maxLength: 15 })
  .filter((pairs) => pairs.some(([a]) => a > 0) && pairs.some(([, b]) => b > 0))
  .map((pairs) => [pairs.map(([a]) => a), pairs.map(([, b]) => b)] as const);

function count(): fc.Arbitrary<number> {
  return fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 1_000_000 }));
}

/** Within a relative error, or an absolute one near 0. */
export function isClose(found: number, expected: number, relative = 1e-9, absolute = 1e-12): boolean {
  return found === expected || Math.abs(found - expected) <= Math.max(absolute, relative * Math.abs(expected));
}
