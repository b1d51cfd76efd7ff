import type { DriftDisplay } from "../../results/monitor-display.ts";
import { ACCENT, LINE, MUTED, REFERENCE, SIDES, STYLE, TEXT, tips } from "../../views/chart-theme.ts";
import type { Chart, PlotModule, PlotOptions } from "../../views/markup.ts";
import { countOf, shareText } from "../../views/number-text.ts";
import { distributionWords } from "./distribution-words.ts";

type Subject = DriftDisplay["subjects"][number];

interface Group {
  readonly label: string;
  readonly reference: number;
  readonly current: number;
}

const MOST = 12;
const ROW = 28;
const LONGEST = 22;
/** Room for "12.3% → 15.3%". */
const NUMBERS = 112;
const CHARACTER = 6.6;

/** The dozen largest categories of either side as pairs of bars, the others summed. */
export function categoryChart({ subject, bins }: Subject): Chart {
  const groups = (bins.labels ?? []).map((label, at) => ({
    label,
    reference: bins.reference[at] ?? 0,
    current: bins.current[at] ?? 0,
  }));
  const shown = shownGroups(groups);
  return {
    name: `${subject}-distribution`,
    title: "Share of each category",
    label: distributionWords(subject, groups),
    size: "half",
    keys: SIDES,
    options: (plot, width) => categoryOptions(plot, width, shown),
    data: groups.map(({ label, reference, current }) => ({
      category: label,
      reference_share: reference,
      current_share: current,
    })),
    handle: null,
  };
}

export function shownGroups(groups: readonly Group[]): readonly Group[] {
  const size = (one: Group): number => Math.max(one.reference, one.current);
  const sorted = groups.toSorted((a, b) => size(b) - size(a));
  if (sorted.length <= MOST + 1) return sorted;
  const rest = sorted.slice(MOST);
  const sum = (side: "reference" | "current"): number => rest.reduce((total, one) => total + one[side], 0);
  return [
    ...sorted.slice(0, MOST),
    {
      label: `${countOf(rest.length, "more category", "more categories")}`,
      reference: sum("reference"),
      current: sum("current"),
    },
  ];
}

const short = (label: string): string =>
  label === "" ? "(empty)" : label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label;

function categoryOptions(plot: PlotModule, width: number, groups: readonly Group[]): PlotOptions {
  // By place, not by label: two groups may be called the same.
  const rows = groups.map((group, at) => ({ ...group, at }));
  const longest = Math.max(4, ...rows.map(({ label }) => short(label).length));
  const top = Math.max(...rows.flatMap(({ reference, current }) => [reference, current]), 0) || 1;
  const bar = (side: "reference" | "current", fill: string, insets: { insetTop: number; insetBottom: number }) =>
    plot.barX(rows, { x: side, y: "at", fill, ...insets });
  return {
    width,
    height: rows.length * ROW + 8,
    marginTop: 4,
    marginBottom: 4,
    marginLeft: Math.ceil(longest * CHARACTER) + 12,
    marginRight: NUMBERS,
    style: STYLE,
    x: { axis: null, domain: [0, top] },
    y: { type: "band", domain: rows.map(({ at }) => at), padding: 0, axis: null },
    marks: [
      bar("reference", REFERENCE, { insetTop: 6, insetBottom: 14 }),
      bar("current", ACCENT, { insetTop: 14, insetBottom: 6 }),
      plot.ruleX([0], { stroke: LINE }),
      plot.axisY({ tickSize: 0, fill: TEXT, label: null, tickFormat: (at: number) => short(rows[at]?.label ?? "") }),
      plot.text(rows, {
        y: "at",
        frameAnchor: "right",
        textAnchor: "end",
        dx: NUMBERS,
        fill: MUTED,
        text: ({ reference, current }: Group) => `${shareText(reference)} → ${shareText(current)}`,
      }),
      tips(
        plot,
        rows.map((row) => ({
          x: Math.max(row.reference, row.current),
          y: row.at,
          text: `${row.label}\nreference ${shareText(row.reference)}\ncurrent ${shareText(row.current)}`,
        })),
        "y",
      ),
    ],
  };
}
