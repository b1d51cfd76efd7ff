import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import type { Bound, Verdict } from "../../results/reading.ts";
import type { CheckName, Expectations } from "./check-spec.ts";

/** One expectation as something to measure: it is broken when the measured value is past `bad`. */
export interface Probe {
  readonly name: CheckName;
  /** The column, or what else tells it from others of its name. */
  readonly subject: string | null;
  /** In words: "at least 1 000 rows". */
  readonly expected: string;
  readonly bad: Bound;
  /** How the value is said: "{} rows". */
  readonly unit: "rows" | "share" | "seconds" | "ratio" | "value" | "differences" | "groups";
  readonly measure: /** An aggregate over the selection: measured with others in one scan. */
    | { readonly type: "aggregate"; readonly sql: string }
    /** A statement of one row with the column `value`. */
    | { readonly type: "statement"; readonly sql: string }
    | { readonly type: "known"; readonly value: number | null; readonly found: string }
    /** Measured, and judged by more than its bound. */
    | { readonly type: "judged"; readonly value: number | null; readonly found: string; readonly judged: Judged }
    /** It cannot be measured as it is written. */
    | { readonly type: "problem"; readonly problem: string };
  /** A statement of the rows that break it; null where rows cannot show it. */
  readonly failing: string | null;
  /** It says something also of a window without rows. */
  readonly judgesEmpty: boolean;
}

/** A verdict that takes more than a bound, with what it was reached by. */
export interface Judged {
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** Values of the measured rows, and of the reference. */
  readonly n: number;
  readonly nReference: number;
  readonly pValue: number | null;
  readonly pAdjusted: number | null;
}

export interface ProbeContext {
  readonly selection: Selection;
  readonly asOf: string;
  readonly dialect: Dialect;
  /** The same selection over the window that the rows are held against. */
  readonly before: (like: "same weekday" | "previous") => Selection;
  /** SQL of another relation, by its name in `references`. @throws when there is none, or none with such a column */
  readonly relation: (from: string, column: string) => string;
  /** @throws when the relation has no such column */
  readonly column: (name: string, check: CheckName) => string;
}

/** The probes of what is expected under one name. @throws where a column that it names is not there */
export type Maker<Name extends CheckName> = (
  expected: NonNullable<Expectations[Name]>,
  context: ProbeContext,
) => readonly Probe[];

/** The makers of some names. */
export type Makers<Name extends CheckName> = { readonly [One in Name]: Maker<One> };

/** An expectation that cannot be measured, with the sentence why. */
export const problemProbe = (name: CheckName, subject: string | null, problem: string): Probe => ({
  name,
  subject,
  expected: "what can be measured",
  bad: { type: "above", value: 0 },
  unit: "value",
  measure: { type: "problem", problem },
  failing: null,
  judgesEmpty: true,
});
