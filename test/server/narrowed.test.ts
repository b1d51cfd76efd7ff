import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseDocument } from "../../cells/document/parse-document.ts";
import { narrowed } from "../../server/explain/narrowed.ts";

const MEASURED: [string, string] = ["2026-03-01T00:00:00.000Z", "2026-03-29T00:00:00.000Z"];
const WEEK: [string, string] = ["2026-03-08T00:00:00.000Z", "2026-03-15T00:00:00.000Z"];
const KPI = `from: loans
window: mature 4 weeks
threshold: \${cut}
metrics: [recall, precision]
define: {bad_rate: avg(label::INT), big: max(amount)}
by: country
every: 1 week
estimate: true
fail: {recall: 0.3, big: above 9}`;
const DRIFT = `from: loans
reference: 28 days before
columns: [amount, country]
metrics: [psi, ks]
warn: {amount.psi: 0.1}`;

function asked(kind: string, source: string, pick: Partial<Parameters<typeof narrowed>[2]>): unknown {
  const { document } = parseDocument(`\`\`\`yaml ${kind} name=cell\n${source}\n\`\`\`\n`);
  const all = { metric: "recall", subject: null, slice: null, window: MEASURED, ...pick };
  return parse(narrowed(document, "cell", all, MEASURED).cells[0]!.source);
}

const window = MEASURED.join("/");

test("a value is asked for alone, over the window that was measured", () => {
  expect(asked("kpi", KPI, {})).toEqual({ from: "loans", window, threshold: "${cut}", metrics: ["recall"] });
  expect(asked("kpi", KPI, { slice: "country = DE", window: WEEK })).toMatchObject({ by: "country", every: "1 week" });
  expect(asked("kpi", KPI, { metric: "bad_rate" })).toMatchObject({ define: { bad_rate: "avg(label::INT)" } });
  expect(asked("drift", DRIFT, { metric: "psi", subject: "amount" })).toEqual({
    from: "loans",
    reference: "28 days before",
    window,
    columns: ["amount"],
    metrics: ["psi"],
  });
  expect(asked("drift", DRIFT, { metric: "missing_share", subject: "amount" })).toMatchObject({
    metrics: ["psi", "ks"],
  });
});

test("a cell of another kind stays as it is", () => {
  const { document } = parseDocument("```ts name=cell\nreading({})\n```\n");
  expect(narrowed(document, "cell", { metric: "m", subject: null, slice: null, window: null }, null)).toBe(document);
});
