import { html, type TemplateResult } from "lit";
import { windowText, windowTitle } from "../../cells/views/time-text.ts";
import type { Run } from "../../cells/wire/http-jobs.ts";

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

const same = (a: Window, b: Window): boolean => a[0] === b[0] && a[1] === b[1];
