import { windowKey } from "../results/measured-windows.ts";
import { windowText, windowTitle } from "../views/time-text.ts";
import type { Revision } from "../wire/http-reports.ts";

type Measured = Pick<Revision, "window" | "measured">;

/** The window that a revision's measurements share, or each with its cell; the run's own where nothing measured. */
export function measuredText({ window, measured }: Measured, zone: string): string {
  const shared = sharedWindow({ window, measured });
  if (shared !== undefined)
    return shared === null && measured.length === 0 ? "as each part says" : windowText(shared, zone);
  return `each cell its own: ${measured.map((one) => `${one.cell} ${windowText(one.window, zone)}`).join("; ")}`;
}

/** For hovering; empty where there is no one window. */
export const measuredTitle = (measured: Measured, zone: string): string =>
  windowTitle(sharedWindow(measured) ?? null, zone) ?? "";

/** Undefined where they differ. */
function sharedWindow({ window, measured }: Measured): Revision["window"] | undefined {
  const [first] = measured;
  if (first === undefined) return window;
  return measured.every((one) => windowKey(one.window) === windowKey(first.window)) ? first.window : undefined;
}
