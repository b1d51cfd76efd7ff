import { html } from "lit";
import type { AlertView, Silence, SilenceWish } from "../../cells/wire/http-alerts.ts";
import type { JobList } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { alertApi } from "./alert-acts.ts";
import { openForm } from "./job-form.ts";
import type { SilenceChoice } from "./silence-fields.ts";
import "./silence-fields.ts";

const ABOUT = "Nobody is told until the time is over; it goes on being measured. What still goes on is told then.";

/** Of a job, a cell or a value, whether anything fires or not. Resolves to whether it was made. */
export async function newSilence(zone: string, job: string | null = null): Promise<boolean> {
  const jobs = job === null ? (await ask<JobList>("/api/jobs")).jobs.map(({ name }) => name) : [job];
  if (jobs.length === 0) throw new Error("There is no job to silence yet: promote a notebook first.");
  return openForm({
    title: job === null ? "New silence" : `Silence ${job}`,
    about: ABOUT,
    fields: html`<db-silence-fields .jobs=${jobs} .zone=${zone}></db-silence-fields>`,
    act: "Silence",
    submit: async (data) => {
      const what = JSON.parse(text(data, "what")) as Partial<SilenceWish>;
      await ask("/api/silences", { method: "POST", json: { job: text(data, "job"), ...what, ...timeOf(data) } });
    },
  });
}

/** Of what an alert is about, or more of its job. Resolves to whether it was made. */
export function silenceAlert(alert: AlertView, zone: string): Promise<boolean> {
  return openForm({
    title: "Silence",
    about: ABOUT,
    fields: html`<db-silence-fields .jobs=${[alert.job]} .choices=${choicesOf(alert)} .zone=${zone}></db-silence-fields>`,
    act: "Silence",
    submit: async (data) => {
      await ask(`${alertApi(alert.id)}/silence`, {
        method: "POST",
        json: { scope: text(data, "what"), ...timeOf(data) },
      });
    },
  });
}

export async function endSilence({ id }: Silence): Promise<boolean> {
  await ask(`/api/silences/${encodeURIComponent(id)}`, { method: "DELETE" });
  return true;
}

/** The narrowest first. */
function choicesOf({ level, title, cell, job }: AlertView): readonly SilenceChoice[] {
  return [
    level === "value" ? { value: "value", words: title } : { value: "alert", words: "this alert alone" },
    ...(level === "job" ? [] : [{ value: "cell", words: `all of ${cell}` }]),
    { value: "job", words: `all alerts of ${job}` },
  ];
}

const text = (data: FormData, name: string): string => String(data.get(name) ?? "").trim();

function timeOf(data: FormData): Pick<SilenceWish, "from" | "for" | "until" | "comment"> {
  const given = ["from", "for", "until"].flatMap((name) => (data.has(name) ? [[name, text(data, name)]] : []));
  return { ...Object.fromEntries(given), comment: text(data, "comment") };
}
