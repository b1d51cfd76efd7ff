import { html, nothing, type TemplateResult } from "lit";
import type { Reading } from "../../cells/results/reading.ts";
import { metricName } from "../../cells/views/metric-name.ts";
import { countText, exactText, shareText } from "../../cells/views/number-text.ts";
import { differenceText } from "../../cells/views/reading-words.ts";
import { jsonTree } from "../outputs/json-tree.ts";
import { treeView } from "../outputs/tree-view.ts";
import { factList } from "./reading-facts.ts";

type Details = Reading["details"];
type Taken = { readonly view: TemplateResult; readonly keys: readonly string[] };

/** What the value was computed from: the shapes that the kinds store as tables, everything else by its name. */
export function detailsSection({ details }: Reading): TemplateResult | typeof nothing {
  const taken = [binsTable(details), sharesTable(details), truthTables(details)].filter((one) => one !== null);
  const used = new Set(taken.flatMap(({ keys }) => keys));
  const rest = Object.entries(details).filter(([key]) => !used.has(key));
  const scalars = rest.filter(([, value]) => isShort(value));
  const groups = rest.filter(([, value]) => !isShort(value));
  if (taken.length + rest.length === 0) return nothing;
  return html`<section class="section"><header><h2>Computed from</h2></header>
    ${taken.map(({ view }) => view)}
    ${scalars.length === 0 ? nothing : factList(scalars.map(([key, value]) => [nameOf(key), scalarText(value)]))}
    ${groups.map(([key, value]) => html`<div class="r-tree">${treeView(jsonTree(value), nameOf(key))}</div>`)}
  </section>`;
}

const NAMES: Readonly<Record<string, string>> = {
  p: "p of the test",
  p_bound: "p is known to be",
  degrees: "Degrees of freedom",
  normed: "In σ of reference",
  deviation: "σ of reference",
  error_bound: "Error at most",
  estimated: "Estimated",
};
const nameOf = (key: string): string => NAMES[key] ?? metricName(key);

const MOST_IN_A_LINE = 8;

/** Said in one line: a value, or a few values by name. */
function isShort(value: unknown): boolean {
  if (value === null || typeof value !== "object") return true;
  const parts = Object.values(value);
  return (
    !Array.isArray(value) &&
    parts.length <= MOST_IN_A_LINE &&
    parts.every((part) => part === null || typeof part !== "object")
  );
}

