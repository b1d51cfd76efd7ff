import type { KpiDisplay } from "../../results/monitor-display.ts";
import { h, type Markup } from "../../views/markup.ts";
import { countText } from "../../views/number-text.ts";

const PARTS = [
  { key: "stated", words: "stated", title: "Feedback says what was right" },
  { key: "silent", words: "by silence", title: "Nobody objected in time, which the contract takes as an answer" },
  { key: "pending", words: "pending", title: "Too young: an answer may still come" },
  { key: "unknown", words: "unknown", title: "Nobody will say: for instance blocked and never reviewed" },
] as const;

type Feedback = NonNullable<KpiDisplay["feedback"]>;

const WONDERS: readonly { readonly key: keyof Feedback; readonly words: string; readonly title: string }[] = [
  { key: "superseded", words: "replaced by later feedback", title: "Superseded: another feedback took its place" },
  {
    key: "early",
    words: "older than their decision",
    title: "Observed before the decision was made: a clock may be wrong, or the label was known when deciding",
  },
  {
    key: "orphans",
    words: "without a decision, in the whole stream",
    title: "They wait: their decision is not there, or its id is another",
  },
  {
    key: "conflicts",
    words: "refused, in the whole stream: the id was known with other content",
    title: "Decisions and feedback in quarantine; the Stream page has them",
  },
];

/** What a reader may wonder about; nothing where there is nothing. */
export function feedbackLine(feedback: KpiDisplay["feedback"]): Markup {
  const shown = feedback === undefined ? [] : WONDERS.filter(({ key }) => feedback[key] > 0);
  if (feedback === undefined || shown.length === 0) return [];
  return h(
    "p",
    { class: "m-facts" },
    h("span", {}, "Feedback"),
    ...shown.map(({ key, words, title }) => h("span", { title }, `${countText(feedback[key])} ${words}`)),
  );
}

/** How much of the truth is known: a bar as thin as a rule, and the four counts. */
export function truthLine(truth: KpiDisplay["truth"]): Markup {
  const total = PARTS.reduce((sum, { key }) => sum + truth[key], 0);
  if (total === 0) return h("p", { class: "m-facts" }, h("span", {}, "No decisions in this window"));
  return h(
    "div",
    { class: "m-truth" },
    h(
      "div",
      { class: "m-truth-bar", "aria-hidden": "true" },
      ...PARTS.map(({ key }) =>
        truth[key] === 0 ? [] : h("i", { class: `m-truth-${key}`, style: `flex-grow:${truth[key] / total}` }),
      ),
    ),
    h(
      "p",
      { class: "m-facts" },
      h("span", {}, "Truth"),
      ...PARTS.map(({ key, words, title }) =>
        h(
          "span",
          { title },
          h("i", { class: `m-key m-truth-${key}`, "aria-hidden": "true" }),
          `${countText(truth[key])} ${words}`,
        ),
      ),
    ),
  );
}
