import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type {
  Applied,
  Job,
  JobList,
  Queued,
  Run,
  RunDetail,
  RunList,
  TickList,
  VersionDiff,
  VersionList,
  VersionView,
} from "../../cells/wire/http-jobs.ts";
import { type Api, type ApiRequest, withApi } from "./api.ts";
import {
  assignments,
  type Command,
  type ExitCode,
  type Invocation,
  textOption,
  textOptions,
  UsageError,
} from "./command.ts";
import { nearest } from "./nearest.ts";
import { tableText } from "./print-table.ts";
import { Progress } from "./progress.ts";
import { exitCode } from "./run.ts";

type Verb =
  | "apply"
  | "promote"
  | "list"
  | "show"
  | "run"
  | "backfill"
  | "replay"
  | "diff"
  | "rollback"
  | "pause"
  | "resume"
  | "cancel"
  | "remove"
  | "restore"
  | "versions"
  | "version"
  | "ticks"
  | "runs";
type Act = (api: Api, invocation: Invocation, names: readonly string[]) => Promise<ExitCode>;

export const jobCommand: Command = {
  usage: [
    "driftbook job list [--removed]",
    "driftbook job apply [JOB]",
    "driftbook job promote JOB --run NOTEBOOK[#CELL] --schedule TEXT [--window W] [--set NAME=VALUE]… [--note TEXT]",
    "driftbook job show|versions JOB",
    "driftbook job ticks JOB [--before TIME] [--limit N]   ·   driftbook job runs JOB [--before RUN] [--limit N]",
    "driftbook job version JOB NUMBER",
    "driftbook job run JOB [--window W] [--as-of TIME]",
    "driftbook job backfill JOB RANGE [--as known-then|known-now] [--alerts]",
    "driftbook job replay JOB RUN   ·   driftbook job cancel JOB RUN",
    "driftbook job diff JOB FROM TO   ·   driftbook job rollback JOB VERSION [--note TEXT]",
    "driftbook job pause|resume|remove|restore JOB",
  ],
  summary: "Promoted cells and notebooks: versions, schedules and runs",
  about: [
    "apply        takes up jobs/*.yaml as the files stand: all of them, or one",
    "promote      freezes the notebook as it stands, and writes jobs/JOB.yaml",
    "run          one run beside the schedule; waits for it, exit codes as driftbook run",
    "backfill     one run for each due time of a window such as 2026-03; --as known-then (default) or known-now",
    "restore      brings a removed job back with the version that it had",
    "replay       a run again; exit code 1 where its readings are not the same bytes",
  ],
  options: {
    run: { type: "string" },
    schedule: { type: "string" },
    zone: { type: "string" },
    window: { type: "string" },
    set: { type: "string", multiple: true },
    note: { type: "string" },
    "as-of": { type: "string" },
    as: { type: "string" },
    alerts: { type: "boolean" },
    removed: { type: "boolean" },
    before: { type: "string" },
    limit: { type: "string" },
  },
  arguments: { min: 1, max: 4 },
  async run(invocation) {
    const [verb, ...names] = invocation.positionals as [string, ...string[]];
    const known = Object.hasOwn(VERBS, verb) ? VERBS[verb as Verb] : undefined;
    if (known === undefined) {
      const near = nearest(verb, Object.keys(VERBS));
      throw new UsageError(
        `job ${verb} is not known.${near === null ? "" : ` Did you mean ${near}?`} driftbook job --help lists what is.`,
      );
    }
    const { act, takes } = known;
    if (names.length < takes.filter((name) => !name.startsWith("[")).length || names.length > takes.length)
      throw new UsageError(`Write: driftbook job ${verb} ${takes.join(" ")}`.trimEnd());
    return withApi(invocation, invocation.workspace(), (api) => act(api, invocation, names));
  },
};

const path = (job: string, rest = ""): string => `/api/jobs/${encodeURIComponent(job)}${rest}`;
const get = (where: string): ApiRequest => ({ method: "GET", path: where });
const post = (where: string, json: unknown): ApiRequest => ({ method: "POST", path: where, json });

function say(invocation: Invocation, value: unknown, text: () => string): 0 {
  invocation.print(invocation.json ? JSON.stringify(value, null, 2) : text());
  return 0;
}

