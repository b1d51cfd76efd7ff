import { z } from "zod";
import {
  exportWish,
  linkWish,
  newLink,
  previewWish,
  published,
  type ReportSource,
  report,
  reportDetail,
  reportLink,
  reportList,
  reportPreview,
  reportSlug,
  reportWish,
} from "../../cells/wire/http-reports.ts";
import { parseDuration } from "../duration.ts";
import { actorOf } from "../gate/principal.ts";
import { HttpError } from "../http-error.ts";
import { exportNotebook } from "../reports/export-notebook.ts";
import {
  fileAnswer,
  pageAnswer,
  type Reading,
  readReport,
  revisionsAnswer,
  tableAnswer,
} from "../reports/read-report.ts";
import type { Services } from "../services.ts";
import { defineRoute } from "./define-route.ts";
import { Answer, type Call, type Route } from "./route.ts";

const bySlug = z.object({ slug: z.string().max(100) });
const byRevision = bySlug.extend({ revision: z.string().max(20) });
/** The token of a link, and values of inputs that choose a variant. */
const readQuery = z.looseObject({ k: z.union([z.string(), z.array(z.string())]).optional() });
const LONGEST_LINK_MILLIS = 400 * 86_400_000;
const PAGE = { need: "public", query: readQuery, answersAlso: ["text/html"] } as const;

/** Published reports: what is published, by whom it can be read, and the pages that readers see. */
export const reportRoutes: readonly Route[] = [
  defineRoute("GET", "/api/reports", {
    need: "read",
    summary: "Published reports, each with its newest revision and its links",
    answer: reportList,
    handle: ({ services: { reports, settings } }) => ({ zone: settings.zone, reports: reports.list() }),
  }),
  defineRoute("POST", "/api/reports", {
    need: "edit",
    summary: "Publish a notebook, or what a job's run gave, as the next revision of a report",
    body: reportWish,
    answer: published,
    handle: async ({ body, services, principal, signal, audit }) => {
      const { reports } = services;
      const before = reports.store.find(body.slug);
      const revision = await reports.publish(body, { by: actorOf(principal), signal });
      const { number, source, version, note, approvedBy, variants, leftOut } = revision;
      if (before !== null && before.revokedAt !== null && !isSameSource(before, source))
        audit("take over report", body.slug, { was: before.job ?? before.notebook, withdrawnAt: before.revokedAt });
      audit("publish report", body.slug, {
        ...{ number, ...source, version: version?.number ?? null },
        ...{ note, approvedBy, variants: variants.length > 1 ? variants : null },
        ...{ showCode: body.showCode, personal: body.personal, tables: body.tables, backfills: body.backfills },
        leftOut,
      });
      return { revision, address: `/r/${body.slug}/${number}` };
    },
  }),
  defineRoute("POST", "/api/reports/preview", {
    need: "edit",
    summary: "What readers of a report of this notebook or job would not see, before it is published; nothing is run",
    body: previewWish,
    answer: reportPreview,
    handle: ({ body, services: { reports } }) => reports.preview(body),
  }),
  defineRoute("GET", "/api/reports/:slug", {
    need: "read",
    summary: "A report's revisions, newest first, with what changed of its headline readings",
    params: bySlug,
    answer: reportDetail,
    handle: ({ params: { slug }, services }) => ({
      zone: services.settings.zone,
      report: viewOf(services, slug),
      revisions: services.reports.store.revisions(slug),
    }),
  }),
  defineRoute("DELETE", "/api/reports/:slug", {
    need: "edit",
    summary: "Withdraw a report: nobody reads its revisions any more, and its links are revoked",
    params: bySlug,
    answer: report,
    handle: ({ params: { slug }, services, audit }) => {
      const { revokedAt, latest } = viewOf(services, slug);
      if (revokedAt !== null) throw new HttpError(409, `The report "${slug}" was withdrawn at ${revokedAt}.`);
      services.reports.store.revoke(slug);
      audit("withdraw report", slug, { number: latest?.number ?? null });
      return viewOf(services, slug);
    },
  }),
  defineRoute("POST", "/api/reports/:slug/links", {
    need: "edit",
    summary: "A link by which anyone who has it reads this report until it expires; the answer shows it this once",
    params: bySlug,
    body: linkWish,
    answer: newLink,
    handle: ({ params: { slug }, body, headers, services, principal, audit }) => {
      const { latest, revokedAt } = viewOf(services, slug);
      if (latest === null)
        throw new HttpError(
          409,
          `The report "${slug}" ${revokedAt === null ? "has no revision yet" : "was withdrawn"}.`,
          {
            hint: "Publish it, then make a link.",
          },
        );
      const lastsMillis = lengthOf(body.expires);
      const { link, token } = services.reports.store.links.make(slug, { by: actorOf(principal), lastsMillis });
      audit("make report link", slug, { link: link.id, expiresAt: link.expiresAt });
      return { link, address: `${originOf(services, headers.host)}/r/${slug}?k=${token}` };
    },
  }),
  defineRoute("DELETE", "/api/reports/:slug/links/:link", {
    need: "edit",
    summary: "Revoke a link; whoever came by it can read no more",
    params: bySlug.extend({ link: z.string().max(100) }),
    answer: reportLink,
    handle: ({ params: { slug, link }, services, audit }) => {
      viewOf(services, slug);
      const gone = services.reports.store.links.revoke(slug, link);
      if (gone === null)
        throw new HttpError(404, `The report "${slug}" has no link "${link}".`, {
          hint: `driftbook report link ${slug} --list shows those it has.`,
        });
      audit("revoke report link", slug, { link });
      return gone;
    },
  }),
  defineRoute("POST", "/api/notebooks/:path/export", {
    need: "edit",
    summary: "Run a notebook and answer it with its results as one file: HTML, Markdown or Jupyter",
    params: z.object({ path: z.string() }),
    body: exportWish,
    answersAlso: ["text/html", "text/markdown", "application/x-ipynb+json"],
    handle: async ({ params, body, services, signal, audit }) => {
      audit("export notebook", params.path, {
        ...{ to: body.to, set: body.set },
        ...{ showCode: body.showCode, personal: body.personal, tables: body.tables },
      });
      const { type, text } = await exportNotebook(services, params.path, body, signal);
      return new Answer(200, { "content-type": type }, text);
    },
  }),
  defineRoute("GET", "/r/:slug", {
    ...PAGE,
    summary: "The newest revision of a report, for signed-in people and by link; nothing is run",
    params: bySlug,
    handle: (call) => reading(call, (one) => pageAnswer(one, "latest")),
  }),
  defineRoute("GET", "/r/:slug/revisions", {
    ...PAGE,
    summary: "The revisions of a report as a page",
    params: bySlug,
    handle: (call) => reading(call, async (one) => revisionsAnswer(one)),
  }),
  defineRoute("GET", "/r/:slug/:revision", {
    ...PAGE,
    summary: "A revision of a report, which never changes",
    params: byRevision,
    handle: (call) => reading(call, (one) => numbered(call.params.revision, (number) => pageAnswer(one, number))),
  }),
  defineRoute("GET", "/r/:slug/:revision/file", {
    ...PAGE,
    summary: "A revision as one HTML file with its tables inside",
    params: byRevision,
    handle: (call) => reading(call, (one) => numbered(call.params.revision, (number) => fileAnswer(one, number))),
  }),
  defineRoute("GET", "/r/:slug/:revision/tables/:file", {
    ...PAGE,
    summary: "A table of a revision: NAME.csv or NAME.json",
    params: byRevision.extend({ file: z.string().max(100) }),
    answersAlso: ["text/csv", "application/json"],
    handle: (call) =>
      reading(call, (one) => numbered(call.params.revision, (number) => tableAnswer(one, number, call.params.file))),
  }),
];

