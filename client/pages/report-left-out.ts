import { html, nothing, render, type TemplateResult } from "lit";
import { leftOutHead } from "../../cells/page/left-out-head.ts";
import type { ReportChoices, ReportPreview, ReportWish } from "../../cells/wire/http-reports.ts";
import { ask } from "../api.ts";
import { problemText } from "./job-form.ts";
import { inputsOf, variantsOf } from "./report-words.ts";
import "../styles/reports.css";

interface Source {
  readonly notebook?: string;
  readonly job?: string;
}
type Chosen = Pick<ReportChoices, "tables" | "personal"> &
  Pick<ReportWish, "window" | "asOf" | "set" | "variants" | "run">;

/** What is chosen in a form that holds a notice, as a preview and a publication ask for it. */
export function chosenOf(data: FormData): Chosen {
  const text = (name: string): string | undefined => String(data.get(name) ?? "").trim() || undefined;
  const run = text("run");
  const tables = data.getAll("table").map(String);
  return {
    ...{ window: text("window"), asOf: text("asOf") },
    set: inputsOf(text("set") ?? "") as NonNullable<ReportWish["set"]>,
    variants: variantsOf(text("variants") ?? ""),
    personal: data.has("personal"),
    tables: data.has("rows") ? "all" : tables.length > 0 ? tables : "aggregates",
    ...(run === undefined ? {} : { run }),
  };
}

/**
 * Says in a form, before it is sent, what readers will not see, and offers the tables of single rows one by one.
 * `change` asks again with what is chosen then.
 */
export function leftOutNotice(
  source: Source,
  first: Chosen,
): {
  readonly node: HTMLElement;
  readonly tables: HTMLElement;
  readonly change: (form: HTMLFormElement) => void;
} {
  const node = document.createElement("div");
  node.className = "j-left-out";
  node.setAttribute("role", "status");
  const tables = document.createElement("div");
  let newest = 0;
  const look = async (choose: () => Chosen): Promise<void> => {
    const asked = ++newest;
    try {
      const chosen = choose();
      const shown = chosen.tables;
      const preview = await ask<ReportPreview>("/api/reports/preview", {
        method: "POST",
        json: { ...source, ...chosen },
      });
      // An answer to what was chosen before says nothing of what is chosen now.
      if (asked !== newest) return;
      render(previewView(preview), node);
      render(tablesView(preview.tables, shown), tables);
    } catch (error) {
      if (asked === newest)
        render(html`<p class="muted">What will be left out cannot be told yet: ${problemText(error)}</p>`, node);
    }
  };
  render(html`<p class="muted">Looking at what will be left out…</p>`, node);
  void look(() => first);
  return { node, tables, change: (form) => void look(() => chosenOf(new FormData(form))) };
}

const previewView = (preview: ReportPreview): TemplateResult =>
  html`${preview.cautions.map((caution) => html`<p class="notice warn">▲ ${caution}</p>`)}<p class="muted">${leftOutHead(preview)}</p>${
    preview.leftOut.length === 0
      ? nothing
      : html`<details><summary>Which and why</summary><ul>${preview.leftOut.map(
          ({ sentence, remedy }) => html`<li>${sentence} ${remedy}</li>`,
        )}</ul></details>`
  }`;

/** With all of them chosen there is nothing to choose. */
function tablesView(names: readonly string[], shown: Chosen["tables"]): TemplateResult | typeof nothing {
  if (names.length === 0) return nothing;
  return html`<fieldset class="j-group" ?disabled=${shown === "all"}><legend>Of the tables of single rows, show</legend><div class="j-checks">${names.map(
    (name) =>
      html`<label class="j-check"><input type="checkbox" name="table" value=${name} ?checked=${shown !== "aggregates" && shown !== "all" && shown.includes(name)} /><span class="mono">${name}</span></label>`,
  )}</div></fieldset>`;
}
