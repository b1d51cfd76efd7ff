import type { ShownMark } from "../results/monitor-display.ts";
import { hatched, MUTED } from "./chart-theme.ts";
import { h, type Key, type Markup, type PlotModule, type PlotOptions } from "./markup.ts";
import { type WindowPair, wallDate, windowText, windowTitle } from "./time-text.ts";

type Drawn = NonNullable<PlotOptions["marks"]>;

/** The marks whose window touches that one. */
export function marksAt(marks: readonly ShownMark[], [start, end]: WindowPair): readonly ShownMark[] {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  return marks.filter(({ window }) => Date.parse(window[0]) < to && Date.parse(window[1]) > from);
}

/** "marked: outage, excluded" */
export const markText = ({ note, excludes }: ShownMark): string => `marked: ${note}${excludes ? ", excluded" : ""}`;

/** "Marked: outage 5–11 Mar 2026, excluded; campaign 14 Mar 2026." */
export function marksWords(marks: readonly ShownMark[], zone: string): readonly string[] {
  if (marks.length === 0) return [];
  const one = ({ window, note, excludes }: ShownMark): string =>
    `${note} ${windowText(window, zone)}${excludes ? ", excluded" : ""}`;
  return [`Marked: ${marks.map(one).join("; ")}.`];
}

export function marksKeys(marks: readonly ShownMark[]): readonly Key[] {
  const excluded = marks.some(({ excludes }) => excludes);
  return [
    ...(marks.length === 0 ? [] : [{ shape: "dashes", color: MUTED, text: "marked" } as const]),
    ...(excluded ? [{ shape: "hatch", color: MUTED, text: "excluded" } as const] : []),
  ];
}

/** The marks under the figures, for outputs without a course as well. */
export function marksLine(marks: readonly ShownMark[] | undefined, zone: string): Markup {
  if (marks === undefined || marks.length === 0) return [];
  const one = ({ window, note, excludes }: ShownMark): Markup =>
    h(
      "span",
      { title: windowTitle(window, zone) },
      `${note}, ${windowText(window, zone)}${excludes ? ", excluded" : ""}`,
    );
  return h("p", { class: "m-facts m-marks" }, h("span", {}, "Marked"), ...marks.map(one));
}

interface Frame {
  readonly zone: string;
  /** Of the x axis, on the zone's wall. */
  readonly span: readonly [Date, Date];
  /** Of the drawing in pixels, without margins. */
  readonly width: number;
}

interface Band {
  readonly from: Date;
  readonly to: Date;
  readonly mark: ShownMark;
}

/** A pale band between dashed lines for each mark, hatched where its rows are excluded, its note above. */
export function markBands(plot: PlotModule, marks: readonly ShownMark[], frame: Frame): Drawn {
  if (marks.length === 0) return [];
  const [low, high] = frame.span;
  const bands = marks.map((mark): Band => {
    const [from, to] = mark.window.map((iso) => wallDate(Date.parse(iso), frame.zone)) as [Date, Date];
    return { from: within(from, frame.span), to: within(to, frame.span), mark };
  });
  const edges = bands.flatMap(({ from, to }) => [from, to]).filter((at) => at > low && at < high);
  return [
    plot.rect(bands, { x1: "from", x2: "to", fill: MUTED, fillOpacity: 0.07 }),
    hatched(bands.filter(({ mark }) => mark.excludes).map(({ from, to }) => [from, to] as const)),
    plot.ruleX(edges, { stroke: MUTED, strokeOpacity: 0.6, strokeDasharray: "2 3" }),
    plot.text(labelled(bands, frame), {
      x: "from",
      text: "text",
      frameAnchor: "top",
      textAnchor: "start",
      lineAnchor: "bottom",
      fill: MUTED,
    }),
  ];
}

const within = (at: Date, [low, high]: Frame["span"]): Date =>
  new Date(Math.max(low.getTime(), Math.min(high.getTime(), at.getTime())));

const CHARACTER_WIDTH = 6.5;
const FEWEST_CHARACTERS = 4;

/** Notes cut to the room up to the next one; where there is too little, the pointer still tells it. */
function labelled(bands: readonly Band[], { span, width }: Frame): { readonly from: Date; readonly text: string }[] {
  const perMilli = width / (span[1].getTime() - span[0].getTime() || 1);
  return bands.flatMap(({ from, mark: { note } }, at) => {
    const next = bands[at + 1]?.from ?? span[1];
    const room = Math.floor(((next.getTime() - from.getTime()) * perMilli) / CHARACTER_WIDTH);
    if (note.length <= room) return [{ from, text: note }];
    return room < FEWEST_CHARACTERS ? [] : [{ from, text: `${note.slice(0, room - 1)}…` }];
  });
}
