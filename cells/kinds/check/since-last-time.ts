import type { Measurement } from "../../results/measurement.ts";
import type { CheckDisplay } from "../../results/monitor-display.ts";
import type { Reading } from "../../results/reading.ts";

interface Earlier {
  readonly measurement: Pick<Measurement, "asOf" | "window">;
  readonly readings: readonly Reading[];
}

/**
 * The display with how each check stood the time before: its verdict then, or null for a check that was not there. A
 * check is the same while metric, column, slice and level are; a moved bound does not make it another one.
 */
export function sinceLastTime(display: CheckDisplay, readings: readonly Reading[], earlier: Earlier): CheckDisplay {
  const now = new Map(readings.map((one) => [one.id, keyOf(one)]));
  const then = new Map(earlier.readings.map((one) => [keyOf(one), one]));
  const { asOf, window } = earlier.measurement;
  return {
    ...display,
    since: { asOf, window },
    checks: display.checks.map((check) => {
      const before = then.get(now.get(check.reading) ?? "");
      return { ...check, before: before === undefined ? null : { verdict: before.verdict, reading: before.id } };
    }),
  };
}

function keyOf({ metric, subject, slice, bounds }: Reading): string {
  return JSON.stringify([metric, subject, slice, bounds.fail === null ? "warn" : "fail"]);
}

/** "Since 3 Mar 2026: 1 check fails that did not, 2 hold again"; null where nothing is known of an earlier time. */
export function sinceSentence({ since, checks }: CheckDisplay, momentText: (iso: string) => string): string | null {
  if (since === undefined) return null;
  const isBad = (verdict: string): boolean => verdict !== "ok";
  const count = (test: (check: CheckDisplay["checks"][number]) => boolean): number => checks.filter(test).length;
  const said: [number, string, string][] = [
    [
      count(({ verdict, before }) => isBad(verdict) && before != null && !isBad(before.verdict)),
      "held and does not",
      "held and do not",
    ],
    [
      count(({ verdict, before }) => !isBad(verdict) && before != null && isBad(before.verdict)),
      "holds again",
      "hold again",
    ],
    [
      count(
        ({ verdict, before }) =>
          isBad(verdict) && before != null && isBad(before.verdict) && before.verdict !== verdict,
      ),
      "stands differently",
      "stand differently",
    ],
    [count(({ before }) => before === null), "is new", "are new"],
  ];
  const parts = said.flatMap(([found, one, many]) => (found === 0 ? [] : [`${found} ${found === 1 ? one : many}`]));
  return `Since ${momentText(since.asOf)}: ${parts.length === 0 ? "no check changed" : parts.join(", ")}`;
}