const VERBS: Readonly<Record<Verb, { readonly takes: readonly string[]; readonly act: Act }>> = {
  list: {
    takes: [],
    act: async (api, invocation) => {
      const { jobs, unreadable, removed } = await api.ask<JobList>(get("/api/jobs"));
      if (invocation.values.removed === true) return say(invocation, removed, () => removedText(removed));
      for (const { problem } of unreadable) invocation.note(problem);
      return say(invocation, jobs, () => listText(jobs));
    },
  },
  apply: {
    takes: ["[JOB]"],
    act: async (api, invocation, [name]) => {
      const { results } = await api.ask<Applied>(post("/api/jobs/apply", name === undefined ? {} : { name }));
      say(invocation, results, () =>
        results.length === 0
          ? "There are no files jobs/*.yaml."
          : results
              .map(({ name: of, change, message }) => `${change === "refused" ? "×" : "●"} ${of}: ${message}`)
              .join("\n"),
      );
      return results.some(({ change }) => change === "refused") ? 2 : 0;
    },
  },
  promote: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const spec = specOf(invocation);
      const job = await api.ask<Job>({
        method: "PUT",
        path: path(name!),
        json: { spec, note: textOption(invocation, "note") ?? null },
      });
      return say(
        invocation,
        job,
        () =>
          `${job.name}: version ${job.version} (${job.hash}) is in force; next at ${job.nextTimes[0] ?? "never"}. It is written in jobs/${job.name}.yaml.`,
      );
    },
  },
  show: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const job = await api.ask<Job>(get(path(name!)));
      return say(invocation, job, () => showText(job));
    },
  },
  versions: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const { versions } = await api.ask<VersionList>(get(path(name!, "/versions")));
      return say(invocation, versions, () =>
        tableText(
          ["version", "hash", "made", "by", "note"],
          versions.map((one) => [String(one.number), one.hash, one.madeAt, one.madeBy, one.note ?? ""]),
        ),
      );
    },
  },
  version: {
    takes: ["JOB", "NUMBER"],
    act: async (api, invocation, [name, number]) => {
      const version = await api.ask<VersionView>(get(path(name!, `/versions/${encodeURIComponent(number!)}`)));
      return say(invocation, version, () => versionText(version));
    },
  },
  ticks: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const { ticks } = await api.ask<TickList>(get(path(name!, `/ticks${pageOf(invocation)}`)));
      return say(invocation, ticks, () =>
        tableText(
          ["due", "state", "verdict", "why"],
          ticks.map((one) => [one.scheduledFor, one.state, one.verdict ?? "", one.reason ?? ""]),
        ),
      );
    },
  },
  runs: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const { runs } = await api.ask<RunList>(get(path(name!, `/runs${pageOf(invocation)}`)));
      return say(invocation, runs, () => runsText(runs));
    },
  },
  run: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const [window, asOf] = [textOption(invocation, "window"), textOption(invocation, "as-of")];
      const wish = { ...(window === undefined ? {} : { window }), ...(asOf === undefined ? {} : { asOf }) };
      const { runs } = await api.ask<Queued>(post(path(name!, "/run"), wish));
      const done = await ended(api, name!, runs[0]!);
      say(invocation, done, () => detailText(done));
      return codeOf(done.run);
    },
  },
  backfill: {
    takes: ["JOB", "RANGE"],
    act: async (api, invocation, [name, range]) => {
      const wish = {
        range,
        as: textOption(invocation, "as") ?? "known-then",
        alerts: invocation.values.alerts === true,
      };
      const { runs } = await api.ask<Queued>(post(path(name!, "/backfill"), wish));
      const progress = new Progress(`Running ${name} ${runs.length} times`);
      const done: Run[] = [];
      for (const [at, id] of runs.entries()) {
        done.push((await ended(api, name!, id)).run);
        progress.at((at + 1) / runs.length);
      }
      progress.done(counts(done));
      return say(invocation, done, () => counts(done));
    },
  },
  replay: {
    takes: ["JOB", "RUN"],
    act: async (api, invocation, [name, run]) => {
      const { runs } = await api.ask<Queued>(post(path(name!, "/replay"), { run }));
      const done = await ended(api, name!, runs[0]!);
      const said =
        done.run.state !== "done"
          ? `failed: ${done.run.reason}`
          : done.run.same === true
            ? "the same readings, byte for byte"
            : "other readings";
      say(invocation, done, () => `${runs[0]}: ${said}.`);
      return done.run.same === true ? 0 : 1;
    },
  },
  cancel: {
    takes: ["JOB", "RUN"],
    act: async (api, invocation, [name, run]) => {
      const done = await api.ask(post(path(name!, "/cancel"), { run }));
      return say(invocation, done, () => `${run} is cancelled.`);
    },
  },
  diff: {
    takes: ["JOB", "FROM", "TO"],
    act: async (api, invocation, [name, from, to]) => {
      const query = new URLSearchParams({ from: from!, to: to! });
      const diff = await api.ask<VersionDiff>(get(path(name!, `/diff?${query}`)));
      return say(invocation, diff, () => diffText(diff));
    },
  },
  rollback: {
    takes: ["JOB", "VERSION"],
    act: async (api, invocation, [name, version]) => {
      const job = await api.ask<Job>(
        post(path(name!, "/rollback"), { version: Number(version), note: textOption(invocation, "note") ?? null }),
      );
      return say(
        invocation,
        job,
        () => `${job.name}: version ${job.version} is in force, which equals version ${version}.`,
      );
    },
  },
  pause: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const job = await api.ask<Job>(post(path(name!, "/pause"), {}));
      return say(invocation, job, () => `${job.name} is paused: its due times are skipped.`);
    },
  },
  resume: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const job = await api.ask<Job>(post(path(name!, "/resume"), {}));
      return say(invocation, job, () => `${job.name} goes on; next at ${job.nextTimes[0] ?? "never"}.`);
    },
  },
  remove: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const done = await api.ask({ method: "DELETE", path: path(name!) });
      return say(invocation, done, () => `${name} has ended and its file is gone; its history stays.`);
    },
  },
  restore: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const job = await api.ask<Job>(post(path(name!, "/restore"), {}));
      return say(
        invocation,
        job,
        () => `${job.name} is back with version ${job.version}; next at ${job.nextTimes[0] ?? "never"}.`,
      );
    },
  },
};

