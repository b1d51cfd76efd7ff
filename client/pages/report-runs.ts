import { momentText, windowText } from "../../cells/views/time-text.ts";
import type { Job, Run, RunList } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { jobApi, PURPOSE_WORDS } from "./job-words.ts";

export interface RunChoice {
  readonly id: string;
  readonly words: string;
}

const MOST = 50;

/** Runs of a job that can be published; first the one asked for, else the last that the schedule asked for. */
export async function runChoices(job: string, asked: string | undefined): Promise<RunChoice[]> {
  const [{ zone }, { runs }] = await Promise.all([ask<Job>(jobApi(job)), ask<RunList>(`${jobApi(job)}/runs`)]);
  return inOrder(runs, asked)
    .slice(0, MOST)
    .map((run) => ({ id: run.id, words: wordsOf(run, zone) }));
}

/** Latest due first. */
export function inOrder(runs: readonly Run[], asked: string | undefined): Run[] {
  const done = runs
    .filter(({ state, asOf }) => state === "done" && asOf !== null)
    .toSorted((a, b) => Date.parse(b.scheduledFor) - Date.parse(a.scheduledFor));
  const first = done.find(({ id }) => id === asked) ?? done.find(({ purpose }) => purpose === "scheduled");
  return first === undefined ? done : [first, ...done.filter((one) => one !== first)];
}

const wordsOf = ({ scheduledFor, purpose, window, verdict }: Run, zone: string): string =>
  [
    momentText(scheduledFor, zone),
    PURPOSE_WORDS[purpose],
    ...(window === null ? [] : [windowText(window, zone)]),
    ...(verdict === "no-data" ? ["no data"] : []),
  ].join(" · ");
