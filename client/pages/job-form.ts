import { html, nothing, render, type TemplateResult } from "lit";
import { ApiError } from "../api.ts";

interface Wanted {
  readonly title: string;
  readonly about: string;
  readonly fields: TemplateResult;
  /** On the button: what will happen. */
  readonly act: string;
  /** What it does; a refusal is shown and the form stays. */
  readonly submit: (data: FormData) => Promise<void>;
}

/** A small form over the page. Resolves to whether it was done; Esc, Cancel and a click outside leave all as it was. */
export function openForm({ title, about, fields, act, submit }: Wanted): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", title);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let isDone = false;
    const draw = (problem: string | null, isBusy: boolean): void => {
      render(
        html`<form class="j-form" @submit=${send}><h2>${title}</h2><p class="muted">${about}</p>
          ${fields}
          ${problem === null ? nothing : html`<p class="notice fail" role="alert">${fieldOf(problem)?.sentence ?? problem}</p>`}
          <p class="j-form-end"><button type="button" class="outlined" @click=${() => dialog.close()}>Cancel</button><button class="primary" ?disabled=${isBusy}>${act}</button></p></form>`,
        dialog,
      );
    };
    const send = async (event: SubmitEvent): Promise<void> => {
      event.preventDefault();
      const data = new FormData(event.target as HTMLFormElement);
      draw(null, true);
      try {
        await submit(data);
        isDone = true;
        dialog.close();
      } catch (error) {
        draw(problemText(error), false);
      }
    };
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(isDone);
    });
    dialog.addEventListener("mousedown", (event) => event.target === dialog && dialog.close());
    draw(null, false);
    dialog.showModal();
  });
}

/** A refusal's field, where it names one: `body.spec.alert.after: "x" is …` is about the field `after`. */
export function fieldOf(problem: string): { readonly field: string; readonly sentence: string } | null {
  const found = /^body\.(?:spec\.)?(?:alert\.)?([a-z_]+)[a-z_.0-9]*: (.*)$/s.exec(problem);
  return found === null ? null : { field: found[1]!, sentence: found[2]! };
}

/** Below a field: what is wrong with it. */
export function fieldHint(problem: string | null, field: string): TemplateResult | typeof nothing {
  const about = problem === null ? null : fieldOf(problem);
  return about?.field === field
    ? html`<span class="j-hint verdict-fail" role="alert">× ${about.sentence}</span>`
    : nothing;
}

/** The sentence, and what would be right. */
export function problemText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof ApiError && error.hint !== null ? `${message} ${error.hint}` : message;
}
