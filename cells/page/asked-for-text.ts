import type { Revision } from "../wire/http-reports.ts";

/** Of a revision whose run no schedule asked for: a sentence for its readers. */
export function askedForText({ window, asOf }: NonNullable<Revision["askedFor"]>): string {
  const what = [...(window ? ["over another window"] : []), ...(asOf ? ["as of another time"] : [])];
  return what.length === 0
    ? "Somebody asked for this run by hand, beside the schedule."
    : `Somebody asked for this run by hand, ${what.join(" and ")} than the schedule’s.`;
}
