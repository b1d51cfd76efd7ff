import type { Bound } from "../results/reading.ts";
import type { Observation, Worst } from "./alert.ts";

/** The one that is further past its fail bound; of equals the earlier. Bounds of different versions each count for their own. */
export function worstOf(before: Worst | null, observed: Observation, atMillis: number): Worst {
  return before !== null && excessOf(observed) <= excessOf(before.observation)
    ? before
    : { observation: observed, atMillis };
}

/** How far it is past its fail bound, in what is judged. */
function excessOf({ value, judged, bounds: { fail } }: Observation): number {
  const held = judged ?? value;
  return held === null || fail === null ? Number.NEGATIVE_INFINITY : excess(held, fail);
}

function excess(value: number, bound: Bound): number {
  switch (bound.type) {
    case "above":
      return value - bound.value;
    case "below":
      return bound.value - value;
    case "outside":
      return Math.max(bound.low - value, value - bound.high);
  }
}
