import { isUnjudged } from "../results/reading.ts";
import { toHtml } from "../views/markup.ts";
import { changeText, countText, intervalText, unitText } from "../views/number-text.ts";
import { headlineName } from "../views/reading-words.ts";
import { momentText, momentTitle } from "../views/time-text.ts";
import { standingMark, VERDICT_WORDS } from "../views/verdict-mark.ts";
import type { HeadlineReading, Revision } from "../wire/http-reports.ts";
import { askedForText } from "./asked-for-text.ts";
import { measuredText, measuredTitle } from "./measured-text.ts";
import { escapeHtml } from "./page-parts.ts";
import { valueText } from "./variant-text.ts";

/** What the head of a report says of it. */
export interface ReportAbout
  extends Pick<
    Revision,
    | "madeAt"
    | "window"
    | "measured"
    | "asOf"
    | "askedFor"
    | "version"
    | "rows"
    | "note"
    | "approvedBy"
    | "verdict"
    | "headline"
  > {
  readonly title: string;
  /** IANA; the page's times are written in it. */
  readonly zone: string;
  /** Null where it is no revision: an export. */
  readonly revision: number | null;
  /** What it was made from: a notebook's path, or a job. */
  readonly source: string;
  /** Values of inputs that were given. */
  readonly set: Readonly<Record<string, unknown>>;
}

export function reportHead(about: ReportAbout): string {
  const { title, zone, asOf, askedFor, madeAt, version, rows, note, approvedBy, set } = about;
  const moment = (iso: string | null): string =>
    iso === null
      ? "no data"
      : `<time datetime="${escapeHtml(iso)}" title="${escapeHtml(momentTitle(iso, zone))}">${escapeHtml(momentText(iso, zone))}</time>`;
  const facts: (readonly [string, string])[] = [
    [
      "Window",
      `<span title="${escapeHtml(measuredTitle(about, zone))}">${escapeHtml(measuredText(about, zone))}</span>`,
    ],
    ["As of", moment(asOf)],
    ["Generated", moment(madeAt)],
    [
      "Version",
      version === null
        ? "the notebook as it stood"
        : `v${version.number} <span class="mono">${escapeHtml(version.hash.slice(0, 12))}</span>`,
    ],
    ...rows.map(
      ({ stream, decisions, feedback }) =>
        [
          `Rows of ${escapeHtml(stream)}`,
          `${countText(decisions)} decisions, ${countText(feedback)} feedback in the whole stream`,
        ] as const,
    ),
    ...Object.entries(set).map(([name, value]) => [escapeHtml(name), escapeHtml(valueText(value))] as const),
    ...(approvedBy === null ? [] : [["Approved by", escapeHtml(approvedBy)] as const]),
    ["Times", escapeHtml(zone)],
  ];
  return `<header class="r-head">
<h1>${escapeHtml(title)}</h1>
<dl class="r-facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>
${askedFor === null ? "" : `<p class="r-asked">${askedFor.window || askedFor.asOf ? "▲ " : ""}${escapeHtml(askedForText(askedFor))}</p>`}
${note === null ? "" : `<p class="r-note">${escapeHtml(note)}</p>`}
${headlineHtml(about.headline)}
</header>`;
}

export function reportFoot({ source, revision }: ReportAbout): string {
  return `<footer class="r-foot">
<p>${revision === null ? "" : `Revision ${revision} · `}made with Driftbook from ${escapeHtml(source)}. This page was computed once; reading it runs nothing.</p>
</footer>`;
}

/** Headline readings with what changed since the revision before. */
export function headlineHtml(headline: readonly HeadlineReading[]): string {
  if (headline.length === 0) return "";
  const items = headline.map((one) => {
    const { name, unit, verdict, standing = verdict } = one;
    const since = one.before === null ? "" : sinceText(one);
    const facts = [
      // Without a bound it has no verdict to show.
      ...(isUnjudged(standing) ? [] : [toHtml(standingMark(standing), () => "")]),
      escapeHtml(measuredParts(one).join(" · ")),
    ];
    return `<li><span title="${escapeHtml(name)}">${escapeHtml(headlineName(name))}</span><b>${escapeHtml(unitText(judgedValue(one), unit))}</b>${facts.join(" ")}${since === "" ? "" : `<br>${escapeHtml(since)}`}</li>`;
  });
  return `<ul class="r-headline" aria-label="Headline">${items.join("")}</ul>`;
}

/** "45.0–53.8%", "n 500": what stands behind a value; no interval where it says nothing. */
export function measuredParts(one: HeadlineReading): string[] {
  const interval = judgedValue(one) === null ? null : intervalText(one.lower, one.upper, one.unit);
  return [...(interval === null ? [] : [interval]), ...(one.n === null ? [] : [`n ${countText(one.n)}`])];
}

/** What a reading says: nothing where it has no data, such as a share of too few rows. */
export const judgedValue = ({ value, verdict }: Pick<HeadlineReading, "value" | "verdict">): number | null =>
  verdict === "no-data" ? null : value;

/** "+1.2 pp, was 46.4%", or that nothing changed; with another verdict than before also that one. Empty where there was nothing, neither now nor before. */
export function sinceText(one: HeadlineReading): string {
  if (one.before === null) return "new";
  const [value, before] = [judgedValue(one), judgedValue(one.before)];
  if (before === null) return value === null ? "" : "no data before";
  const was = `was ${unitText(before, one.unit)}`;
  if (value === null) return was;
  const change = changeText(before, value, one.unit);
  const verdict = one.before.verdict === one.verdict ? null : VERDICT_WORDS[one.before.verdict];
  if (change === null) return verdict === null ? "unchanged" : `unchanged, was ${verdict}`;
  return `${change}, ${was}${verdict === null ? "" : `, ${verdict}`}`;
}
