import { expect, test } from "vitest";
import { headlineHtml, sinceText } from "../../../cells/page/report-head.ts";
import type { HeadlineReading } from "../../../cells/wire/http-reports.ts";

type Past = HeadlineReading["before"];
const reading = (value: number | null, before: Past, verdict: HeadlineReading["verdict"] = "ok"): HeadlineReading => ({
  ...{
    name: "k.recall",
    unit: "share",
    value,
    lower: 0.4,
    upper: 0.5,
    n: 10,
    verdict,
    before,
    change: null,
  },
});
const past = (value: number | null, verdict: HeadlineReading["verdict"] = "ok"): Past => ({ value, verdict });

test("what was not there is never unchanged, and what was judged otherwise says so", () => {
  for (const [one, text] of [
    [reading(0.476, null), "new"],
    [reading(0.476, past(0.476)), "unchanged"],
    [reading(0.476, past(0.464)), "+1.2 pp, was 46.4%"],
    [reading(0.476, past(0.476, "fail")), "unchanged, was fail"],
    [reading(0.476, past(0.464), "warn"), "+1.2 pp, was 46.4%, ok"],
    [reading(null, past(null, "no-data"), "no-data"), ""],
    [reading(0.476, past(0.476, "no-data"), "no-data"), ""],
    [reading(0.476, past(0.5, "no-data")), "no data before"],
    [reading(0.476, past(0.464), "no-data"), "was 46.4%"],
  ] as const)
    expect(sinceText(one)).toBe(text);
});

test("a value of which there is no data is not shown beside its verdict, nor its interval", () => {
  const html = headlineHtml([reading(0.476, past(0.476, "no-data"), "no-data")]);
  expect(html).toContain("<b>–</b>");
  expect(html).toContain("no data");
  for (const hidden of ["47.6", "40", "unchanged", "<br>"]) expect(html).not.toContain(hidden);
});

test("a headline reading is called as people call it, with interval and n, and has no verdict where it has no bound", () => {
  const one: HeadlineReading = { ...reading(10_557, null), name: "value_by_week.payoff_total", unit: "amount" };
  const bare = headlineHtml([{ ...one, lower: 4459, upper: 18_841, n: 46_068, standing: "no-bound" }]);
  expect(bare).toContain('<span title="value_by_week.payoff_total">Payoff total of value_by_week</span><b>10,557</b>');
  expect(bare).toContain("4,459–18,841 · n 46,068");
  expect(bare).not.toContain("verdict-ok");
  expect(headlineHtml([one])).toContain("verdict-ok");
  expect(headlineHtml([{ ...one, name: "moved.score.psi" }])).toContain(">PSI of score in moved<");
});