/** Of the options, as `jobs/NAME.yaml` would say it. @throws UsageError */
function specOf(invocation: Invocation): JobSpec {
  const [run, schedule] = [textOption(invocation, "run"), textOption(invocation, "schedule")];
  if (run === undefined || schedule === undefined)
    throw new UsageError(
      '--run and --schedule are missing, such as: --run drift.nb.md#score_drift --schedule "every day at 06:00".',
    );
  const [zone, window] = [textOption(invocation, "zone"), textOption(invocation, "window")];
  const set = assignments(textOptions(invocation, "set"), "set");
  return {
    run,
    schedule,
    ...(zone === undefined ? {} : { zone }),
    ...(window === undefined ? {} : { window }),
    ...(Object.keys(set).length === 0 ? {} : { set: set as NonNullable<JobSpec["set"]> }),
  };
}

/** Which part of a long list is asked for. */
function pageOf(invocation: Invocation): string {
  const asked = (["before", "limit"] as const).flatMap((name) => {
    const value = textOption(invocation, name);
    return value === undefined ? [] : [[name, value] as [string, string]];
  });
  return asked.length === 0 ? "" : `?${new URLSearchParams(asked)}`;
}

const POLL_MILLIS = 100;

async function ended(api: Api, job: string, run: string): Promise<RunDetail> {
  for (;;) {
    const detail = await api.ask<RunDetail>(get(path(job, `/runs/${run}`)));
    const { state } = detail.run;
    if (state !== "queued" && state !== "running") return detail;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS));
  }
}

function codeOf({ state, verdict }: Run): ExitCode {
  return state === "done" ? exitCode({ verdict: verdict!, cells: [] }, "fail") : 1;
}

function listText(jobs: readonly Job[]): string {
  if (jobs.length === 0)
    return "There are no jobs. Promote a cell in its notebook, or see driftbook job promote --help.";
  return tableText(
    ["job", "runs", "version", "last", "next", ""],
    jobs.map((job) => [
      job.name,
      job.spec.run,
      job.version === null ? "none" : `${job.version}${job.textChanged ? " (text changed since)" : ""}`,
      job.lastRun === null ? "never" : `${job.lastRun.verdict ?? job.lastRun.state} ${job.lastRun.scheduledFor}`,
      job.paused ? "paused" : (job.nextTimes[0] ?? ""),
      job.problem ?? "",
    ]),
  );
}

function removedText(removed: JobList["removed"]): string {
  if (removed.length === 0) return "No job was removed.";
  return tableText(
    ["job", "runs", "version", "removed", "by"],
    removed.map(({ name, notebook, cell, version, removedAt, removedBy }) => [
      ...[
        name,
        cell === null ? notebook : `${notebook}#${cell}`,
        String(version ?? "none"),
        removedAt,
        removedBy ?? "",
      ],
    ]),
  );
}

function showText(job: Job): string {
  const strip = job.ticks.map((tick) => MARKS[tick.verdict ?? tick.state] ?? "·").join("");
  return [
    `${job.name}: ${job.spec.run}, ${job.spec.schedule} (${job.zone})${job.paused ? ", paused" : ""}`,
    `version ${job.version ?? "none"} ${job.hash ?? ""}${job.textChanged ? ", the notebook's text has changed since" : ""}`,
    job.removed === null
      ? `next ${job.nextTimes.join(", ") || "never"}`
      : `removed ${job.removed.removedAt}${job.removed.removedBy === null ? "" : ` by ${job.removed.removedBy}`}; driftbook job restore ${job.name} brings it back`,
    `last 30 ticks ${strip || "none"}`,
    ...(job.problem === null ? [] : [job.problem]),
  ].join("\n");
}

/** The facts, then the text as it was frozen. */
function versionText({
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
    `measures ${frozen.notebook}${frozen.cell === null ? "" : `#${frozen.cell}`}`,
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

function runsText(runs: readonly Run[]): string {
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

function detailText({ run, readings }: RunDetail): string {
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

function counts(runs: readonly Run[]): string {
  const found = new Map<string, number>();
  for (const run of runs) found.set(run.verdict ?? run.state, (found.get(run.verdict ?? run.state) ?? 0) + 1);
  return [...found].map(([word, count]) => `${count} ${word}`).join(", ");
}

function diffText(diff: VersionDiff): string {
  const parts = (["text", "set", "window", "contracts", "lock"] as const).filter((part) => diff[part].length > 0);
  if (parts.length === 0) return `Versions ${diff.from} and ${diff.to} are the same.`;
  return parts.map((part) => `${part}\n${diff[part].filter((line) => !line.startsWith(" ")).join("\n")}`).join("\n\n");
}
