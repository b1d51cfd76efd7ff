import { falseAlarmsText } from "../../cells/alerts/false-alarms-text.ts";
import { changedSince } from "../../cells/jobs/changed-since.ts";
import { runOf } from "../../cells/jobs/job-spec.ts";
import type { AlertRecord } from "../../cells/wire/http-alerts.ts";
import type {
  Job,
  JobList,
  PromotionPreview,
  Rehearsal,
  Run,
  RunDetail,
  VersionDiff,
  VersionView,
} from "../../cells/wire/http-jobs.ts";
import { tableText } from "./print-table.ts";

function changed(job: Job, before: string, after = ""): string {
  const words = changedSince(job);
  return words === null ? "" : `${before}${words}${after}`;
}

export function listText(jobs: readonly Job[]): string {
  if (jobs.length === 0)
    return "There are no jobs. Promote a cell in its notebook, or see driftbook job promote --help.";
  return tableText(
    ["job", "runs", "version", "last", "next", ""],
    jobs.map((job) => [
      job.name,
      job.spec.run,
      job.version === null ? "none" : `${job.version}${changed(job, " (", ")")}`,
      job.lastRun === null ? "never" : `${job.lastRun.verdict ?? job.lastRun.state} ${job.lastRun.scheduledFor}`,
      job.paused ? "paused" : (job.nextTimes[0] ?? ""),
      job.problem ?? "",
    ]),
  );
}

export function removedText(removed: JobList["removed"]): string {
  if (removed.length === 0) return "No job was removed.";
  return tableText(
    ["job", "runs", "version", "removed", "by"],
    removed.map(({ name, notebook, cell, version, removedAt, removedBy }) => [
      ...[name, runOf({ notebook, cell }), String(version ?? "none"), removedAt, removedBy ?? ""],
    ]),
  );
}

/** `record`: of its alerts; null where none ever fired. */
export function showText(job: Job, record: AlertRecord | null): string {
  const strip = job.ticks.map((tick) => MARKS[tick.verdict ?? tick.state] ?? "·").join("");
  return [
    `${job.name}: ${job.spec.run}, ${job.spec.schedule} (${job.zone})${job.paused ? ", paused" : ""}`,
    `version ${job.version ?? "none"} ${job.hash ?? ""}${changed(job, ", ")}`,
    job.removed === null
      ? job.paused
        ? nextText(job)
        : `next ${job.nextTimes.join(", ") || "never"}`
      : `removed ${job.removed.removedAt}${job.removed.removedBy === null ? "" : ` by ${job.removed.removedBy}`}; driftbook job restore ${job.name} brings it back`,
    `last 30 ticks ${strip || "none"}`,
    `false alarms ${falseAlarmsText(record)}`,
    ...(job.problem === null ? [] : [job.problem]),
  ].join("\n");
}

/** "next at 2026-03-01T06:00:00.000Z", or what ends a pause. */
export const nextText = ({ name, paused, nextTimes }: Job): string =>
  paused ? `it is paused, driftbook job resume ${name} ends that` : `next at ${nextTimes[0] ?? "never"}`;

/** The facts, then the text as it was frozen. */
export function versionText({
  job,
  number,
  hash,
  madeAt,
  madeBy,
  note,
  commit,
  program,
  runtime,
  packages,
  frozen,
}: VersionView): string {
  const lines = (name: string, values: readonly string[]): string[] => values.map((value) => `${name} ${value}`);
  return [
    `${job}, version ${number} (${hash})`,
    `promoted ${madeAt} by ${madeBy}${note === null ? "" : `: ${note}`}`,
    `measures ${runOf(frozen)}`,
    `window ${frozen.window ?? "of each cell, else from the due time before"}`,
    ...lines(
      "input",
      Object.entries(frozen.set).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
    ),
    ...lines(
      "contract",
      frozen.contracts.map((one) => `${one.stream} ${one.hash}`),
    ),
    ...lines(
      "package",
      packages.map(({ name, locked }) => `${name} ${locked}`),
    ),
    `under Driftbook ${program.driftbook}, ${program.engine}, Node ${runtime.node}, Deno ${runtime.deno}`,
    ...(commit === null ? [] : [`commit ${commit}`]),
    "",
    frozen.text.trimEnd(),
  ].join("\n");
}

