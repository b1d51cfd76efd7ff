import { html, nothing } from "lit";
import type { Published, Report, ReportList, ReportWish } from "../../cells/wire/http-reports.ts";
import { ask } from "../api.ts";
import { openForm } from "./job-form.ts";
import { leftOutNotice } from "./report-left-out.ts";
import { slugOf, variantsOf } from "./report-words.ts";
import "../styles/jobs.css";

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

/** Asks what readers shall see and publishes. Resolves to the revision, or null. */
export async function openPublish(target: PublishTarget): Promise<Published | null> {
  const { reports } = await ask<ReportList>("/api/reports");
  const known = reports.find(
    ({ job, notebook, revokedAt }) =>
      revokedAt === null &&
      (target.job === undefined ? job === null && notebook === target.notebook : job === target.job),
  );
  const source = target.job === undefined ? { notebook: target.notebook! } : { job: target.job, ...runOf(target) };
  const leftOut = leftOutNotice(source);
  let done: Published | null = null;
  await openForm({
    title: target.job === undefined ? "Publish as a report" : "Publish the job’s output",
    about: aboutOf(target, known),
    fields: html`<label><span>Address</span><input type="text" name="slug" required maxlength="63" pattern="[a-z0-9][a-z0-9\\-]*" title="small letters, digits and -" .value=${known?.slug ?? slugOf(target.title)} autofocus /></label>
      <label><span>Title</span><input type="text" name="title" maxlength="200" .value=${known?.title ?? target.title} /></label>
      <label><span>Note: what is new</span><input type="text" name="note" maxlength="500" /></label>
      <label><span>Approved by</span><input type="text" name="approvedBy" maxlength="200" /></label>
      <fieldset class="j-group" @change=${(event: Event) => leftOut.change((event.target as HTMLInputElement).form!)}><legend>Readers also see</legend><div class="j-checks">
        <label class="j-check"><input type="checkbox" name="showCode" /><span>code and SQL</span></label>
        <label class="j-check"><input type="checkbox" name="rows" /><span>tables of single rows</span></label>
        <label class="j-check"><input type="checkbox" name="personal" /><span>personal columns</span></label></div></fieldset>
      ${leftOut.node}
      ${
        target.job === undefined
          ? html`<label><span>Variants, such as threshold = 0.7, 0.8 (a page for each combination, at most 24)</span><textarea name="variants" rows="2" spellcheck="false"></textarea></label>`
          : nothing
      }`,
    act: "Publish",
    submit: async (data) => {
      const text = (name: string): string | null => String(data.get(name) ?? "").trim() || null;
      const json: ReportWish = {
        slug: text("slug") ?? "",
        ...source,
        ...(text("title") === null ? {} : { title: text("title")! }),
        note: text("note"),
        approvedBy: text("approvedBy"),
        showCode: data.has("showCode"),
        tables: data.has("rows") ? "all" : "aggregates",
        personal: data.has("personal"),
        set: (target.moved ?? {}) as NonNullable<ReportWish["set"]>,
        variants: variantsOf(text("variants") ?? ""),
        ...(target.window == null ? {} : { window: target.window }),
      };
      done = await ask<Published>("/api/reports", { method: "POST", json });
    },
  });
  return done;
}

const runOf = ({ run }: PublishTarget) => (run === undefined ? {} : { run });

function aboutOf({ job, notebook, run }: PublishTarget, known: Report | undefined): string {
  const what =
    job === undefined
      ? `${notebook} is run once more and kept as it comes out`
      : run === undefined
        ? `What the last scheduled run of ${job} gave is kept, and every later one adds a revision`
        : `What this run of ${job} gave is kept; every scheduled run to come adds a revision`;
  const which =
    known === undefined ? "" : ` This becomes revision ${(known.latest?.number ?? 0) + 1} of ${known.title}.`;
  return `${what}. Only signed-in people read it until you make a link.${which}`;
}
