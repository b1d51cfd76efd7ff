import type { RateBucket } from "../../cells/wire/http-workspace.ts";

const HOUR_MILLIS = 3_600_000;
const SHOWN_HOURS = 48;

/** The last 48 hours up to the one that holds `nowMillis`, zeros included, oldest first. */
export function hourly(
  hours: readonly { readonly start: string; readonly decisions: number; readonly feedback: number }[],
  nowMillis: number,
): RateBucket[] {
  const last = Math.floor(nowMillis / HOUR_MILLIS);
  const found = Array.from({ length: SHOWN_HOURS }, (_, at) => ({
    start: new Date((last - SHOWN_HOURS + 1 + at) * HOUR_MILLIS).toISOString(),
    decisions: 0,
    feedback: 0,
  }));
  for (const hour of hours) {
    const bucket = found[Math.floor(Date.parse(hour.start) / HOUR_MILLIS) - last + SHOWN_HOURS - 1];
    if (bucket === undefined) continue;
    bucket.decisions += hour.decisions;
    bucket.feedback += hour.feedback;
  }
  return found;
}
