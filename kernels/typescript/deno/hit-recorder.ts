import type { HitMark, Hits } from "../../../cells/charts/hits.ts";

const MOST_POINTS = 5000;
/** Marks that show data; axes, rules, frames and texts answer no pointer. */
const DATA_MARKS = new Set([
  "line",
  "area",
  "dot",
  "bar",
  "rect",
  "cell",
  "tick",
  "vector",
  "hexagon",
  "image",
  "waffle",
]);

interface Scales {
  readonly [name: string]: { (value: unknown): number; bandwidth?(): number; label?: unknown } | undefined;
}
interface Channel {
  readonly value: ArrayLike<unknown>;
  readonly label?: unknown;
  readonly scale?: unknown;
}
type Values = Readonly<Record<string, ArrayLike<number> | undefined>> & {
  readonly channels?: Readonly<Record<string, Channel>>;
};
type Index = ArrayLike<number> & Iterable<number> & { readonly fx?: unknown; readonly fy?: unknown };
interface Dimensions {
  readonly marginLeft: number;
  readonly marginTop: number;
}
interface Mark {
  readonly ariaLabel?: string;
  readonly fill?: string;
  readonly stroke?: string;
  readonly tip?: unknown;
  render(index: Index, scales: Scales, values: Values, dimensions: Dimensions, context: unknown): unknown;
}

/** Watches marks while Plot renders them, and notes where their points come to lie. */
export class HitRecorder {
  readonly #marks: HitMark[] = [];
  #points = 0;
  #cut = false;

  /** The same mark, watched; anything else as it is. */
  watch(mark: unknown): unknown {
    if (typeof mark !== "object" || mark === null || typeof (mark as Mark).render !== "function") return mark;
    const recorder = this;
    return Object.create(mark, {
      // Plot's own tips want a pointer that is not here; the page draws them from the table.
      tip: { value: null },
      render: {
        value: function render(
          this: Mark,
          index: Index,
          scales: Scales,
          values: Values,
          dimensions: Dimensions,
          context: unknown,
        ): unknown {
          recorder.#note(mark as Mark, index, scales, values, dimensions);
          return (mark as Mark).render.call(this, index, scales, values, dimensions, context);
        },
      },
    });
  }

  hits(): Hits {
    return { marks: this.#marks, cut: this.#cut };
  }

  #note(mark: Mark, index: Index, scales: Scales, values: Values, dimensions: Dimensions): void {
    const kind = mark.ariaLabel ?? "";
    if (!DATA_MARKS.has(kind)) return;
    const xOf = position(values, scales, "x");
    const yOf = position(values, scales, "y");
    if (xOf === null && yOf === null) return;
    const offsetX = facetOffset(scales.fx, index.fx, dimensions.marginLeft);
    const offsetY = facetOffset(scales.fy, index.fy, dimensions.marginTop);
    const channels = tipChannels(values.channels ?? {}, scales);
    const hit: HitMark = {
      mark: kind,
      channels: channels.map(({ name, label }) => ({ name, label })),
      x: [],
      y: [],
      by: axisOf(kind, values),
      values: [],
      colors: [],
    };
    for (const i of flatIndex(index)) {
      const x = (xOf?.(i) ?? 0) + offsetX;
      const y = (yOf?.(i) ?? 0) + offsetY;
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      if (this.#points >= MOST_POINTS) {
        this.#cut = true;
        break;
      }
      this.#points += 1;
      hit.x.push(Math.round(x * 10) / 10);
      hit.y.push(Math.round(y * 10) / 10);
      hit.values.push(channels.map(({ textAt }) => textAt(i)));
      hit.colors.push(colorAt(values, mark, i));
    }
    if (hit.x.length > 0) this.#marks.push(hit);
  }
}

/** Lines and areas come as one index of all points, or as an index of series. */
function* flatIndex(index: Index): Generator<number> {
  for (const one of index as Iterable<number | Iterable<number>>) {
    if (typeof one === "number") yield one;
    else yield* one;
  }
}

function position(values: Values, scales: Scales, axis: "x" | "y"): ((i: number) => number) | null {
  const [single, first, second] = [values[axis], values[`${axis}1`], values[`${axis}2`]];
  const band = scales[axis]?.bandwidth?.() ?? 0;
  if (first !== undefined && second !== undefined)
    // Upright bars and areas are found at their upper end, others in their middle.
    return axis === "y" ? (i) => Math.min(first[i]!, second[i]!) : (i) => (first[i]! + second[i]!) / 2;
  const chosen = single ?? second ?? first;
  return chosen === undefined ? null : (i) => chosen[i]! + band / 2;
}

function facetOffset(scale: Scales[string], value: unknown, margin: number): number {
  return scale === undefined || value === undefined ? 0 : scale(value) - margin;
}

function axisOf(kind: string, values: Values): HitMark["by"] {
  if (kind === "line" || kind === "area")
    return values.x1 !== undefined && values.x2 !== undefined && values.y !== undefined ? "y" : "x";
  if (kind === "bar" || kind === "rect") return values.x1 !== undefined && values.y1 === undefined ? "y" : "x";
  return "both";
}

interface TipChannel {
  readonly name: string;
  readonly label: string;
  readonly textAt: (i: number) => string;
}

const LISTED = ["title", "x", "y", "x1", "x2", "y1", "y2", "fill", "stroke", "r", "z", "text"];

function tipChannels(channels: Readonly<Record<string, Channel>>, scales: Scales): TipChannel[] {
  const seen = new Set<string>();
  return LISTED.flatMap((name) => {
    const channel = channels[name];
    if (channel === undefined) return [];
    const other = name === "y1" ? channels.y2 : name === "x1" ? channels.x2 : undefined;
    // The far end tells the value; the near one is the base line, or the stack below.
    if (other !== undefined) return [];
    const base = name === "y2" ? channels.y1 : name === "x2" ? channels.x1 : undefined;
    const axis = name.replace(/\d$/, "");
    const named = [channel.label, scales[axis]?.label].find((one) => typeof one === "string") ?? axis;
    const label = named.replace(/^[←↑↓→]\s*|\s*[←↑↓→]$/g, "");
    if (seen.has(label)) return [];
    seen.add(label);
    return [{ name, label, textAt: (i) => valueText(channel.value[i], base?.value[i]) }];
  });
}

const numbers = new Intl.NumberFormat("en", { maximumSignificantDigits: 5 });

function valueText(value: unknown, base: unknown): string {
  if (value instanceof Date) {
    const iso = value.toISOString();
    return iso.endsWith("T00:00:00.000Z") ? iso.slice(0, 10) : `${iso.slice(0, 16).replace("T", " ")} UTC`;
  }
  if (typeof value === "number") return numbers.format(typeof base === "number" ? value - base : value);
  return value === null || value === undefined ? "–" : String(value);
}

function colorAt(values: Values, mark: Mark, i: number): string | null {
  const color = values.stroke?.[i] ?? values.fill?.[i] ?? mark.stroke ?? mark.fill;
  return typeof color === "string" && color !== "none" ? color : null;
}
