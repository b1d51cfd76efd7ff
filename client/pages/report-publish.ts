import { html, nothing, type TemplateResult } from "lit";
import type { Published, Report, ReportChoices, ReportList, ReportWish } from "../../cells/wire/http-reports.ts";
import { ask } from "../api.ts";
import { openForm } from "./job-form.ts";
import { chosenOf, leftOutNotice } from "./report-left-out.ts";
import { type RunChoice, runChoices } from "./report-runs.ts";
import { inputLines, slugOf } from "./report-words.ts";
import "../styles/jobs.css";
import "../styles/reports.css";

export interface PublishTarget {
  /** One of both. */
  readonly notebook?: string;
  readonly job?: string;
  /** Of the job; its last scheduled one if absent. */
  readonly run?: string;
  readonly title: string;
  /** Inputs that stand elsewhere than their default in the session, by name. */
  readonly moved?: Readonly<Record<string, unknown>>;
  /** Of the notebook, as it is typed in the session. */
  readonly window?: string | null;
}

const USUAL: ReportChoices = { showCode: false, tables: "aggregates", personal: false, backfills: false };

/** Asks what readers shall see and publishes. What is usual stands first, the rest behind More. Resolves to the revision, or null. */
export async function openPublish(target: PublishTarget): Promise<Published | null> {
  const { job } = target;
  const [{ reports }, runs] = await Promise.all([
    ask<ReportList>("/api/reports"),
    job === undefined ? [] : runChoices(job, target.run),
  ]);
  const known = reports.find(
    (one) =>
      one.revokedAt === null &&
      (job === undefined ? one.job === null && one.notebook === target.notebook : one.job === job),
  );
  const before = known?.choices ?? USUAL;
  const source = job === undefined ? { notebook: target.notebook! } : { job };
  const [firstRun] = runs;
  const leftOut = leftOutNotice(source, {
    ...{ tables: before.tables, personal: before.personal },
    ...{ window: target.window ?? undefined, set: (target.moved ?? {}) as NonNullable<ReportWish["set"]> },
    ...(firstRun === undefined ? {} : { run: firstRun.id }),
  });
  let done: Published | null = null;
  await openForm({
    title: job === undefined ? "Publish as a report" : "Publish the job’s output",
    about: aboutOf(target, known),
    fields: html`<label><span>Address</span><input type="text" name="slug" required maxlength="63" pattern="[a-z0-9][a-z0-9\\-]*" title="small letters, digits and -" .value=${known?.slug ?? slugOf(target.title)} autofocus /></label>
      <label><span>Title</span><input type="text" name="title" maxlength="200" .value=${known?.title ?? target.title} /></label>
      <label><span>Note: what is new</span><input type="text" name="note" maxlength="500" /></label>
      <div @change=${(event: Event) => leftOut.change((event.target as HTMLInputElement).form!)}>
        ${runs.length === 0 ? nothing : runField(runs)}
        <fieldset class="j-group"><legend>Readers also see</legend><div class="j-checks">
          ${check("showCode", "code and SQL", before.showCode)}
          ${check("rows", "tables of single rows", before.tables === "all")}
          ${check("personal", "personal columns", before.personal)}</div></fieldset>
        ${leftOut.node}
        <details class="j-fold"><summary>More</summary>
          ${leftOut.tables}
          ${job === undefined ? notebookFields(target) : jobFields(before)}
          <label><span>Approved by</span><input type="text" name="approvedBy" maxlength="200" /></label>
          <div class="j-checks">${check("takeOver", "take the address over, if it is of a withdrawn report")}</div></details>
      </div>`,
    act: "Publish",
    submit: async (data) => {
      const text = (name: string): string | undefined => String(data.get(name) ?? "").trim() || undefined;
      const json = {
        ...{ ...source, ...chosenOf(data), slug: text("slug") ?? "", title: text("title") },
        ...{ note: text("note") ?? null, approvedBy: text("approvedBy") ?? null },
        ...{ showCode: data.has("showCode"), backfills: data.has("backfills") },
        takeOver: data.has("takeOver"),
      };
      done = await ask<Published>("/api/reports", { method: "POST", json });
    },
  });
  return done;
}

const check = (name: string, words: string, isOn = false): TemplateResult =>
  html`<label class="j-check"><input type="checkbox" name=${name} ?checked=${isOn} /><span>${words}</span></label>`;

const runField = (runs: readonly RunChoice[]): TemplateResult =>
  html`<label><span>Run</span><select name="run">${runs.map(({ id, words }) => html`<option value=${id}>${words}</option>`)}</select></label>`;

const notebookFields = ({ window, moved }: PublishTarget): TemplateResult =>
  html`<label><span>Window, such as last week or 2026-07 (empty: the notebook’s own)</span><input type="text" name="window" .value=${window ?? ""} /></label>
    <label><span>As of, such as 2026-09-01T00:00:00Z (empty: now)</span><input type="text" name="asOf" /></label>
    <label><span>Inputs, such as threshold = 0.7, one a line (others as they stand by default)</span><textarea name="set" rows="2" spellcheck="false" .value=${inputLines(moved ?? {})}></textarea></label>
    <label><span>Variants, such as threshold = 0.7, 0.8 (a page for each combination, at most 24)</span><textarea name="variants" rows="2" spellcheck="false"></textarea></label>`;

const jobFields = ({ backfills }: ReportChoices): TemplateResult =>
  html`<div class="j-checks">${check("backfills", "runs that fill the past are revisions, too", backfills)}</div>`;

function aboutOf({ job, notebook, run }: PublishTarget, known: Report | undefined): string {
  const what =
    job === undefined
      ? `${notebook} is run once more and kept as it comes out`
      : run === undefined
        ? `What a run of ${job} gave is kept, and every scheduled run to come adds a revision`
        : `What this run of ${job} gave is kept; every scheduled run to come adds a revision`;
  const which =
    known === undefined ? "" : ` This becomes revision ${(known.latest?.number ?? 0) + 1} of ${known.title}.`;
  return `${what}. Only signed-in people read it until you make a link.${which}`;
}
