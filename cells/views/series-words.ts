import { type Bounds, boundsSentence } from "./bound-words.ts";
import { ACCENT, REFERENCE, TEXT } from "./chart-theme.ts";
import type { Key } from "./markup.ts";
import { type Unit, unitText } from "./number-text.ts";
import type { SeriesPoint } from "./series-chart.ts";

export const isEstimated = ({ estimated }: SeriesPoint): boolean => estimated !== undefined;

export const isKnownThen = ({ knownThen }: SeriesPoint): boolean => knownThen !== undefined && knownThen.value !== null;

/** What the inks of a course stand for. */
export function seriesKeys({ points, knownThenWords = "" }: Pick<Course, "points" | "knownThenWords">): readonly Key[] {
  const key = (
    isShown: (point: SeriesPoint) => boolean,
    shape: Key["shape"],
    color: string,
    text: string,
  ): readonly Key[] => (points.some(isShown) ? [{ shape, color, text }] : []);
  return [
    ...key(({ isReference }) => isReference, "line", REFERENCE, "reference"),
    ...key(({ isReference }) => isReference, "line", ACCENT, "current"),
    ...key(({ lower }) => lower !== null, "area", ACCENT, "95% interval"),
    ...key(({ provisional }) => provisional, "hatch", REFERENCE, "provisional"),
    ...key(isKnownThen, "line", REFERENCE, knownThenWords),
    ...key(isEstimated, "dashes", TEXT, "estimated"),
  ];
}

interface Course {
  readonly title: string;
  readonly points: readonly SeriesPoint[];
  readonly unit: Unit;
  readonly bounds: Bounds;
  readonly knownThenWords?: string | undefined;
}

/** "PSI over time: 28 points from 0.012 to 0.31, latest 0.31, 3 past a bound; warn above 0.1, fail above 0.25." */
export function seriesWords({ title, points, unit, bounds, knownThenWords = "" }: Course): string {
  const known = points.filter(({ value }) => value !== null);
  const expected = points.findLast(isEstimated)?.estimated;
  const latestExpected = expected === undefined ? [] : [`latest estimated ${unitText(expected.value, unit)}`];
  const then = points.findLast(isKnownThen);
  const latestThen =
    then?.knownThen === undefined
      ? []
      : [`latest ${knownThenWords} ${unitText(then.knownThen.value, unit)}, now ${unitText(then.value, unit)}`];
  if (known.length === 0) return `${title}: ${["no values", ...latestExpected].join(", ")}.`;
  const values = known.map(({ value }) => value!);
  const past = known.filter(({ verdict, isReference }) => !isReference && (verdict === "warn" || verdict === "fail"));
  const provisional = known.filter((point) => point.provisional);
  const limits = boundsSentence(bounds, unit);
  const parts = [
    `${known.length} ${known.length === 1 ? "point" : "points"} from ${unitText(Math.min(...values), unit)} to ${unitText(Math.max(...values), unit)}`,
    `latest ${unitText(values.at(-1)!, unit)}`,
    ...latestExpected,
    ...latestThen,
    ...(past.length === 0 ? [] : [`${past.length} past a bound`]),
    ...(provisional.length === 0 ? [] : [`${provisional.length} provisional`]),
  ];
  return `${title}: ${parts.join(", ")}${limits === "" ? "" : `; ${limits}`}.`;
}
