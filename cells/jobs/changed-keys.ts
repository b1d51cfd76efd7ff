import type { JobSpec } from "./job-spec.ts";

/** By key of the file, what it said and what it says now; null where it says nothing. `version` is no setting. */
export type ChangedKeys = Record<string, { readonly from: unknown; readonly to: unknown }>;

/** What differs between two specs; `before` is null for a job that is new. */
export function changedKeys(before: JobSpec | null, after: JobSpec): ChangedKeys {
  const old: Partial<JobSpec> = before ?? {};
  const keys = new Set([...Object.keys(old), ...Object.keys(after)]) as Set<keyof JobSpec>;
  keys.delete("version");
  const found: ChangedKeys = {};
  for (const key of keys) {
    const [from, to] = [old[key] ?? null, after[key] ?? null];
    if (JSON.stringify(from) !== JSON.stringify(to)) found[key] = { from, to };
  }
  return found;
}
