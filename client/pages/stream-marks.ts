import { html, nothing, type TemplateResult } from "lit";
import type { Mark } from "../../cells/monitoring/mark.ts";
import { windowText, windowTitle } from "../../cells/views/time-text.ts";
import type { MarkList } from "../../cells/wire/http-marks.ts";
import { moment } from "../format.ts";

export interface MarkWish {
  readonly window: string;
  readonly note: string;
  readonly excludes: boolean;
}

interface Actions {
  /** Resolves to whether it was made. */
  readonly make: (wish: MarkWish) => Promise<boolean>;
  readonly remove: (mark: Mark) => void;
}

/** Dated notes on the stream: what there is, and a form for one more. */
export function marksSection({ zone, marks }: MarkList, { make, remove }: Actions): TemplateResult {
  return html`<section class="section"><header><h2>Marks</h2></header>
    ${
      marks.length === 0
        ? html`<p class="empty">No marks yet. Note here what charts should show, such as an outage or a fraud attack.</p>`
        : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Window</th><th scope="col">Note</th><th scope="col">Excluded</th><th scope="col">Made</th><th></th></tr></thead>
      <tbody>${marks.map((one) => row(one, zone, remove))}</tbody></table></div>`
    }
    <form @submit=${(event: SubmitEvent) => void submitted(event, make)} style="display:flex;gap:8px;flex-wrap:wrap;align-items:end;margin:8px 0">
      <label class="small">Window<br /><input type="text" name="window" required maxlength="200" placeholder="2026-03-05/2026-03-12" size="24" /></label>
      <label class="small">Note<br /><input type="text" name="note" required maxlength="200" placeholder="outage" size="32" /></label>
      <label class="small" style="display:flex;gap:4px;align-items:center;min-height:28px"><input type="checkbox" name="excludes" />Exclude from references and KPIs</label>
      <button class="primary">Add mark</button>
    </form>
    <p class="muted small">Charts show marks on runs from now on; days are those of ${zone}. An earlier as-of still sees a mark that was removed later.</p>
  </section>`;
}

function row(mark: Mark, zone: string, remove: Actions["remove"]): TemplateResult {
  const { window, note, excludes, madeAt, by } = mark;
  const pair = [window.start, window.end] as const;
  return html`<tr><td title=${windowTitle(pair, zone) ?? nothing}>${windowText(pair, zone)}</td><td>${note}</td><td>${excludes ? "yes" : html`<span class="muted">no</span>`}</td><td class="muted" title=${`${madeAt} by ${by}`}>${moment(madeAt, zone)}</td>
    <td><button class="danger" @click=${() => remove(mark)}>Remove</button></td></tr>`;
}

async function submitted(event: SubmitEvent, make: Actions["make"]): Promise<void> {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? "").trim();
  const made = await make({ window: text("window"), note: text("note"), excludes: data.has("excludes") });
  if (made) form.reset();
}
