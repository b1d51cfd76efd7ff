/** How many labels of a class became known so many days after their decision, in cohorts older than the horizon. */
export interface LabelDelay {
  readonly labelClass: string;
  /** known_at − decided_at; rows without known_at do not belong here. */
  readonly delayDays: number;
  readonly n: number;
}

/** Decisions of one age at as-of. */
export interface AgeGroup {
  readonly ageDays: number;
  readonly n: number;
}

/** For one class, how many of its labels are known within each delay. */
export interface ClassCurve {
  readonly labelClass: string;
  /** Distinct, ascending. */
  readonly delays: Float64Array;
  /** Ascending, at most `total`. */
  readonly known: Float64Array;
  readonly total: number;
}

export interface WindowMaturity {
  /** The expected share of the window's labels that are known at as-of, of the slowest class. */
  readonly value: number;
  readonly slowest: string;
}

/** A KPI over a window less mature than this is provisional. */
export const PROVISIONAL_BELOW = 0.9;

/**
 * The empirical curve of each class, by name; null without any label: there is no cohort to learn from. `totals` gives
 * a class more labels than the delays count, such as those whose time is not known; a class's total is never under
 * them.
 */
export function maturityCurves(
  delays: readonly LabelDelay[],
  totals: ReadonlyMap<string, number> = new Map(),
): readonly ClassCurve[] | null {
  const usable = delays.filter(({ delayDays, n }) => Number.isFinite(delayDays) && n > 0);
  const classes = [...new Set(usable.map(({ labelClass }) => labelClass))].sort();
  if (classes.length === 0) return null;
  return classes.map((labelClass) => {
    const own = usable.filter((delay) => delay.labelClass === labelClass);
    return classCurve(labelClass, own, totals.get(labelClass) ?? 0);
  });
}

function classCurve(labelClass: string, delays: readonly LabelDelay[], least: number): ClassCurve {
  const counts = new Map<number, number>();
  for (const { delayDays, n } of delays) counts.set(delayDays, (counts.get(delayDays) ?? 0) + n);
  const sorted = Float64Array.from(counts.keys()).sort();
  const total = Math.max(
    least,
    delays.reduce((sum, { n }) => sum + n, 0),
  );
  let sum = 0;
  const known = sorted.map((delay) => {
    sum += counts.get(delay)!;
    return sum;
  });
  return { labelClass, delays: sorted, known, total };
}

/** The share of the class's labels that are known at that age, a delay of exactly it included. */
export function maturityAt(curve: ClassCurve, ageDays: number): number {
  return knownAt(curve, ageDays) / curve.total;
}

function knownAt({ delays, known }: ClassCurve, ageDays: number): number {
  let [low, high] = [0, delays.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (delays[middle]! <= ageDays) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : known[low - 1]!;
}

/**
 * The mean over the window's decisions, of the class where it is lowest; null (provisional) without curve or decisions.
 */
export function maturityOfWindow(
  curves: readonly ClassCurve[] | null,
  ages: readonly AgeGroup[],
): WindowMaturity | null {
  const sorted = ages.filter(({ n }) => n > 0).sort((left, right) => left.ageDays - right.ageDays || left.n - right.n);
  const all = sorted.reduce((sum, { n }) => sum + n, 0);
  if (curves === null || !(all > 0)) return null;
  const ofClasses = curves.map((curve) => {
    // Counts, not shares: so long as they are exact, 9 labels of 10 are not below 0.9.
    const known = sorted.reduce((sum, { ageDays, n }) => sum + n * knownAt(curve, ageDays), 0);
    return { value: Math.min(1, known / (all * curve.total)), slowest: curve.labelClass };
  });
  return ofClasses.reduce<WindowMaturity | null>(
    (lowest, each) => (lowest === null || each.value < lowest.value ? each : lowest),
    null,
  );
}

/** Whether a KPI is provisional: its maturity is not known or below 0.9. */
export function isProvisional(maturity: WindowMaturity | null): boolean {
  return maturity === null || maturity.value < PROVISIONAL_BELOW;
}
