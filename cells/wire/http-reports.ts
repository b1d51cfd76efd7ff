import { z } from "zod";
import { standing, verdict } from "../results/reading.ts";

/** A letter or digit first: slugs are parts of addresses and names of folders. */
export const reportSlug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "expected an address of small letters, digits and -, such as card-fraud-weekly");

const pair = z.tuple([z.string(), z.string()]);

/** What a publisher lets readers see. */
export const reportChoices = z.object({
  /** Texts of cells and the SQL that monitoring cells asked. */
  showCode: z.boolean().default(false),
  /** "aggregates": no table of single rows; "all"; or names of cells whose tables are shown whatever they hold. */
  tables: z.union([z.enum(["aggregates", "all"]), z.array(z.string()).max(200)]).default("aggregates"),
  /** Columns that contracts mark `personal`. */
  personal: z.boolean().default(false),
  /** Of a job: whether runs that fill the past are revisions too. */
  backfills: z.boolean().default(false),
});
export type ReportChoices = z.infer<typeof reportChoices>;

export const MOST_VARIANTS = 24;

/** `POST /api/reports`: runs a notebook, or takes a job's last run, as the next revision of a report. */
export const reportWish = reportChoices
  .extend({
    slug: reportSlug,
    notebook: z.string().optional(),
    /** Instead of a notebook: its last scheduled run, and from then on every one. */
    job: z.string().optional(),
    /** Another run of the job; one that was asked for by hand is published in no other way. */
    run: z.string().optional(),
    /** The notebook's own if absent. */
    title: z.string().trim().min(1).max(200).optional(),
    set: z.record(z.string(), z.json()).default({}),
    window: z.string().optional(),
    asOf: z.string().optional(),
    note: z.string().trim().max(500).nullable().default(null),
    approvedBy: z.string().trim().max(200).nullable().default(null),
    /** Values of inputs: each combination is a page of its own, at most 24 together; the first is shown first. */
    variants: z.record(z.string(), z.array(z.json()).min(1)).default({}),
    /** Use the address of a withdrawn report of another notebook or job. */
    takeOver: z.boolean().default(false),
  })
  .refine((wish) => (wish.notebook === undefined) !== (wish.job === undefined), {
    message: "expected either a notebook or a job",
  });
export type ReportWish = z.input<typeof reportWish>;

/** `POST /api/reports/preview`: what readers of the next revision would not see; nothing is run. */
export const previewWish = reportChoices
  .pick({ tables: true, personal: true })
  .extend({
    ...{ notebook: z.string().optional(), job: z.string().optional(), run: z.string().optional() },
    /** Of a notebook, as it would be published with. */
    window: z.string().optional(),
    asOf: z.string().optional(),
    set: z.record(z.string(), z.json()).default({}),
    variants: z.record(z.string(), z.array(z.json()).min(1)).default({}),
  })
  .refine((wish) => (wish.notebook === undefined) !== (wish.job === undefined), {
    message: "expected either a notebook or a job",
  });

export const leftOut = z.object({
  /** The name of its cell; null for prose and cells without one. */
  cell: z.string().nullable(),
  /** What is left out and why. */
  sentence: z.string(),
  /** What its author can do to show it. */
  remedy: z.string(),
  /** What readers are told in its place. */
  toReaders: z.string(),
});
/** Something of a notebook that readers do not see. */
export type LeftOut = z.infer<typeof leftOut>;
export const reportPreview = z.object({
  /** True where results are there to be looked at: of a run, or in the session. False: told from the cells' texts alone. */
  ran: z.boolean(),
  /** Cells among results that are told from their text alone: they failed, are stale, or ran over something else. */
  unknown: z.array(z.string()),
  leftOut: z.array(leftOut),
  /** Cells whose table of single rows can be chosen, by name. */
  tables: z.array(z.string()),
  /** What whoever publishes should know before: sentences. */
  cautions: z.array(z.string()),
});
export type ReportPreview = z.infer<typeof reportPreview>;

