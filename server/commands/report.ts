import { leftOutHead } from "../../cells/page/left-out-head.ts";
import type { JobList } from "../../cells/wire/http-jobs.ts";
import type {
  NewLink,
  Published,
  Report,
  ReportDetail,
  ReportLink,
  ReportList,
  ReportPreview,
} from "../../cells/wire/http-reports.ts";
import type { NotebookSummary } from "../../cells/wire/http-workspace.ts";
import { nearest } from "../../cells/yaml/nearest.ts";
import { thereText } from "../those-there-are.ts";
import { type Api, withApi } from "./api.ts";
import { assignments, type Command, type Invocation, textOption, textOptions, UsageError } from "./command.ts";
import { nearestNotebook, notebookOf } from "./notebook-argument.ts";
import { detailText, headlineText, linksText, listText, previewText } from "./report-text.ts";

const VERBS = ["publish", "list", "show", "link", "revoke", "withdraw"] as const;

export const reportCommand: Command = {
  usage: [
    "driftbook report publish NOTEBOOK --slug SLUG [--set NAME=VALUE]… [--vary NAME=VALUE,VALUE]… [--window W] [--as-of TIME] [--dry-run]",
    "driftbook report publish --job JOB --slug SLUG [--run RUN] [--backfills] [--dry-run]",
    "driftbook report publish JOB --run RUN [--slug SLUG]",
    "driftbook report list",
    "driftbook report show SLUG",
    "driftbook report link SLUG [--expires 90d] [--list]",
    "driftbook report revoke SLUG [--link ID]   (or withdraw)",
  ],
  summary: "Publish a notebook or a job's output at an address that stays, say who may read it, withdraw it",
  about: [
    "--slug SLUG     its address, /r/SLUG; each publication is the next revision of it",
    "--job JOB       what the job's last scheduled run gave; from then on every scheduled run is a revision",
    "--run RUN       another run of the job: the only way to publish one that was asked for by hand",
    "--backfills     runs that fill the past are revisions too",
    "--vary N=V,V    an input with several values: each combination is a page of its own, at most 24",
    "--title T --note N --approved-by WHO",
    "--show-code     cells' texts and the SQL that was asked",
    "--tables T      all, or the name of a cell whose table of single rows is shown; may be repeated",
    "--personal      also columns that contracts mark personal",
    "--take-over     use the address of a withdrawn report that was of another notebook or job",
    "--dry-run       say what readers would not see, and publish nothing",
    "--expires T     how long a link is good: 12h, 90d",
    "--list          the links of a report",
    "--link ID       revoke this link alone; without it the whole report is withdrawn",
  ],
  options: {
    slug: { type: "string" },
    job: { type: "string" },
    run: { type: "string" },
    set: { type: "string", multiple: true },
    vary: { type: "string", multiple: true },
    window: { type: "string" },
    "as-of": { type: "string" },
    title: { type: "string" },
    note: { type: "string" },
    "approved-by": { type: "string" },
    "show-code": { type: "boolean" },
    tables: { type: "string", multiple: true },
    personal: { type: "boolean" },
    backfills: { type: "boolean" },
    "take-over": { type: "boolean" },
    "dry-run": { type: "boolean" },
    expires: { type: "string" },
    list: { type: "boolean" },
    link: { type: "string" },
  },
  arguments: { min: 1, max: 2 },
  async run(invocation) {
    const { folder, act } = actOf(invocation);
    return withApi(invocation, folder, async (api) => {
      await act(api);
      return 0;
    });
  },
};

interface Act {
  readonly folder: string;
  readonly act: (api: Api) => Promise<void>;
}

/** What is asked for. @throws UsageError before anything is opened */
function actOf(invocation: Invocation): Act {
  const [verb, what] = invocation.positionals as [string, string?];
  const say = (value: unknown, text: string): void => invocation.print(invocation.json ? JSON.stringify(value) : text);
  switch (verb) {
    case "publish":
      return publish(invocation, what, say);
    case "list":
      return {
        folder: invocation.workspace(),
        act: async (api) => {
          const { zone, reports } = await api.ask<ReportList>({ method: "GET", path: "/api/reports" });
          say(reports, listText(reports, zone));
        },
      };
    case "show":
    case "link":
    case "revoke":
    case "withdraw": {
      if (what === undefined)
        throw new UsageError(`Which report? driftbook report ${verb} SLUG; driftbook report list shows them.`);
      const path = `/api/reports/${encodeURIComponent(what)}`;
      return {
        folder: invocation.workspace(),
        act: (api) => ACTS[verb === "withdraw" ? "revoke" : verb](api, path, invocation, say),
      };
    }
    default: {
      const guess = nearest(verb, VERBS);
      throw new UsageError(
        `"${verb}" is none of ${VERBS.join(", ")}${guess === null ? "" : `; did you mean ${guess}?`}.`,
      );
    }
  }
}

type Say = (value: unknown, text: string) => void;
const ACTS: Readonly<
  Record<"show" | "link" | "revoke", (api: Api, path: string, invocation: Invocation, say: Say) => Promise<void>>
