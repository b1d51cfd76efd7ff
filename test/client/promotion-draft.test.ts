import { expect, test } from "vitest";
import type { Kind } from "../../cells/document/document.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { Job } from "../../cells/wire/http-jobs.ts";
import { PromotionDraft } from "../../client/pages/promotion-draft.ts";

const SETTINGS = { wait: "1 hour", retries: 0, alert: { to: ["chat"], after: "3 runs" } };
const job = (name: string, spec: JobSpec, written: JobSpec | null = null): Job => {
  const [notebook, cell] = spec.run.split("#") as [string, string?];
  return { name, spec, written, notebook, cell: cell ?? null } as Job;
};
const DAILY = job("daily", {
  ...{ run: "a.nb.md#scores", schedule: "0 5 * * *", window: "yesterday", set: { bound: 7 }, version: "3f9c" },
  ...SETTINGS,
});
const JOBS = [DAILY];

test("the job that runs just this is promoted again with all that its file says", () => {
  const draft = new PromotionDraft({ notebook: "a.nb.md", cell: "scores", kind: null, job: null }, JOBS);
  const { version: _version, ...inForce } = DAILY.spec;
  expect([draft.name, draft.base]).toEqual(["daily", inForce]);
  const edited = job("daily", DAILY.spec, { ...DAILY.spec, retries: 5 });
  const fromFile = new PromotionDraft({ notebook: "a.nb.md", cell: "scores", kind: null, job: null }, [edited]);
  expect([fromFile.base.retries, fromFile.edited?.name, draft.edited]).toEqual([5, "daily", null]);
});

test("a name that a job has brings its settings; going on typing brings back what was said before", () => {
  const draft = new PromotionDraft({ notebook: "b.nb.md", cell: "scores", kind: null, job: null }, JOBS);
  expect([draft.name, draft.taken, draft.filled]).toEqual(["scores", null, 0]);
  const said = { run: "b.nb.md#scores", schedule: "every hour" };
  draft.rename("daily", said);
  expect(draft.base).toEqual({
    ...SETTINGS,
    ...{ run: "b.nb.md#scores", schedule: "0 5 * * *", window: "yesterday", set: { bound: 7 } },
  });
  expect([draft.taken?.name, draft.isOpenedFromTaken, draft.filled]).toEqual(["daily", false, 1]);
  draft.rename("daily-2", draft.base);
  expect([draft.taken, draft.base, draft.filled]).toEqual([null, said, 2]);
});

test("a notebook that was opened from a job's version is proposed as its next one, with its own window and inputs", () => {
  const draft = new PromotionDraft({ notebook: "daily-v1.nb.md", cell: "scores", kind: null, job: "daily" }, JOBS);
  expect(draft.name).toBe("daily");
  expect(draft.isOpenedFromTaken).toBe(true);
  expect(draft.base).toEqual({ run: "daily-v1.nb.md#scores", schedule: "0 5 * * *", ...SETTINGS });
  // Another cell of it is another job.
  expect(new PromotionDraft({ notebook: "daily-v1.nb.md", cell: "days", kind: null, job: "daily" }, JOBS).name).toBe(
    "days",
  );
});

test("a cell without a name is proposed by its notebook and kind, for its id says nothing", () => {
  const name = (cell: string | null, kind: Kind | null, jobs: readonly Job[] = []): string =>
    new PromotionDraft({ notebook: "team/Card fraud.nb.md", cell, kind, job: null }, jobs).name;
  expect(name("cbg9nd7f", "drift")).toBe("team-card-fraud-drift");
  expect(name(null, null)).toBe("team-card-fraud");
  expect(name("scores", null)).toBe("scores");
  expect(name("cbg9nd7f", "drift", [job("team-card-fraud-drift", DAILY.spec)])).toBe("team-card-fraud-drift-2");
});

test("an input's value is set, taken back, and all of them", () => {
  const draft = new PromotionDraft({ notebook: "b.nb.md", cell: "scores", kind: null, job: null }, []);
  draft.setInput("bound", 3);
  draft.setInput("country", "DE");
  draft.setInput("bound", undefined);
  expect(draft.base.set).toEqual({ country: "DE" });
  draft.setInputs({});
  expect(draft.base).not.toHaveProperty("set");
});
