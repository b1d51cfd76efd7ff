import type { JobPlan } from "../../cells/jobs/job-plan.ts";
import { resolveWindow } from "../../cells/time/resolve-window.ts";
import { parseWindow } from "../../cells/time/window.ts";
import type { PromotionPreview } from "../../cells/wire/http-jobs.ts";
import type { Promotion } from "./promotion.ts";
import { runWindow } from "./run-window.ts";

interface Around {
  readonly plan: JobPlan;
  /** The workspace's: in it cells resolve their own windows. */
  readonly zone: string;
  readonly nextTimes: readonly string[];
}

/** What a promotion would freeze, and what its first run would measure. */
export function previewOf(
  { cells, frozen, inputs, ownWindows, matureKpis }: Promotion,
  { plan, zone, nextTimes }: Around,
): Omit<PromotionPreview, "hash" | "sameAs" | "warnings"> {
  const [next] = nextTimes;
  const ownWindow = (id: string): PromotionPreview["cells"][number]["window"] => {
    const text = ownWindows.get(id);
    return text === undefined ? null : { text, resolved: next === undefined ? null : resolvedAt(text, next, zone) };
  };
  return {
    cells: cells.map(({ id, name, kind, source }) => ({ id, name, kind, source, window: ownWindow(id) })),
    inputs: inputs as PromotionPreview["inputs"],
    contracts: frozen.contracts.map(({ stream, hash }) => ({ stream, hash })),
    window: next === undefined ? null : runWindow(frozen, plan, Date.parse(next)),
    matureKpis: [...matureKpis],
    nextTimes: [...nextTimes],
  };
}

/** Null for what only data or an input can tell. */
function resolvedAt(text: string, dueAt: string, zone: string): [start: string, end: string] | null {
  const read = parseWindow(text);
  const resolved = read.ok ? resolveWindow(read.window, { at: dueAt, zone }) : read;
  return resolved.ok ? [resolved.window.start, resolved.window.end] : null;
}
