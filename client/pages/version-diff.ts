import { html, nothing, type TemplateResult } from "lit";
import type { VersionDiff } from "../../cells/wire/http-jobs.ts";

const PARTS: readonly (readonly [Exclude<keyof VersionDiff, "from" | "to">, string])[] = [
  ["run", "What runs"],
  ["text", "Cells"],
  ["set", "Input values"],
  ["window", "Window"],
  ["contracts", "Contracts"],
  ["lock", "Packages"],
];

/** What differs between two versions, part by part. */
export function diffView(diff: VersionDiff): TemplateResult {
  const parts = PARTS.filter(([part]) => diff[part].some((line) => /^[+-]/.test(line)));
  if (parts.length === 0) return html`<p class="empty">Version ${diff.from} and version ${diff.to} are the same.</p>`;
  return html`${parts.map(([part, title]) => html`<h3>${title}</h3><pre class="code j-diff" tabindex="0" role="region" aria-label="Changes: ${title}">${diff[part].map((line) => html`<span class=${line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : ""}>${line === "" ? " " : line}</span>`)}</pre>`)}
    ${
      parts.length === PARTS.length
        ? nothing
        : html`<p class="muted small">The same: ${PARTS.filter((part) => !parts.includes(part))
            .map(([, title]) => title.toLowerCase())
            .join(", ")}.</p>`
    }`;
}