function scalarText(value: unknown): string {
  if (value !== null && typeof value === "object")
    return Object.entries(value)
      .map(([key, part]) => `${key.replaceAll("_", " ")} ${scalarText(part)}`)
      .join(", ");
  if (typeof value === "number") return exactText(Number(value.toPrecision(6)), "number");
  return value === null ? "–" : String(value);
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((one) => typeof one === "number");

interface Side {
  readonly count: number;
  readonly share: number | null;
}

/** Edges or categories with the counts of both sides. */
function binsTable({ edges, categories, reference, current }: Details): Taken | null {
  if (!isNumbers(reference) || !isNumbers(current) || reference.length !== current.length) return null;
  const isCategories = Array.isArray(categories);
  const labels = isCategories ? categories.map(String) : isNumbers(edges) ? binLabels(edges, reference.length) : null;
  if (labels === null || labels.length !== reference.length) return null;
  const sides = (counts: readonly number[]): readonly Side[] => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => ({ count, share: total === 0 ? null : count / total }));
  };
  const [before, now] = [sides(reference), sides(current)];
  const most = Math.max(...[...before, ...now].map(({ share }) => share ?? 0)) || 1;
  const caption = isCategories ? "Categories" : "Bins";
  const view = html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}><table class="rows r-table r-bins"><caption class="visually-hidden">${caption}</caption>
    <thead><tr><th scope="col">${isCategories ? "Category" : "Bin"}</th><th scope="col" class="right">Reference</th><th scope="col" class="right">Share</th><th scope="col" class="right">Current</th><th scope="col" class="right">Share</th><th scope="col" class="right">Change</th><th class="hide-narrow"></th></tr></thead>
    <tbody>${labels.map((label, at) => binRow(label, before[at]!, now[at]!, most))}</tbody></table></div>`;
  return { view, keys: ["edges", "categories", "reference", "current"] };
}

function binRow(label: string, before: Side, now: Side, most: number): TemplateResult {
  const change = before.share === null || now.share === null ? null : now.share - before.share;
  const bar = (share: number | null, side: string) =>
    html`<i class="r-bar r-bar-${side}" style="width:${((share ?? 0) / most) * 100}%"></i>`;
  return html`<tr><th scope="row">${label}</th><td class="right">${countText(before.count)}</td><td class="right muted">${shareText(before.share)}</td><td class="right">${countText(now.count)}</td><td class="right muted">${shareText(now.share)}</td>
    <td class="right">${change === null ? "–" : differenceText(Math.abs(change) < SMALL ? 0 : change, "share")}</td>
    <td class="r-bars hide-narrow" aria-hidden="true">${bar(before.share, "reference")}${bar(now.share, "current")}</td></tr>`;
}

/** Less than what the column can show is no change. */
const SMALL = 0.00005;

/** Bins begin at their edge and end before the next; other libraries' bins are closed at both ends. */
function binLabels(edges: readonly number[], bins: number): string[] | null {
  const text = edges.map((edge) => exactText(Number(edge.toPrecision(6)), "number"));
  const inner = text.slice(1).map((to, at) => `${text[at]} to ${to}`);
  if (bins === edges.length - 1) return inner;
  if (bins !== edges.length + 1) return null;
  if (bins === 1) return ["all values"];
  return [`below ${text[0]}`, ...inner, `${text.at(-1)} and above`];
}

/** How many rows a share is of, on both sides. */
function sharesTable({ reference, current }: Details): Taken | null {
  const sides = [reference, current].map((side) => {
    const { count, rows } = (side ?? {}) as Record<string, unknown>;
    return typeof count === "number" && typeof rows === "number" ? { count, rows } : null;
  });
  const [before, now] = sides;
  if (before == null || now == null) return null;
  const row = (name: string, { count, rows }: { count: number; rows: number }) =>
    html`<tr><th scope="row">${name}</th><td class="right">${countText(count)}</td><td class="right">${countText(rows)}</td><td class="right">${shareText(rows === 0 ? null : count / rows)}</td></tr>`;
  const view = html`<div class="scroll" tabindex="0" role="region" aria-label="Shares"><table class="rows r-table"><thead><tr><th scope="col">Side</th><th scope="col" class="right">Concerned</th><th scope="col" class="right">Rows</th><th scope="col" class="right">Share</th></tr></thead>
    <tbody>${row("Reference", before)}${row("Current", now)}</tbody></table></div>`;
  return { view, keys: ["reference", "current"] };
}

const TRUTH = { stated: "Stated", silent: "By silence", pending: "Pending", unknown: "Unknown" } as const;
const CONFUSION = ["tp", "fp", "tn", "fn"] as const;

/** What was known of the decisions, and how they turned out. */
function truthTables(details: Details): Taken | null {
  const count = (key: string): number | null => (typeof details[key] === "number" ? details[key] : null);
  const keys = Object.keys(TRUTH) as (keyof typeof TRUTH)[];
  if (keys.some((key) => count(key) === null) || CONFUSION.some((key) => count(key) === null)) return null;
  const cell = (key: (typeof CONFUSION)[number], word: string) =>
    html`<td class="right">${countText(count(key))} <span class="muted small">${word}</span></td>`;
  const view = html`<div class="r-pair">
    <div class="scroll" tabindex="0" role="region" aria-label="Outcomes"><table class="rows r-table"><caption>Outcomes</caption><thead><tr><td></td><th scope="col" class="right">Truth positive</th><th scope="col" class="right">Truth negative</th></tr></thead>
    <tbody><tr><th scope="row">Alerted</th>${cell("tp", "TP")}${cell("fp", "FP")}</tr><tr><th scope="row">Passed</th>${cell("fn", "FN")}${cell("tn", "TN")}</tr></tbody></table></div>
    <div class="scroll" tabindex="0" role="region" aria-label="Truth"><table class="rows r-table"><caption>Where the truth is from</caption><thead><tr>${keys.map((key) => html`<th scope="col" class="right">${TRUTH[key]}</th>`)}</tr></thead>
    <tbody><tr>${keys.map((key) => html`<td class="right">${countText(count(key))}</td>`)}</tr></tbody></table></div></div>`;
  return { view, keys: [...keys, ...CONFUSION] };
}
