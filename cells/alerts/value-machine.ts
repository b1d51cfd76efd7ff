/**
 * `inactive` → `pending` → `firing` → `recovering` → `resolved`. A state says by itself whether anybody was told: from
 * `firing` on somebody was, and `resolved` ends the episode.
 */
export type ValueState = "inactive" | "pending" | "firing" | "recovering" | "resolved";

/** What a run saw of a value; a run that did not measure it saw nothing and changes nothing. */
export type Seen = "ok" | "warn" | "fail";

export interface Progress {
  readonly state: ValueState;
  /** Failing runs in a row that lead to `firing`. */
  readonly bad: number;
  /** Good runs in a row that lead out of it. */
  readonly good: number;
}

export const NOTHING: Progress = { state: "inactive", bad: 0, good: 0 };

/**
 * One run further. It fires after `needed` failing runs in a row and resolves after as many good ones. Between the warn
 * and the fail bound nothing moves once it has fired: it neither recovers nor fires anew, and what it has of good runs
 * stays. A pending value calms down there, for it did not fail.
 */
export function stepValue(before: Progress, seen: Seen, needed: number): Progress {
  switch (before.state) {
    case "inactive":
    case "pending": {
      if (seen !== "fail") return NOTHING;
      const bad = before.bad + 1;
      return { state: bad >= needed ? "firing" : "pending", bad, good: 0 };
    }
    case "firing":
    case "recovering": {
      if (seen === "warn") return before;
      if (seen === "fail") return { state: "firing", bad: before.bad, good: 0 };
      const good = before.good + 1;
      return { state: good >= needed ? "resolved" : "recovering", bad: before.bad, good };
    }
    case "resolved":
      throw new Error("A resolved alert takes no more runs: the next failing one begins another alert.");
  }
}
