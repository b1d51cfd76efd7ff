import type { AlertList } from "../../cells/wire/http-alerts.ts";
import type {
  Applied,
  Job,
  JobList,
  OpenedVersion,
  Promoted,
  PromotionPreview,
  Queued,
  Rehearsal,
  Run,
  RunDetail,
  RunList,
  TickList,
  VersionDiff,
  VersionList,
  VersionView,
} from "../../cells/wire/http-jobs.ts";
import { nearest } from "../../cells/yaml/nearest.ts";
import { type Api, type ApiRequest, withApi } from "./api.ts";
import { type Command, type ExitCode, type Invocation, textOption, UsageError } from "./command.ts";
import {
  counts,
  detailText,
  diffText,
  listText,
  nextText,
  previewText,
  removedText,
  runsText,
  showText,
  versionText,
} from "./job-text.ts";
import { promotionWish } from "./job-wish.ts";
import { tableText } from "./print-table.ts";
import { Progress } from "./progress.ts";
import { exitCode } from "./run.ts";

type Verb =
  | "apply"
  | "preview"
  | "promote"
  | "open"
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
    "driftbook job promote JOB [--run NOTEBOOK[#CELL]] [--schedule TEXT] [--zone Z] [--window W] [--set NAME=VALUE]… [--note TEXT]",
    "driftbook job preview JOB [the same options] [--rehearse]",
    "driftbook job show|versions JOB",
    "driftbook job ticks JOB [--before TIME] [--limit N]   ·   driftbook job runs JOB [--before RUN] [--limit N]",
    "driftbook job version JOB NUMBER",
    "driftbook job run JOB [--window W] [--as-of TIME]",
    "driftbook job backfill JOB RANGE [--as known-then|known-now] [--alerts]",
    "driftbook job replay JOB RUN   ·   driftbook job cancel JOB RUN",
    "driftbook job diff JOB FROM TO   ·   driftbook job rollback JOB VERSION [--note TEXT]",
    "driftbook job open JOB [VERSION]",
    "driftbook job pause|resume|remove|restore JOB",
  ],
  summary: "Promoted cells and notebooks: versions, schedules and runs",
  about: [
    "apply        takes up jobs/*.yaml as the files stand: all of them, or one",
    "promote      freezes the notebook as it stands, and writes jobs/JOB.yaml; what is not said stays as the file has it,",
    '             --window "" and --set NAME=null take away what it says',
    "preview      what promote would freeze, the next due times, and what is doubtful; writes nothing",
    "--rehearse   also how often the bounds would have failed at past due times; runs them, ten minutes at most",
    "run          one run beside the schedule; waits for it, exit codes as driftbook run",
    "backfill     one run for each due time of a window such as 2026-03; --as known-then (default) or known-now; exit",
    "             codes as those of the worst run",
    "open         writes a version, or the one in force, as a notebook to edit and promote again",
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
    rehearse: { type: "boolean" },
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
      for (const { name: of, warnings } of results)
        for (const warning of warnings) invocation.note(`▲ ${of}: ${warning}`);
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
      const spec = await promotionWish(api, invocation, name!);
      const job = await api.ask<Promoted>({
        method: "PUT",
        path: path(name!),
        json: { spec, note: textOption(invocation, "note") ?? null },
      });
      for (const warning of job.warnings) invocation.note(`▲ ${warning}`);
      return say(
        invocation,
        job,
        () =>
          `${job.name}: version ${job.version} (${job.hash}) is in force; ${nextText(job)}. It is written in jobs/${job.name}.yaml.`,
      );
    },
  },
  preview: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const json = { name, spec: await promotionWish(api, invocation, name!) };
      const preview = await api.ask<PromotionPreview>(post("/api/jobs/preview", json));
      for (const warning of preview.warnings) invocation.note(`▲ ${warning}`);
      const rehearses = invocation.values.rehearse === true;
      if (rehearses) invocation.note("Measuring the last 180 due times …");
      const rehearsal = rehearses ? await api.ask<Rehearsal>(post("/api/jobs/rehearse", json)) : null;
      return say(invocation, rehearsal === null ? preview : { ...preview, rehearsal }, () =>
        previewText(name!, preview, rehearsal),
      );
    },
  },
  open: {
    takes: ["JOB", "[VERSION]"],
    act: async (api, invocation, [name, version]) => {
      const wish = version === undefined ? {} : { version: numberOf(version) };
      const opened = await api.ask<OpenedVersion>(post(path(name!, "/open"), wish));
      return say(
        invocation,
        opened,
        () =>
          `Version ${opened.version} of ${name} is written as ${opened.path}. Its next version: driftbook job promote ${name} --run ${opened.run}`,
      );
    },
  },
  show: {
    takes: ["JOB"],
    act: async (api, invocation, [name]) => {
      const job = await api.ask<Job>(get(path(name!)));
      const query = new URLSearchParams({ job: name!, limit: "1" });
      const { records } = await api.ask<AlertList>(get(`/api/alerts?${query}`));
      const record = records[0] ?? null;
      return say(invocation, { ...job, record }, () => showText(job, record));
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
      say(invocation, done, () => counts(done));
      const codes = done.map(codeOf);
      return codes.find((code) => code === 1) ?? codes.find((code) => code !== 0) ?? 0;
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
        post(path(name!, "/rollback"), { version: numberOf(version!), note: textOption(invocation, "note") ?? null }),
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
      return say(invocation, job, () => `${job.name} goes on; ${nextText(job)}.`);
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
      return say(invocation, job, () => `${job.name} is back with version ${job.version}; ${nextText(job)}.`);
    },
  },
};

/** @throws UsageError */
function numberOf(version: string): number {
  if (/^[1-9]\d*$/.test(version)) return Number(version);
  throw new UsageError(`"${version}" is no number of a version; driftbook job versions JOB lists them.`);
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
