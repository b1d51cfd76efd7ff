import { askedForText } from "../../cells/page/asked-for-text.ts";
import { measuredText } from "../../cells/page/measured-text.ts";
import { MONITOR_STYLE } from "../../cells/page/monitor-style.ts";
import { escapeHtml } from "../../cells/page/page-parts.ts";
import { PAGE_STYLE } from "../../cells/page/page-style.ts";
import { headlineHtml } from "../../cells/page/report-head.ts";
import { REPORT_STYLE } from "../../cells/page/report-style.ts";
import { sentenceHtml } from "../../cells/page/time-html.ts";
import { variantText } from "../../cells/page/variant-text.ts";
import { momentText, momentTitle } from "../../cells/views/time-text.ts";
import type { Revision } from "../../cells/wire/http-reports.ts";
import { variantQuery } from "./publish-revision.ts";

/** Of pages without any script. */
export const PLAIN_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function plainPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}${MONITOR_STYLE}${REPORT_STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** The same for a report that never was, that was withdrawn, and for a link that is wrong, over or revoked. */
export const NO_REPORT = plainPage(
  "No report",
  `<main class="r-cell"><h1>No report to show</h1>
<p>There is no report here that you can read. If a link led you here it may have expired or been revoked: ask whoever sent it for a new one.</p>
<p>If you work in this workspace, <a href="/login?next=/reports">sign in</a>.</p></main>`,
);

/** For those who may read: what is not there, and what is. `body` is HTML. */
export const absentPage = (title: string, body: string): string =>
  plainPage(title, `<main class="r-cell"><h1>${escapeHtml(title)}</h1>\n${body}</main>`);

/** "It has revisions 1 to 15; the newest is 15.", with the way there. */
export function revisionsThere(slug: string, numbers: readonly number[]): string {
  const [newest] = numbers;
  const oldest = numbers.at(-1);
  const isWhole = newest! - oldest! + 1 === numbers.length;
  const said =
    numbers.length === 1
      ? `There is revision ${newest} alone`
      : isWhole
        ? `There are revisions ${oldest} to ${newest}`
        : `There are revisions ${numbers.toReversed().join(", ")}`;
  return `<p>${said}: <a href="/r/${slug}">the newest</a>, <a href="/r/${slug}/revisions">all revisions</a>.</p>`;
}

/** The page of every revision, for people who read the report. */
export function revisionsPage(title: string, revisions: readonly Revision[], zone: string): string {
  const items = revisions.map(
    (one) => `<section class="r-cell" aria-label="Revision ${one.number}">
<h2><a href="/r/${one.slug}/${one.number}">Revision ${one.number}</a></h2>
<p class="facts"><time datetime="${escapeHtml(one.madeAt)}" title="${escapeHtml(momentTitle(one.madeAt, zone))}">${escapeHtml(momentText(one.madeAt, zone))}</time> · window ${escapeHtml(measuredText(one, zone))} · as of ${escapeHtml(one.asOf === null ? "no data" : momentText(one.asOf, zone))}${one.version === null ? "" : ` · v${one.version.number}`}${one.approvedBy === null ? "" : ` · approved by ${escapeHtml(one.approvedBy)}`}</p>
${one.askedFor === null ? "" : `<p class="facts">${escapeHtml(askedForText(one.askedFor))}</p>`}
${one.note === null ? "" : `<p>${escapeHtml(one.note)}</p>`}
${headlineHtml(one.headline)}
</section>`,
  );
  return plainPage(
    `Revisions of ${title}`,
    `<nav class="r-bar" aria-label="This report"><a href="/r/${revisions[0]!.slug}">the newest revision</a></nav>
<header class="r-head"><h1>Revisions of ${escapeHtml(title)}</h1><p class="facts">Newest first. Times in ${escapeHtml(zone)}.</p></header>
<main>${items.join("\n")}</main>`,
  );
}

/** What is known only when a revision is served: where it stands among the others, and that it is old. */
export function servedBar(
  shown: { readonly revision: Revision; readonly variant: number },
  { latest, stale, zone }: { readonly latest: number; readonly stale: string | null; readonly zone: string },
): string {
  const { slug, number, variants } = shown.revision;
  const query = variants.length === 1 ? "" : `?${variantQuery(variants[shown.variant]!)}`;
  const newer =
    number === latest
      ? "<span>the newest revision</span>"
      : `<strong>There is a newer revision: <a href="/r/${slug}">revision ${latest}</a></strong>`;
  const links = variants.map((set, at) => {
    const current = at === shown.variant ? ' aria-current="page"' : "";
    return `<li><a href="/r/${slug}/${number}?${escapeHtml(variantQuery(set))}"${current}>${escapeHtml(variantText(set))}</a></li>`;
  });
  return `<nav class="r-bar" aria-label="This report">
${stale === null || number !== latest ? "" : `<p class="r-stale" role="status">▲ Stale: ${sentenceHtml(stale, zone)}</p>`}
${newer}<a href="/r/${slug}/revisions">all revisions</a><a href="/r/${slug}/${number}/file${escapeHtml(query)}" download>as one file</a>
${variants.length === 1 ? "" : `<ul class="r-variants" aria-label="Variants">${links.join("")}</ul>`}
</nav>`;
}