const MARKS: Readonly<Record<string, string>> = {
  ok: "●",
  warn: "▲",
  fail: "■",
  "no-data": "○",
  error: "×",
  failed: "×",
  skipped: "-",
};

export function runsText(runs: readonly Run[]): string {
  return tableText(
    ["run", "for", "purpose", "state", "verdict", "version", "took", "why"],
    runs.map((run) => [
      run.id,
      run.scheduledFor,
      run.purpose,
      run.state,
      run.verdict ?? "",
      String(run.version),
      run.durationMillis === null ? "" : `${run.durationMillis} ms`,
      run.reason ?? "",
    ]),
  );
}

export function detailText({ run, readings }: RunDetail): string {
  const rows = readings.map((one) => [
    one.provisional ? `${one.verdict}, provisional` : one.verdict,
    one.cell,
    one.metric,
    one.subject ?? "",
    one.slice ?? "",
    one.value === null ? "" : String(one.value),
  ]);
  const head = `${run.job}: ${run.verdict ?? run.state}${run.reason === null ? "" : `, ${run.reason}`} (run ${run.id}, version ${run.version}, as of ${run.asOf})`;
  return rows.length === 0 ? head : `${tableText(["", "cell", "metric", "subject", "slice", "value"], rows)}\n${head}`;
}

export function counts(runs: readonly Run[]): string {
  const found = new Map<string, number>();
  for (const run of runs) found.set(run.verdict ?? run.state, (found.get(run.verdict ?? run.state) ?? 0) + 1);
  return [...found].map(([word, count]) => `${count} ${word}`).join(", ");
}

export function diffText(diff: VersionDiff): string {
  const parts = (["run", "text", "set", "window", "contracts", "lock"] as const).filter(
    (part) => diff[part].length > 0,
  );
  if (parts.length === 0) return `Versions ${diff.from} and ${diff.to} are the same.`;
  return parts.map((part) => `${part}\n${diff[part].filter((line) => !line.startsWith(" ")).join("\n")}`).join("\n\n");
}

/** What promoting would freeze; `rehearsal` where that was asked for. */
export function previewText(name: string, preview: PromotionPreview, rehearsal: Rehearsal | null): string {
  const { cells, inputs, contracts, hash, sameAs, window, nextTimes } = preview;
  const cellLines = cells.map(({ id, name: of, kind, window: own }) => {
    const said =
      own === null ? "" : `window ${own.text}${own.resolved === null ? "" : `: ${windowText(own.resolved)}`}`;
    return [of ?? id, kind, said];
  });
  return [
    `${name}: ${sameAs === null ? `a new version, ${hash}` : `the same as version ${sameAs} (${hash}): no new version is made`}`,
    `next ${nextTimes.join(", ") || "never"}`,
    `first window ${window === null ? "none" : windowText(window)}`,
    `contracts ${contracts.map(({ stream, hash: of }) => `${stream} ${of.slice(0, 8)}`).join(", ") || "none, no stream is read"}`,
    ...inputs.map(({ name: of, value, default: usual }) => {
      const same = JSON.stringify(value) === JSON.stringify(usual);
      return `input ${of} = ${JSON.stringify(value)}${same ? ", its default" : `, default ${JSON.stringify(usual)}`}`;
    }),
    tableText(["frozen", "kind", ""], cellLines),
    ...(rehearsal === null ? [] : [rehearsalText(rehearsal)]),
  ].join("\n");
}

const windowText = ([start, end]: readonly [string, string]): string => `${start} to ${end}`;
const MOST_NAMED = 5;

function rehearsalText({ runs, counts: found, fired: alerts, notes, ticks }: Rehearsal): string {
  if (runs === 0) return ["There is no past due time with data to measure.", ...notes].join("\n");
  const said = Object.entries(found).flatMap(([verdict, count]) => (count === 0 ? [] : [`${count} ${verdict}`]));
  const failed = ticks.filter(({ verdict }) => verdict === "fail").reverse();
  return [
    `These bounds would have fired ${alerts} alerts and failed in ${found.fail} of ${runs} past runs: ${said.join(", ")}`,
    ...failed
      .slice(0, MOST_NAMED)
      .map(({ scheduledFor, worst }) => `  ${scheduledFor}${worst === null ? "" : ` ${worst}`}`),
    ...(failed.length > MOST_NAMED ? [`  and ${failed.length - MOST_NAMED} more before`] : []),
    ...notes,
  ].join("\n");
}