/** Public, because a link is a credential of its own: who may read is asked here, of everyone. */
function reading(
  {
    params,
    query,
    headers,
    principal,
    services,
    audit,
  }: Call<
    { readonly slug: string; readonly revision?: string; readonly file?: string },
    Readonly<Record<string, unknown>>,
    unknown
  >,
  read: (reading: Reading) => Promise<Answer | null>,
): Promise<Answer> {
  const { slug } = params;
  const one: Reading = { slug, query, headers, principal, services, audit, path: pathOf(params) };
  return readReport(one, () => (reportSlug.safeParse(slug).success ? read(one) : Promise.resolve(null)));
}

const isSameSource = (a: Pick<ReportSource, "job" | "notebook">, b: ReportSource): boolean =>
  a.job === b.job && (a.job !== null || a.notebook === b.notebook);

const pathOf = ({ slug, revision, file }: { slug: string; revision?: string; file?: string }): string =>
  ["", "r", slug, ...(revision === undefined ? [] : [revision]), ...(file === undefined ? [] : ["tables", file])]
    .map(encodeURIComponent)
    .join("/");

async function numbered(text: string, read: (number: number) => Promise<Answer | null>): Promise<Answer | null> {
  return /^[1-9]\d{0,8}$/.test(text) ? read(Number(text)) : null;
}

/** @throws HttpError 404 */
function viewOf({ reports }: Services, slug: string) {
  const found = reports.store.find(slug);
  if (found !== null) return reports.view(found);
  throw new HttpError(404, `There is no report "${slug}".`, { hint: "driftbook report list shows those there are." });
}

/** Empty where no server listens: then the address is what follows the server's own. */
function originOf({ settings, pagesAreHttps }: Services, host: string | undefined): string {
  if (settings.url !== null) return settings.url.replace(/\/$/, "");
  return host === undefined || host.endsWith(":0") ? "" : `${pagesAreHttps ? "https" : "http"}://${host}`;
}

/** @throws HttpError 400 */
function lengthOf(text: string): number {
  let millis: number;
  try {
    millis = parseDuration(text);
  } catch (error) {
    throw new HttpError(400, `expires: ${(error as Error).message}`, { cause: error });
  }
  if (millis <= LONGEST_LINK_MILLIS) return millis;
  throw new HttpError(400, `expires: "${text}" is longer than 400 days, the most a link lasts.`);
}
