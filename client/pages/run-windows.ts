import { html, type TemplateResult } from "lit";
import { windowText, windowTitle } from "../../cells/views/time-text.ts";
import type { Job, Run } from "../../cells/wire/http-jobs.ts";

type Window = NonNullable<Run["window"]>;

/** What a run measured: its cells' windows, which may be their own; before it measured, the window it was asked for. */
export function windowsOf({ measured, window }: Pick<Run, "measured" | "window">, zone: string): TemplateResult {
  const [first = window, ...more] = measured;
  if (first === null) return html`<span class="muted">–</span>`;
  const title = [
    ...measured.map((one) => windowTitle(one, zone)),
    ...(window === null || measured.length === 0 || measured.some((one) => same(one, window))
      ? []
      : [`asked for ${windowTitle(window, zone)}`]),
  ].join("\n");
  const rest = more.length === 0 ? "" : ` and ${more.length} more`;
  return html`<span title=${title === "" ? (windowTitle(first, zone) ?? "") : title}>${windowText(first, zone)}${rest}</span>`;
}

/** Whether cells of its last run measured windows that they state themselves, so that the job's has no effect on them. */
export function ownWindows(
  { lastRun, version }: Pick<Job, "lastRun" | "version">,
  asked: string | null,
): "all" | "some" | "none" {
  // Which units are mature only a cell can tell: it resolves such a window itself.
  if (
    lastRun === null ||
    lastRun.version !== version ||
    lastRun.window === null ||
    asked?.startsWith("mature ") === true
  )
    return "none";
  const { measured, window } = lastRun;
  const own = measured.filter((one) => !same(one, window));
  if (own.length === 0) return "none";
  return own.length === measured.length ? "all" : "some";
}

const same = (a: Window, b: Window): boolean => a[0] === b[0] && a[1] === b[1];
