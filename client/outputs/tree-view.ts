import { html, nothing, type TemplateResult } from "lit";
import type { Tree } from "../../cells/results/display.ts";

/** A value to fold open: leaves as text, groups as `<details>`. */
export function treeView(tree: Tree, name: string | null = null): TemplateResult {
  const key = name === null ? nothing : html`<span class="tree-key">${name}: </span>`;
  if (tree.type === "leaf")
    return html`<div class="tree mono">${key}<span class="tree-${tree.kind}">${tree.text}</span></div>`;
  const close = tree.open === "[" ? "]" : "}";
  const brief = tree.entries
    .slice(0, 5)
    .map(([entry, value]) => (tree.open === "[" ? short(value) : `${entry}: ${short(value)}`))
    .join(", ");
  const more = tree.entries.length + tree.more > 5 ? ", …" : "";
  return html`<details class="tree mono" ?open=${name === null && tree.entries.length <= 12}>
    <summary>${key}${tree.label === "" ? nothing : html`<span class="tree-label">${tree.label} </span>`}<span class="muted">${tree.open}${brief}${more}${close}</span></summary>
    ${tree.entries.map(([entry, value]) => treeView(value, entry))}
    ${tree.more > 0 ? html`<div class="muted">… ${tree.more} more</div>` : nothing}
  </details>`;
}

const short = (tree: Tree): string => (tree.type === "leaf" ? tree.text.slice(0, 40) : tree.label || `${tree.open}…`);
