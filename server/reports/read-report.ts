import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { escapeHtml } from "../../cells/page/page-parts.ts";
import { asOneFile, type ReportTable, withServed } from "../../cells/page/report-page.ts";
import { REPORT_POLICY } from "../../cells/page/report-script.ts";
import { valueText } from "../../cells/page/variant-text.ts";
import { momentText } from "../../cells/views/time-text.ts";
import type { Revision } from "../../cells/wire/http-reports.ts";
import { FileDamaged } from "../../workspaces/reports/report-store.ts";
import { cookieValue } from "../gate/gate.ts";
import { mayDo, type Principal } from "../gate/principal.ts";
import { errorFields } from "../log.ts";
import { Answer } from "../routes/route.ts";
import type { Services } from "../services.ts";
import { absentPage, NO_REPORT, PLAIN_POLICY, revisionsPage, revisionsThere, servedBar } from "./reader-pages.ts";

/** Sent by browsers below `/r/<slug>` only. */
const COOKIE = "driftbook_report";
const zip = promisify(gzip);

/** What a request for a report says; `query` without the token are values of inputs. */
export interface Reading {
  readonly slug: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly principal: Principal;
  readonly services: Services;
  /** The address without its query. */
  readonly path: string;
  readonly audit: (action: string, target: string, details?: unknown) => void;
}

const HEADERS: Readonly<Record<string, string>> = {
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex, nofollow",
  // A link that was revoked leaves nothing behind in the browser.
  "cache-control": "private, no-store",
  vary: "cookie, accept-encoding",
};

/** What may be read of a report: `read` gets it for those who may; all others get one and the same answer. */
export async function readReport(reading: Reading, read: () => Promise<Answer | null>): Promise<Answer> {
  const { slug, query, headers, principal, services } = reading;
  const { links } = services.reports.store;
  if (query.k !== undefined) {
    const exchanged = typeof query.k === "string" ? links.exchange(slug, query.k) : null;
    // Whoever may read anyhow loses the token from the address all the same.
    if (exchanged === null && !mayDo(principal, "read", null)) return noReport();
    if (exchanged !== null) reading.audit("read report by link", slug, { link: links.reader(slug, exchanged.cookie) });
    const location = `${reading.path}${valuesQuery(query)}`;
    if (exchanged === null) return new Answer(303, { ...HEADERS, location }, "");
    const seconds = Math.max(0, Math.floor((exchanged.expiresMillis - Date.now()) / 1000));
    const secure = services.pagesAreHttps ? "; Secure" : "";
    const cookie = `${COOKIE}=${exchanged.cookie}; Path=/r/${slug}; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`;
    return new Answer(303, { ...HEADERS, location, "set-cookie": cookie }, "");
  }
  const cookie = cookieValue(headers.cookie, COOKIE);
  if (!mayDo(principal, "read", null) && (cookie === null || links.reader(slug, cookie) === null)) return noReport();
  try {
    return (await read()) ?? html(404, absentText(reading), PLAIN_POLICY);
  } catch (error) {
    if (!(error instanceof FileDamaged)) throw error;
    return damaged(reading, error);
  }
}

/** Never a part of what was published, or something else: who decides by it would not know. */
function damaged({ slug, services, principal }: Reading, error: FileDamaged): Answer {
  const { log, reports } = services;
  log.write(
    "error",
    "a file of a report cannot be shown; restore .driftbook/reports from a backup or publish it again",
    {
      ...error.revision,
      ...errorFields(error),
    },
  );
  const { number } = error.revision;
  const title = `Revision ${number} of ${reports.store.find(slug)?.title ?? slug} cannot be shown`;
  const why = "<p>A file of it on the server is damaged or cannot be read. Other revisions may be whole.</p>";
  const own = mayDo(principal, "read", null)
    ? `<p>${escapeHtml(error.message)} Restore .driftbook/reports from a backup, or publish the report again.</p>`
    : "<p>Ask whoever sent you the link to publish it again.</p>";
  const numbers = reports.store.revisions(slug).map((one) => one.number);
  return html(503, absentPage(title, why + own + revisionsThere(slug, numbers)), PLAIN_POLICY);
}

/** Why there is nothing at this address, for people who may read the report. */
function absentText({ slug, path, principal, services }: Reading): string {
  const { reports, settings } = services;
  const { store } = reports;
  const isSignedIn = mayDo(principal, "read", null);
  const report = store.find(slug);
  const reportsLink = '<p><a href="/reports">Reports</a> lists those there are.</p>';
  if (report === null) return isSignedIn ? absentPage(`There is no report “${slug}”`, reportsLink) : NO_REPORT;
  const own = isSignedIn ? `<p><a href="/reports/${slug}">${escapeHtml(report.title)} among the reports</a></p>` : "";
  if (report.revokedAt !== null)
    return isSignedIn
      ? absentPage(
          `${report.title} was withdrawn`,
          `<p>Since ${escapeHtml(momentText(report.revokedAt, settings.zone))} nobody reads it.</p>${own}`,
        )
      : NO_REPORT;
  const numbers = store.revisions(slug).map(({ number }) => number);
  if (numbers.length === 0) {
    const waiting = isSignedIn ? reports.view(report).waiting : null;
    const job =
      report.job === null || !isSignedIn ? "" : `<p><a href="/jobs/${report.job}">The job ${report.job}</a></p>`;
    return absentPage(report.title, `<p>${escapeHtml(waiting ?? "No revision yet.")}</p>${own}${job}`);
  }
  const asked = decodeURIComponent(path.split("/")[3] ?? "");
  const isThere = asked === "" || numbers.includes(Number(asked));
  const title = isThere ? `${report.title} has nothing at this address` : `${report.title} has no revision ${asked}`;
  return absentPage(title, revisionsThere(slug, numbers) + own);
}

