/** The job that measured, by what a measurement names as its notebook: `jobs/NAME` is a job, all else a notebook. */
export function jobOfNotebook(measuredBy: string): string | null {
  return measuredBy.endsWith(".nb.md") ? null : (/^jobs\/(.+)$/.exec(measuredBy)?.[1] ?? null);
}

/** Path of a reading's page. Two jobs that ask the same share the reading: `job` says whose run is meant. */
export function readingAddress(
  id: string,
  { job = null, with: other = null }: { readonly job?: string | null; readonly with?: string | null } = {},
): string {
  const words = Object.entries({ job, with: other }).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return `/readings/${encodeURIComponent(id)}${words.length === 0 ? "" : `?${words.join("&")}`}`;
}
