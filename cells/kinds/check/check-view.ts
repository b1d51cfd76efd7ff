import type { CheckDisplay } from "../../results/monitor-display.ts";
import type { Verdict } from "../../results/reading.ts";
import {
  asOfFact,
  headLine,
  notesView,
  relationName,
  statementsView,
  type ViewContext,
} from "../../views/head-line.ts";
import { type Element, h, type Markup } from "../../views/markup.ts";
import { countOf, countText } from "../../views/number-text.ts";
import { readingLink, SOURCE_WORDS } from "../../views/reading-link.ts";
import { momentText, windowText, windowTitle } from "../../views/time-text.ts";
import { valueTable } from "../../views/value-table.ts";
import { VERDICT_WORDS, verdictMark } from "../../views/verdict-mark.ts";
import { sinceSentence } from "./since-last-time.ts";

type Check = CheckDisplay["checks"][number];

/** A check cell's output, read like a test report: what was expected, what was found, the rows that break it. */
export function checkView(display: CheckDisplay, context: ViewContext): Markup {
  const { zone } = context;
  const { from, window, asOf, n, checks } = display;
  const since = sinceSentence(display, (iso) => momentText(iso, zone));
  const facts = [
    [relationName(from), " ", h("span", { title: windowTitle(window, zone) }, windowText(window, zone))],
    asOfFact(asOf, zone),
    `n ${countText(n)}`,
  ];
  return h(
    "section",
    { class: "m-check", "aria-label": "Checks" },
    headLine({ verdict: display.verdict, sentence: checkSentence(checks), facts }),
    notesView(display.notes),
    since === null ? [] : h("p", { class: "m-since" }, since),
    checks.length === 0
      ? []
      : h(
          "div",
          { class: "m-checks" },
          checkNames(),
          h("ul", {}, ...checks.map((check, at) => h("li", {}, checkItem(check, at, context)))),
        ),
    statementsView(display.statements),
  );
}

/** "2 of 14 checks fail, 1 warns". */
export function checkSentence(checks: readonly Pick<Check, "verdict">[]): string {
  const total = checks.length;
  if (total === 0) return "Nothing was checked";
  const count = (wanted: Verdict): number => checks.filter(({ verdict }) => verdict === wanted).length;
  const said: [Verdict, string, string][] = [
    ["error", "could not run", "could not run"],
    ["fail", "fails", "fail"],
    ["warn", "warns", "warn"],
    ["no-data", "has no data", "have no data"],
  ];
  const parts = said.flatMap(([verdict, one, many]) => {
    const found = count(verdict);
    return found === 0 ? [] : [{ found, words: found === 1 ? one : many }];
  });
  const [first, ...rest] = parts;
  if (first === undefined) return total === 1 ? "The check holds" : `All ${countText(total)} checks hold`;
  const head = `${countText(first.found)} of ${countOf(total, "check")} ${first.words}`;
  return [head, ...rest.map(({ found, words }) => `${countText(found)} ${words}`)].join(", ");
}

const checkNames = (): Element =>
  h(
    "div",
    { class: "m-check-line m-names", "aria-hidden": "true" },
    ...["", "Check", "Expected", "Found", "Breaking it"].map((name) => h("span", {}, name)),
  );

function checkItem(check: Check, at: number, context: ViewContext): Element {
  if (check.rows.length === 0)
    return h("div", { class: "m-item" }, h("div", { class: "m-check-line" }, ...checkLine(check, context)));
  // What opens must not hold links: they are in what it opens to.
  const line = checkLine(check, { zone: context.zone });
  return h(
    "details",
    { class: "m-item", "data-key": `check ${at} ${check.title}`, open: check.verdict === "fail" },
    h("summary", { class: "m-check-line" }, ...line),
    h("div", { class: "m-open" }, failingRows(check), sourcesLine(check, context)),
  );
}

function checkLine(check: Check, context: ViewContext): readonly Markup[] {
  const { verdict, title, expected, found, failing, reading } = check;
  return [
    h("span", {}, verdictMark(verdict)),
    h("span", { class: "m-name", title }, title),
    h("span", { class: "m-expected" }, h("span", { class: "m-said" }, "expected "), expected),
    h(
      "span",
      { class: "m-found" },
      h("span", { class: "m-said" }, "found "),
      readingLink(found, reading, context),
      beforeText(check, context),
    ),
    h("span", { class: "right m-failing" }, failing === null || failing === 0 ? "" : countOf(failing, "row")),
  ];
}

/** "was ok", where that is news. */
function beforeText({ verdict, before }: Check, context: ViewContext): Markup {
  if (before === undefined || before?.verdict === verdict) return [];
  if (before === null) return h("span", { class: "m-before" }, "new");
  return h("span", { class: "m-before" }, "was ", readingLink(VERDICT_WORDS[before.verdict], before.reading, context));
}

function sourcesLine({ reading, before }: Check, context: ViewContext): Markup {
  if (context.readingHref === undefined) return [];
  const last = before == null ? [] : h("span", {}, readingLink("Its reading the last time", before.reading, context));
  return h("p", { class: "m-facts" }, h("span", {}, readingLink(SOURCE_WORDS, reading, context)), last);
}

function failingRows({ title, rows, failing }: Check): Markup {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: string | null | undefined): Markup =>
    value === null || value === undefined ? h("span", { class: "faint" }, "null") : value;
  const shown =
    failing === null || failing <= rows.length ? "" : `The first ${rows.length} of ${countOf(failing, "row")}`;
  return [
    valueTable(
      `Rows that break ${title}`,
      names.map((name) => ({ name, numeric: isNumeric(rows, name) })),
      rows.map((row) => names.map((name) => cell(row[name]))),
    ),
    shown === "" ? [] : h("p", { class: "m-facts" }, h("span", {}, shown)),
  ];
}

const isNumeric = (rows: Check["rows"], name: string): boolean =>
  rows.some((row) => row[name] != null) &&
  rows.every((row) => row[name] == null || /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(row[name]));
