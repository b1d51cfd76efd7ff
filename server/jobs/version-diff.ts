import { diffLines } from "diff";
import { runOf } from "../../cells/jobs/job-spec.ts";
import type { FrozenVersion, Version } from "../../cells/jobs/version.ts";
import type { VersionDiff } from "../../cells/wire/http-jobs.ts";

/** What differs between two versions of a job, part by part; empty where nothing does. */
export function versionDiff(from: Version, to: Version): VersionDiff {
  const [a, b] = [from.frozen, to.frozen];
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  return {
    from: from.number,
    to: to.number,
    run: lines(runOf(a), runOf(b)),
    text: lines(a.text, b.text),
    set: lines(json(a.set), json(b.set)),
    contracts: lines(json(a.contracts), json(b.contracts)),
    lock: lines(a.lock ?? "", b.lock ?? ""),
    window: lines(windowText(a), windowText(b)),
  };
}

function windowText({ window, zone }: FrozenVersion): string {
  return `${window ?? "the schedule's interval"}${zone === undefined ? "" : `\nzone: ${zone}`}`;
}

function lines(before: string, after: string): string[] {
  if (before === after) return [];
  return diffLines(before, after).flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => `${added ? "+" : removed ? "-" : " "} ${line}`),
  );
}
