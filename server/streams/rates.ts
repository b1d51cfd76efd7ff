import type { RateBucket } from "../../cells/wire/http-workspace.ts";

const HOUR_MILLIS = 3_600_000;

/** The last `count` buckets of `bucketMillis` up to the one that holds `nowMillis`, zeros included, oldest first. */
export function buckets(
  hours: readonly { readonly start: string; readonly decisions: number; readonly feedback: number }[],
  bucketMillis: number,
  count: number,
  nowMillis: number,
): RateBucket[] {
  const last = Math.floor(nowMillis / bucketMillis);
  const found = Array.from({ length: count }, (_, at) => ({
    start: new Date((last - count + 1 + at) * bucketMillis).toISOString(),
    decisions: 0,
    feedback: 0,
  }));
  for (const hour of hours) {
    const bucket = found[Math.floor(Date.parse(hour.start) / bucketMillis) - last + count - 1];
    if (bucket === undefined) continue;
    bucket.decisions += hour.decisions;
    bucket.feedback += hour.feedback;
  }
  return found;
}

export function hourly(hours: Parameters<typeof buckets>[0], nowMillis: number): RateBucket[] {
  return buckets(hours, HOUR_MILLIS, 48, nowMillis);
}
