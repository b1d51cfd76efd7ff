import { resolveWindow } from "../../cells/time/resolve-window.ts";
import { parseWindow } from "../../cells/time/window.ts";

interface History {
  /** Where its decisions begin. */
  readonly beginMillis: number;
  /** After which labels are complete. */
  readonly maturityMillis: number;
  readonly zone: string;
}

/** The due times, ascending, from the first on at which all of a window like `mature 4 weeks` is there and mature. */
export function measurableFrom(
  times: readonly number[],
  window: string | undefined,
  { beginMillis, maturityMillis, zone }: History,
): readonly number[] {
  const read = window === undefined ? null : parseWindow(window);
  if (read?.ok !== true || read.window.type !== "mature") return times;
  const { count, unit } = read.window;
  const first = times.findIndex((time) => {
    const at = new Date(time - maturityMillis).toISOString();
    const whole = resolveWindow({ type: "previous", count, unit }, { at, zone });
    return whole.ok && Date.parse(whole.window.start) >= beginMillis;
  });
  return first < 0 ? [] : times.slice(first);
}
