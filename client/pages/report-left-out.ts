import { html, nothing, render } from "lit";
import { leftOutHead } from "../../cells/page/left-out-head.ts";
import type { ReportPreview } from "../../cells/wire/http-reports.ts";
import { ask } from "../api.ts";
import { problemText } from "./job-form.ts";
import "../styles/reports.css";

interface Wish {
  readonly notebook?: string;
  readonly job?: string;
  readonly run?: string;
}

/** Says in a form, before it is sent, what readers will not see. `change` asks again with what is chosen then. */
export function leftOutNotice(wish: Wish): {
  readonly node: HTMLElement;
  readonly change: (form: HTMLFormElement) => void;
} {
  const node = document.createElement("div");
  node.className = "j-left-out";
  node.setAttribute("role", "status");
  let newest = 0;
  const look = async (choices: {
    readonly personal: boolean;
    readonly tables: "all" | "aggregates";
  }): Promise<void> => {
    const asked = ++newest;
    try {
      const preview = await ask<ReportPreview>("/api/reports/preview", {
        method: "POST",
        json: { ...wish, ...choices },
      });
      // An answer to what was chosen before says nothing of what is chosen now.
      if (asked === newest) render(previewView(preview), node);
    } catch (error) {
      if (asked === newest)
        render(html`<p class="muted">What will be left out cannot be told yet: ${problemText(error)}</p>`, node);
    }
  };
  render(html`<p class="muted">Looking at what will be left out…</p>`, node);
  void look({ personal: false, tables: "aggregates" });
  return {
    node,
    change: (form) => {
      const data = new FormData(form);
      void look({ personal: data.has("personal"), tables: data.has("rows") ? "all" : "aggregates" });
    },
  };
}

const previewView = (preview: ReportPreview) =>
  html`${preview.cautions.map((caution) => html`<p class="notice warn">▲ ${caution}</p>`)}<p class="muted">${leftOutHead(preview)}</p>${
    preview.leftOut.length === 0
      ? nothing
      : html`<details><summary>Which and why</summary><ul>${preview.leftOut.map(
          ({ sentence, remedy }) => html`<li>${sentence} ${remedy}</li>`,
        )}</ul></details>`
  }`;
