import { askedForText } from "../../cells/page/asked-for-text.ts";
import { leftOutHead } from "../../cells/page/left-out-head.ts";
import { measuredText } from "../../cells/page/measured-text.ts";
import { judgedValue, sinceText } from "../../cells/page/report-head.ts";
import { variantText } from "../../cells/page/variant-text.ts";
import { isUnjudged } from "../../cells/results/reading.ts";
import { unitText } from "../../cells/views/number-text.ts";
import { headlineName } from "../../cells/views/reading-words.ts";
import { momentText } from "../../cells/views/time-text.ts";
import { VERDICT_WORDS } from "../../cells/views/verdict-mark.ts";
import type {
  HeadlineReading,
  Report,
  ReportDetail,
  ReportLink,
  ReportPreview,
  Revision,
} from "../../cells/wire/http-reports.ts";
import { tableText } from "./print-table.ts";

export const previewText = (preview: ReportPreview): string =>
  [
    leftOutHead(preview),
    ...preview.leftOut.map(({ sentence, remedy }) => `  ${sentence}\n    ${remedy}`),
    ...preview.cautions,
    "Nothing was published.",
  ].join("\n");

/** A line for each reading, with its verdict and what it was in the revision before. */
export const headlineText = ({ headline }: Pick<Revision, "headline">): string =>
  headline.map((one) => `\n  ${readingText(one)}`).join("");

function readingText(one: HeadlineReading): string {
  const { name, unit, verdict, standing = verdict } = one;
  const since = sinceText(one);
  return [
    headlineName(name),
    unitText(judgedValue(one), unit),
    // Without a bound it has no verdict to show.
    ...(isUnjudged(standing) ? [] : [VERDICT_WORDS[standing]]),
    ...(since === "" ? [] : [`(${since})`]),
  ].join(" ");
}

export function listText(reports: readonly Report[], zone: string): string {
  if (reports.length === 0) return "Nothing is published. Begin with: driftbook report publish NOTEBOOK --slug SLUG";
  return tableText(
    ["slug", "title", "of", "revisions", "newest", "", "links"],
    reports.map(({ slug, title, notebook, job, latest, revisions, stale, revokedAt, links }) => [
      slug,
      title,
      job === null ? notebook : `job ${job}`,
      String(revisions),
      latest === null ? "" : momentText(latest.madeAt, zone),
      revokedAt !== null ? "withdrawn" : stale === null ? (latest?.verdict ?? "") : "stale",
      String(
        links.filter(({ revokedAt: over, expiresAt }) => over === null && Date.parse(expiresAt) > Date.now()).length,
      ),
    ]),
  );
}

export function detailText({ report, revisions, zone }: ReportDetail): string {
  const said = [report.waiting, report.stale === null ? null : `Stale: ${report.stale}`].filter((one) => one !== null);
  const head = [`${report.title} at /r/${report.slug}`, ...said].join("\n");
  return head + revisions.map((one) => `\n${revisionText(one, zone)}`).join("");
}

function revisionText(one: Revision, zone: string): string {
  const { number, madeAt, verdict, asOf, version, approvedBy, note, askedFor, variants } = one;
  const facts = [
    momentText(madeAt, zone),
    VERDICT_WORDS[verdict],
    `window ${measuredText(one, zone)}`,
    `as of ${asOf === null ? "no data" : momentText(asOf, zone)}`,
    ...(version === null ? [] : [`v${version.number}`]),
    ...(approvedBy === null ? [] : [`approved by ${approvedBy}`]),
  ];
  const lines = [
    ...(askedFor === null ? [] : [askedForText(askedFor)]),
    ...(note === null ? [] : [note]),
    ...(variants.length === 1 ? [] : [`variants ${variants.map(variantText).join("; ")}`]),
  ];
  return `${number}  ${facts.join(" · ")}${lines.map((line) => `\n  ${line}`).join("")}${headlineText(one)}`;
}

export function linksText(links: readonly ReportLink[], zone: string): string {
  if (links.length === 0) return "It has no links.";
  return tableText(
    ["id", "made", "by", "expires", "used", ""],
    links.map(({ id, madeAt, madeBy, expiresAt, lastUsedAt, revokedAt }) => [
      id,
      momentText(madeAt, zone),
      madeBy,
      momentText(expiresAt, zone),
      lastUsedAt === null ? "never" : momentText(lastUsedAt, zone),
      revokedAt !== null ? "revoked" : Date.parse(expiresAt) <= Date.now() ? "expired" : "",
    ]),
  );
}