> = {
  show: async (api, path, _invocation, say) => {
    const detail = await api.ask<ReportDetail>({ method: "GET", path });
    say(detail, detailText(detail));
  },
  link: async (api, path, invocation, say) => {
    if (invocation.values.list === true) {
      const { report, zone } = await api.ask<ReportDetail>({ method: "GET", path });
      say(report.links, linksText(report.links, zone));
      return;
    }
    const expires = textOption(invocation, "expires");
    const made = await api.ask<NewLink>({
      method: "POST",
      path: `${path}/links`,
      json: expires === undefined ? {} : { expires },
    });
    say(
      made,
      `${made.address}\nWhoever has this link reads the report until ${made.link.expiresAt}. It is shown this once.`,
    );
  },
  revoke: async (api, path, invocation, say) => {
    const link = textOption(invocation, "link");
    if (link !== undefined) {
      const gone = await api.ask<ReportLink>({ method: "DELETE", path: `${path}/links/${encodeURIComponent(link)}` });
      say(gone, `The link ${gone.id} is revoked: whoever came by it can read no more.`);
      return;
    }
    const gone = await api.ask<Report>({ method: "DELETE", path });
    say(gone, `The report ${gone.slug} is withdrawn and its links are revoked.`);
  },
};

function publish(invocation: Invocation, file: string | undefined, say: Say): Act {
  // A job's name has no dots.
  const isJob = file !== undefined && !file.includes(".");
  const job = textOption(invocation, "job") ?? (isJob ? file : undefined);
  if ((file === undefined || isJob) === (job === undefined) || (isJob && job !== file))
    throw new UsageError("Give one of: report publish NOTEBOOK --slug SLUG, report publish --job JOB --slug SLUG.");
  const slug = textOption(invocation, "slug");
  if (slug === undefined && job === undefined)
    throw new UsageError("The report's address is missing: --slug card-fraud-weekly.");
  const source =
    job !== undefined ? { folder: invocation.workspace(), notebook: undefined } : notebookOf(invocation, file!);
  const tables = textOptions(invocation, "tables");
  const { "show-code": showCode, personal, backfills } = invocation.values;
  const variants = Object.fromEntries(
    Object.entries(assignments(textOptions(invocation, "vary"), "vary")).map(([name, value]) => [
      name,
      typeof value === "string" ? value.split(",").map((text) => assignments([`v=${text.trim()}`], "vary").v) : [value],
    ]),
  );
  const json = {
    ...{ job, variants, notebook: source.notebook },
    set: assignments(textOptions(invocation, "set"), "set"),
    ...{ showCode: showCode === true, personal: personal === true, backfills: backfills === true },
    tables: tables.length === 0 ? undefined : tables.includes("all") ? "all" : tables,
    window: textOption(invocation, "window"),
    asOf: textOption(invocation, "as-of"),
    title: textOption(invocation, "title"),
    note: textOption(invocation, "note") ?? null,
    approvedBy: textOption(invocation, "approved-by") ?? null,
    run: textOption(invocation, "run"),
    takeOver: invocation.values["take-over"] === true,
  };
  return {
    folder: source.folder,
    act: async (api) => {
      if (isJob) await refuseUnknown(api, job!);
      const { notebook, tables: shown, personal: isPersonal, run, window, asOf, set } = json;
      const preview = await api.ask<ReportPreview>({
        method: "POST",
        path: "/api/reports/preview",
        json: { notebook, job, run, window, asOf, set, variants, personal: isPersonal, tables: shown },
      });
      if (invocation.values["dry-run"] === true) {
        say(preview, previewText(preview));
        return;
      }
      for (const caution of preview.cautions) invocation.note(caution);
      if (preview.leftOut.length > 0) invocation.note(leftOutHead(preview));
      const { revision, address } = await api.ask<Published>({
        method: "POST",
        path: "/api/reports",
        json: { ...json, slug: slug ?? (await slugOf(api, job!)) },
      });
      const left = revision.leftOut.map((sentence) => `\n  ${sentence}`).join("");
      say(revision, `${address}: revision ${revision.number}, ${revision.verdict}.${headlineText(revision)}${left}`);
    },
  };
}

/** What was named without an ending is a job, or a notebook that was not named in full. @throws UsageError for neither */
async function refuseUnknown(api: Api, name: string): Promise<void> {
  const { jobs } = await api.ask<JobList>({ method: "GET", path: "/api/jobs" });
  if (jobs.some((one) => one.name === name)) return;
  const { notebooks } = await api.ask<{ notebooks: NotebookSummary[] }>({ method: "GET", path: "/api/notebooks" });
  const paths = notebooks.map(({ path }) => path);
  const names = jobs.map((one) => one.name);
  const near = nearestNotebook(name, paths) ?? nearest(name, names);
  const there = [...paths, ...names.map((one) => `the job ${one}`)];
  throw new UsageError(
    `There is no job "${name}", and no notebook ${name}.nb.md. ${near === null ? thereText(there) : `Did you mean ${near}?`}`,
  );
}

/** The address of a job's only report. @throws UsageError where it has none or several */
async function slugOf(api: Api, job: string): Promise<string> {
  const { reports } = await api.ask<ReportList>({ method: "GET", path: "/api/reports" });
  const [only, ...others] = reports.filter((one) => one.job === job && one.revokedAt === null);
  if (only !== undefined && others.length === 0) return only.slug;
  const found = only === undefined ? "no report yet" : "several reports";
  throw new UsageError(`${job} has ${found}: say which address with --slug card-fraud-weekly.`);
}
