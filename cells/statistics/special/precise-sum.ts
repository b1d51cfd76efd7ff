/** The sum with a running correction (Neumaier 1974): its error does not grow with the number of terms. */
export function preciseSum(terms: Iterable<number>): number {
  let [sum, correction] = [0, 0];
  for (const term of terms) {
    const next = sum + term;
    correction += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + correction : sum;
}