export const headlineReading = z.object({
  /** As the front matter names it: "fraud_kpis.recall". */
  name: z.string(),
  /** How its numbers are written. */
  unit: z.enum(["share", "count", "amount", "number"]),
  value: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  n: z.number().nullable(),
  verdict,
  /** Absent in revisions of earlier versions of Driftbook: then the verdict says how it stands. */
  standing: standing.optional(),
  /** Of the revision before; null where it had none of this name. */
  before: z.object({ value: z.number().nullable(), verdict }).nullable(),
  /** value − before; null where either is, or has no data. */
  change: z.number().nullable(),
});
export type HeadlineReading = z.infer<typeof headlineReading>;

export const reportSource = z.object({
  notebook: z.string(),
  job: z.string().nullable(),
  run: z.string().nullable(),
});
export type ReportSource = z.infer<typeof reportSource>;

export const revision = z.object({
  slug: z.string(),
  /** From 1. */
  number: z.int(),
  /** ISO 8601 UTC. */
  madeAt: z.string(),
  madeBy: z.string(),
  /** What the run was asked for. */
  window: pair.nullable(),
  /** What its cells measured over: a cell may have a window of its own. Empty where nothing measured. */
  measured: z.array(z.object({ cell: z.string(), window: pair.nullable() })).default([]),
  asOf: z.string().nullable(),
  /** Of the job; null for a notebook that was published as it stands. */
  version: z.object({ number: z.int(), hash: z.string() }).nullable(),
  /** Rows of each stream that was read, all that the run could read, whatever its windows. */
  rows: z.array(z.object({ stream: z.string(), decisions: z.int(), feedback: z.int() })),
  note: z.string().nullable(),
  approvedBy: z.string().nullable(),
  verdict,
  headline: z.array(headlineReading),
  source: reportSource,
  /** The due time that its run served; null without a job, and for a run that somebody asked for by hand. */
  scheduledFor: z.string().nullable(),
  /** Of a run asked for by hand: in what it differs from the schedule's; null for all others. */
  askedFor: z.object({ window: z.boolean(), asOf: z.boolean() }).nullable().default(null),
  /** Values of inputs, one entry for each page; the first is shown first. */
  variants: z.array(z.record(z.string(), z.json())).min(1),
  /** What was kept from readers; sentences. */
  leftOut: z.array(z.string()),
});
export type Revision = z.infer<typeof revision>;

export const reportLink = z.object({
  id: z.string(),
  slug: z.string(),
  madeAt: z.string(),
  madeBy: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
});
export type ReportLink = z.infer<typeof reportLink>;

export const report = z.object({
  slug: z.string(),
  title: z.string(),
  notebook: z.string(),
  job: z.string().nullable(),
  /** Of its newest revision; runs of its job follow them. */
  choices: reportChoices,
  /** Set when it was withdrawn: nobody can read its revisions. */
  revokedAt: z.string().nullable(),
  /** Why the newest revision is older than it should be; a sentence. */
  stale: z.string().nullable(),
  /** What it waits for while it has no revision; a sentence. Null once it has one, and where it was withdrawn. */
  waiting: z.string().nullable(),
  latest: revision.nullable(),
  revisions: z.int(),
  links: z.array(reportLink),
});
export type Report = z.infer<typeof report>;
export const reportList = z.object({ zone: z.string(), reports: z.array(report) });
export type ReportList = z.infer<typeof reportList>;
/** Newest revision first. */
export const reportDetail = z.object({ zone: z.string(), report, revisions: z.array(revision) });
export type ReportDetail = z.infer<typeof reportDetail>;

export const published = z.object({ revision, address: z.string() });
export type Published = z.infer<typeof published>;

/** "90d": how long the link is good. */
export const linkWish = z.object({ expires: z.string().default("90d") });
/** The address holds the token, which is shown this once. */
export const newLink = z.object({ link: reportLink, address: z.string() });
export type NewLink = z.infer<typeof newLink>;

export const exportFormat = z.enum(["html", "ipynb", "md"]);
export type NotebookExportFormat = z.infer<typeof exportFormat>;
/** `POST /api/notebooks/{path}/export`: runs it and answers one file. */
export const exportWish = reportChoices.omit({ backfills: true }).extend({
  to: exportFormat,
  set: z.record(z.string(), z.json()).default({}),
  window: z.string().optional(),
  asOf: z.string().optional(),
});
