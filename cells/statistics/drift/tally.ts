import { preciseSum } from "../special/precise-sum.ts";

/** How often each value occurs in two samples. The three arrays are of one length; weights may be fractional. */
export interface Tally {
  /** Distinct, finite, ascending. */
  readonly values: Float64Array;
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

export interface TallyGroup {
  readonly value: number;
  readonly reference: number;
  readonly current: number;
}

/** The total weight of each side. */
export interface TallyTotals {
  readonly n: number;
  readonly m: number;
}

/** The tally of groups in any order; groups of one value are added up, those without a finite value or weight left out. */
export function tallyOf(groups: readonly TallyGroup[]): Tally {
  const sorted = groups
    .filter(({ value, reference, current }) => Number.isFinite(value) && reference + current > 0)
    .sort((left, right) => left.value - right.value);
  const tally = emptyTally(sorted.length);
  let length = 0;
  for (const { value, reference, current } of sorted) {
    if (length === 0 || tally.values[length - 1] !== value) tally.values[length++] = value + 0;
    tally.reference[length - 1]! += reference;
    tally.current[length - 1]! += current;
  }
  return cut(tally, length);
}

/** The tally of two samples in any order; what is not finite is left out. */
export function tallyOfSamples(reference: Iterable<number>, current: Iterable<number>): Tally {
  const sides = [Float64Array.from(reference), Float64Array.from(current)].map((side) => side.filter(Number.isFinite));
  const [first, second] = sides.map((side) => side.sort()) as [Float64Array, Float64Array];
  const tally = emptyTally(first.length + second.length);
  let [length, i, j] = [0, 0, 0];
  for (; i < first.length || j < second.length; length++) {
    const value = Math.min(first[i] ?? Infinity, second[j] ?? Infinity);
    // Negative zero becomes zero, so that the same samples give the same bytes.
    tally.values[length] = value + 0;
    for (; first[i] === value; i++) tally.reference[length]! += 1;
    for (; second[j] === value; j++) tally.current[length]! += 1;
  }
  return cut(tally, length);
}

/** The tally of all rows of several tallies. */
export function mergeTallies(tallies: readonly Tally[]): Tally {
  return tallyOf(
    tallies.flatMap(({ values, reference, current }) =>
      Array.from(values, (value, at) => ({ value, reference: reference[at]!, current: current[at]! })),
    ),
  );
}

/** RangeError where a side is empty: whoever asks for a distance makes sure that there are values. */
export function totalsOf({ reference, current }: Tally): TallyTotals {
  const [n, m] = [preciseSum(reference), preciseSum(current)];
  if (n > 0 && m > 0) return { n, m };
  throw new RangeError(`${n > 0 ? "current" : "reference"} is empty; expected at least one value`);
}

/** Whether both sides have one and the same single value. */
export function isConstant({ values }: Tally): boolean {
  return values.length === 1;
}

/** Whether the totals can be numbers of rows. */
export function areWhole({ n, m }: TallyTotals): boolean {
  return Number.isSafeInteger(n) && Number.isSafeInteger(m);
}

function emptyTally(length: number): Tally {
  return {
    values: new Float64Array(length),
    reference: new Float64Array(length),
    current: new Float64Array(length),
  };
}

function cut({ values, reference, current }: Tally, length: number): Tally {
  return {
    values: values.slice(0, length),
    reference: reference.slice(0, length),
    current: current.slice(0, length),
  };
}