const noReport = (): Answer => html(404, NO_REPORT, PLAIN_POLICY);

/** A revision, or the newest, in the variant that the query names. */
export async function pageAnswer(reading: Reading, number: number | "latest"): Promise<Answer | null> {
  const { services, slug } = reading;
  const { store } = services.reports;
  const found = shown(reading, number);
  const latest = store.revision(slug, "latest");
  if (found === null || latest === null) return null;
  const page = await store.file(slug, found.revision.number, `${found.variant}/page.html`);
  if (page === null) return missing(services, found.revision);
  const report = store.find(slug);
  const reasons = mayDo(reading.principal, "read", null);
  const stale = report === null ? null : services.reports.stale(report, { reasons });
  const bar = servedBar(found, { latest: latest.number, stale, zone: services.settings.zone });
  return zipped(reading, withServed(page.toString("utf8"), bar), `${REPORT_POLICY}; frame-ancestors 'none'`);
}

/** The same as one file that holds its tables and loads nothing. */
export async function fileAnswer(reading: Reading, number: number): Promise<Answer | null> {
  const { services, slug } = reading;
  const { store } = services.reports;
  const found = shown(reading, number);
  if (found === null) return null;
  const page = await store.file(slug, number, `${found.variant}/page.html`);
  if (page === null) return missing(services, found.revision);
  const text = page.toString("utf8");
  const names = new Set([...text.matchAll(/data-table="([\w-]+)" data-as="csv"/g)].map(([, name]) => name!));
  const tables: ReportTable[] = [];
  for (const name of names) {
    const [csv, json] = await Promise.all(
      (["csv", "json"] as const).map((format) => store.file(slug, number, `${found.variant}/tables/${name}.${format}`)),
    );
    if (csv != null && json != null) tables.push({ name, csv: csv.toString("utf8"), json: json.toString("utf8") });
  }
  const answer = await zipped(reading, asOneFile(text, tables), `${REPORT_POLICY}; frame-ancestors 'none'`);
  const disposition = `attachment; filename="${slug}-${number}.html"`;
  return new Answer(200, { ...answer.headers, "content-disposition": disposition }, answer.body);
}

const TABLE_TYPES = { csv: "text/csv; charset=utf-8", json: "application/json; charset=utf-8" } as const;

/** `daily.csv` of a revision. */
export async function tableAnswer(reading: Reading, number: number, file: string): Promise<Answer | null> {
  const format = /\.(csv|json)$/.exec(file)?.[1] as keyof typeof TABLE_TYPES | undefined;
  const found = shown(reading, number);
  if (found === null || format === undefined) return null;
  const text = await reading.services.reports.store.file(reading.slug, number, `${found.variant}/tables/${file}`);
  if (text === null) return null;
  return new Answer(
    200,
    { ...HEADERS, "content-type": TABLE_TYPES[format], "content-disposition": `attachment; filename="${file}"` },
    text,
  );
}

export function revisionsAnswer({ slug, services }: Reading): Answer | null {
  const { store } = services.reports;
  const revisions = store.revisions(slug);
  const report = store.find(slug);
  if (report === null || revisions.length === 0) return null;
  return html(200, revisionsPage(report.title, revisions, services.settings.zone), PLAIN_POLICY);
}

/** The revision with the variant whose values the query has; values that it does not name are those of the first. */
function shown(
  { slug, query, services }: Reading,
  number: number | "latest",
): { revision: Revision; variant: number } | null {
  const revision = services.reports.store.revision(slug, number);
  if (revision === null) return null;
  const [first] = revision.variants;
  const asked = Object.entries(query).filter(([name]) => Object.hasOwn(first!, name));
  const wanted = { ...first, ...Object.fromEntries(asked) };
  const variant = revision.variants.findIndex((set) =>
    Object.entries(wanted).every(([name, value]) => valueText(set[name]) === valueText(value)),
  );
  return variant < 0 ? null : { revision, variant };
}

/** The row is there and its files are not: somebody removed them. */
function missing({ log }: Services, { slug, number }: Revision): null {
  log.write("error", "files of a report are missing; publish it again", { slug, number });
  return null;
}

async function zipped({ headers }: Reading, text: string, policy: string): Promise<Answer> {
  const plain = html(200, text, policy);
  if (!/\bgzip\b/.test(headers["accept-encoding"] ?? "")) return plain;
  return new Answer(200, { ...plain.headers, "content-encoding": "gzip" }, await zip(text));
}

const html = (status: number, text: string, policy: string): Answer =>
  new Answer(
    status,
    { ...HEADERS, "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
    text,
  );

function valuesQuery({ k: _token, ...values }: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams(
    Object.entries(values).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  ).toString();
  return query === "" ? "" : `?${query}`;
}
