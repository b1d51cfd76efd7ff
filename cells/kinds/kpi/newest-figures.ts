import type { KpiDisplay } from "../../results/monitor-display.ts";
import type { ViewContext } from "../../views/head-line.ts";
import { h, type Markup } from "../../views/markup.ts";
import { countText, intervalText, shareText, unitText } from "../../views/number-text.ts";
import { readingLink } from "../../views/reading-link.ts";
import { estimatedText } from "../../views/series-chart.ts";
import { windowText, windowTitle } from "../../views/time-text.ts";

type Newest = KpiDisplay["newest"];

/** What stands hatched beside each figure: which units, and how far their labels have come. */
export function newestLine(newest: Newest, zone: string): Markup {
  if (newest === undefined) return [];
  const { length, window, maturity, n } = newest;
  const known =
    maturity === null
      ? "no earlier decisions are old enough to say how many of their labels are here"
      : `${shareText(maturity)} of their labels are expected to be known by now`;
  return h(
    "p",
    { class: "m-provisional" },
    h("strong", {}, `Newest ${length}`),
    " ",
    h("span", { title: windowTitle(window, zone) }, windowText(window, zone)),
    ", ",
    h("span", { title: truthWords(newest) }, `n\u00a0${countText(n)}`),
    `, beside each figure. Provisional, so not judged: ${known}.`,
  );
}

/** The same metric over the newest units; nothing where there are none. */
export function newestFigure(metric: string, newest: Newest, context: ViewContext): Markup {
  const value = newest?.values.find((one) => one.metric === metric);
  if (newest === undefined || value === undefined) return [];
  const { unit, lower, upper, n, reason, estimated, verdict } = value;
  const interval = intervalText(lower, upper, unit);
  const known = newest.maturity === null ? null : `${shareText(newest.maturity)} of labels expected by now`;
  const title = [
    `Newest ${newest.length}, ${windowText(newest.window, context.zone)}, provisional`,
    ...[interval === null ? null : `95% interval ${interval}`, known, `n ${countText(n)}`, reason],
  ].filter((part) => part !== null);
  return h(
    "span",
    { class: "m-newest", title: title.join(" · ") },
    h("span", { class: "visually-hidden" }, `newest ${newest.length}, provisional: `),
    h("span", { class: "m-newest-value" }, readingLink(unitText(value.value, unit), value.reading, context)),
    interval === null ? [] : [" ", h("span", {}, interval)],
    estimated === undefined ? [] : [" ", h("span", {}, estimatedText(estimated, unit))],
    verdict === "error" && reason !== null ? [" ", h("span", {}, reason)] : [],
  );
}

const truthWords = ({ truth }: NonNullable<Newest>): string =>
  `Truth: ${countText(truth.stated)} stated, ${countText(truth.silent)} by silence, ${countText(truth.pending)} pending, ${countText(truth.unknown)} unknown`;
