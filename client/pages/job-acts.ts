import { html } from "lit";
import type { Job, Queued } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { openForm } from "./job-form.ts";
import { jobApi } from "./job-words.ts";

const text = (data: FormData, name: string): string => String(data.get(name) ?? "").trim();

/** Each asks for what is wanted; resolves to a sentence about what was done, or null where nothing was. */
export async function runOver({ name }: Job): Promise<string | null> {
  const isDone = await openForm({
    title: `Run ${name} over another window`,
    about: "Once, with the version in force. What is left empty is as the schedule has it.",
    fields: html`<label><span>Window</span><input type="text" name="window" maxlength="200" placeholder="last 7 days, 2026-03, or 2026-03-01/2026-04-01" autofocus /></label>
      <label><span>As of: what was known at that time</span><input type="text" name="asOf" maxlength="40" placeholder="2026-04-01T06:00:00Z" /></label>`,
    act: "Run",
    submit: async (data) => {
      const [window, asOf] = [text(data, "window"), text(data, "asOf")];
      await ask<Queued>(`${jobApi(name)}/run`, {
        method: "POST",
        json: { ...(window === "" ? {} : { window }), ...(asOf === "" ? {} : { asOf }) },
      });
    },
  });
  return isDone ? "It runs now." : null;
}

export async function backfill({ name }: Job): Promise<string | null> {
  let count = 0;
  const isDone = await openForm({
    title: `Backfill ${name}`,
    about: "Runs the version in force for every due time of a range that has passed.",
    fields: html`<label><span>Range of due times</span><input type="text" name="range" required maxlength="200" placeholder="2026-03, last 90 days, or 2026-03-01/2026-04-01" autofocus /></label>
      <label><span>Data</span><select name="as"><option value="known-then">as each due time knew it</option><option value="known-now">as it is known now, with labels that came later</option></select></label>
      <label class="j-check"><input type="checkbox" name="alerts" /><span>Alerts may fire</span></label>
      <p class="j-hint">Nobody is told of a backfill unless this is chosen.</p>`,
    act: "Backfill",
    submit: async (data) => {
      const { runs } = await ask<Queued>(`${jobApi(name)}/backfill`, {
        method: "POST",
        json: { range: text(data, "range"), as: text(data, "as"), alerts: data.has("alerts") },
      });
      count = runs.length;
    },
  });
  if (!isDone) return null;
  return count === 1 ? "One run is queued." : `${count} runs are queued.`;
}
