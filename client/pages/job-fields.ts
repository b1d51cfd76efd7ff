import { html, nothing, type TemplateResult } from "lit";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { DestinationList } from "../../cells/wire/http-alerts.ts";
import { fieldHint } from "./job-form.ts";

/** Those of `moreFields`. */
export const MORE_FIELDS: ReadonlySet<string> = new Set([
  ...["timeout", "catch_up", "overlap", "retries", "after", "repeat"],
]);
/** Fields that say what is wrong with them themselves. */
export const SHOWN_FIELDS: ReadonlySet<string> = new Set([
  ...["name", "schedule", "zone", "window", "wait"],
  ...MORE_FIELDS,
]);

type Destinations = DestinationList["destinations"];

/** When it runs: fields that promotion and settings share. */
export function timeFields(spec: Partial<JobSpec>, zone: string, problem: string | null): TemplateResult {
  return html`<div class="j-pair">
      <div><label><span>Schedule</span><input type="text" name="schedule" required maxlength="100" .value=${spec.schedule ?? ""} placeholder="every day at 06:00" autocomplete="off" /></label>${fieldHint(problem, "schedule")}</div>
      <div><label><span>Zone of the schedule</span><input type="text" name="zone" maxlength="60" .value=${spec.zone ?? ""} placeholder="${zone}, the workspace’s" list="j-zones" autocomplete="off" /></label>${fieldHint(problem, "zone")}</div>
      <datalist id="j-zones">${Intl.supportedValuesOf("timeZone").map((name) => html`<option value=${name}></option>`)}</datalist>
    </div>`;
}

export function waitField(spec: Partial<JobSpec>, problem: string | null): TemplateResult {
  return html`<div><label><span>Waits for late data, at most</span><input type="text" name="wait" maxlength="40" .value=${spec.wait ?? ""} placeholder="2 hours" autocomplete="off" /></label>${fieldHint(problem, "wait")}</div>`;
}

/** What usually stays as it is: what becomes of due times that do not go well, and when an alert is told. */
export function moreFields(spec: Partial<JobSpec>, problem: string | null): TemplateResult {
  return html`<div class="j-pair">
      <div><label><span>Ends a run after</span><input type="text" name="timeout" maxlength="40" .value=${spec.timeout ?? ""} placeholder="30 minutes" autocomplete="off" /></label>${fieldHint(problem, "timeout")}</div>
      <div><label><span>When due times were missed</span><input type="text" name="catch_up" maxlength="60" .value=${spec.catch_up ?? ""} placeholder="latest" list="j-catch-up" autocomplete="off" /></label>${fieldHint(problem, "catch_up")}</div>
      <datalist id="j-catch-up">${["latest", "latest, within 12 hours", "all, at most 30", "skip"].map((one) => html`<option value=${one}></option>`)}</datalist>
      <div><label><span>When the run before goes on</span><select name="overlap">${OVERLAPS.map(
        ([value, words]) =>
          html`<option value=${value} ?selected=${(spec.overlap === "skip" ? "" : (spec.overlap ?? "")) === value}>${words}</option>`,
      )}</select></label>${fieldHint(problem, "overlap")}</div>
      <div><label><span>Tries again after errors that may pass</span><input type="number" name="retries" min="0" max="10" .value=${String(spec.retries ?? "")} placeholder="2" /></label>${fieldHint(problem, "retries")}</div>
      <div><label><span>Fires after</span><input type="text" name="after" maxlength="20" .value=${spec.alert?.after ?? ""} placeholder="2 runs; checks after 1" autocomplete="off" /></label>${fieldHint(problem, "after")}</div>
      <div><label><span>Told again after</span><input type="text" name="repeat" maxlength="40" .value=${spec.alert?.repeat ?? ""} placeholder="never, told once" autocomplete="off" /></label>${fieldHint(problem, "repeat")}</div>
    </div>`;
}

const OVERLAPS = [
  ["", "skip the new one"],
  ["queue", "queue one"],
  ["cancel", "cancel the one before"],
] as const;

/** Who is told; null while the destinations are not known. */
export function alertFields(spec: Partial<JobSpec>, destinations: Destinations | null): TemplateResult {
  const chosen = spec.alert?.to ?? [];
  // One that driftbook.yaml does not have any more stays until somebody takes it out.
  const lost = chosen.filter((name) => destinations !== null && !destinations.some((one) => one.name === name));
  return html`<fieldset class="j-group"><legend>Tell about alerts</legend>
    ${
      destinations === null
        ? html`<p class="j-hint">The destinations are not known yet.</p>`
        : destinations.length === 0 && lost.length === 0
          ? html`<p class="j-hint">There are no destinations: write one under <code>destinations:</code> in driftbook.yaml. Alerts stand under Alerts all the same.</p>`
          : html`<input type="hidden" name="tells" value="known" /><div class="j-checks">${destinations.map(({ name, type, target, problem }) => html`<label class="j-check" title=${problem ?? target}><input type="checkbox" name="to" value=${name} ?checked=${chosen.includes(name)} /><span>${name} <span class="muted">${type === "email" ? "e-mail" : "webhook"}${problem === null ? nothing : html`, <span class="verdict-warn">▲ not ready</span>`}</span></span></label>`)}
            ${lost.map((name) => html`<label class="j-check"><input type="checkbox" name="to" value=${name} checked /><span>${name} <span class="verdict-warn">▲ not in driftbook.yaml</span></span></label>`)}</div>`
    }
  </fieldset>`;
}

const text = (data: FormData, name: string): string | undefined => String(data.get(name) ?? "").trim() || undefined;

/** `base` with what the form says; a field that the form does not have stays, one left empty is removed. */
export function specOf(data: FormData, base: JobSpec): JobSpec {
  const spec: Record<string, unknown> = { ...base };
  for (const key of ["schedule", "zone", "window", "wait", "catch_up", "overlap", "timeout"] as const)
    if (data.has(key)) spec[key] = text(data, key);
  if (data.has("retries")) {
    const retries = text(data, "retries");
    spec.retries = retries === undefined ? undefined : Number(retries);
  }
  // When it fires matters without anybody to tell, too: alerts stand on their page and in reports.
  const alert = withoutGaps({
    to: data.has("tells") ? someOf(data.getAll("to").map(String)) : base.alert?.to,
    after: data.has("after") ? text(data, "after") : base.alert?.after,
    repeat: data.has("repeat") ? text(data, "repeat") : base.alert?.repeat,
  });
  spec.alert = Object.keys(alert).length === 0 ? undefined : alert;
  return withoutGaps(spec) as JobSpec;
}

const someOf = (names: readonly string[]): readonly string[] | undefined => (names.length === 0 ? undefined : names);
const withoutGaps = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
