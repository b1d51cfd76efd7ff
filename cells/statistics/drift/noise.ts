/**
 * Adjusted p-values of Benjamini and Hochberg 1995, which bound the share of false alarms among all alarms, in the given
 * order. Null stands for a test that could not be made: it stays null and does not count. RangeError for what is no
 * probability.
 */
export function benjaminiHochberg(p: readonly (number | null)[]): (number | null)[] {
  const wrong = p.find((value) => value !== null && !(value >= 0 && value <= 1));
  if (wrong !== undefined) throw new RangeError(`${wrong} is no p-value; expected 0 to 1`);
  const made = p.flatMap((value, at) => (value === null ? [] : [{ value, at }]));
  made.sort((left, right) => right.value - left.value);
  const adjusted = p.map((): number | null => null);
  let least = 1;
  for (const [index, { value, at }] of made.entries()) {
    least = Math.min(least, value * (made.length / (made.length - index)));
    adjusted[at] = least;
  }
  return adjusted;
}
