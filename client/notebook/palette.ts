import { html, type TemplateResult } from "lit";
import { ACTIONS, type Action, type ActionName } from "./actions.ts";

const entries = Object.entries(ACTIONS) as [ActionName, Action][];
const keyText = (keys: readonly string[]): string =>
  keys
    .map((one) =>
      one
        .replace("Mod-", "Ctrl ")
        .replace("Shift-", "Shift ")
        .replace("Alt-", "Alt ")
        .replace("ArrowUp", "↑")
        .replace("ArrowDown", "↓"),
    )
    .join(", ");

/** The actions whose words hold all that was typed, in their order. */
export function findActions(text: string): readonly [ActionName, Action][] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(([, { words: name }]) => words.every((word) => name.toLowerCase().includes(word)));
}

/** A dialog that finds an action by its words (`Ctrl-K`). Resolves with what was chosen, or null. */
export function choosePalette(): Promise<ActionName | null> {
  return openDialog(
    (close, update, state: { text: string; at: number }) => {
      const found = findActions(state.text);
      const at = Math.min(state.at, found.length - 1);
      const press = (event: KeyboardEvent) => {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          event.preventDefault();
          update({ ...state, at: Math.max(0, Math.min(found.length - 1, at + (event.key === "ArrowDown" ? 1 : -1))) });
        } else if (event.key === "Enter") {
          event.preventDefault();
          close(found[at]?.[0] ?? null);
        }
      };
      return html`<input type="search" class="palette-input" autofocus role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant="palette-${at}" aria-label="Find an action" placeholder="What do you want to do?"
        .value=${state.text} @input=${(event: Event) => update({ text: (event.target as HTMLInputElement).value, at: 0 })} @keydown=${press} />
      <ul class="palette" id="palette-list" role="listbox" aria-label="Actions">
        ${found.map(([name, action], i) => html`<li id="palette-${i}" role="option" aria-selected=${i === at} class=${i === at ? "at" : ""} @click=${() => close(name)}><span>${action.words}</span><kbd>${keyText(action.keys)}</kbd></li>`)}
        ${found.length === 0 ? html`<li class="muted">No action has these words.</li>` : ""}
      </ul>`;
    },
    { text: "", at: 0 },
  );
}

/** All keys (`?`). */
export async function showKeys(): Promise<void> {
  await openDialog(
    (close) => html`<h2>Keys</h2>
      <p class="muted">In command mode (press Esc); those with Ctrl, Shift or Alt and Enter work in the editor too.</p>
      <div class="keys">${entries.filter(([, { keys }]) => keys.length > 0).map(([, { words, keys }]) => html`<div><kbd>${keyText(keys)}</kbd><span>${words}</span></div>`)}</div>
      <p class="right"><button class="outlined" autofocus @click=${() => close(null)}>Close</button></p>`,
    null,
  );
}

async function openDialog<State>(
  view: (close: (chosen: ActionName | null) => void, update: (state: State) => void, state: State) => TemplateResult,
  first: State,
): Promise<ActionName | null> {
  const { render } = await import("lit");
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", "Driftbook");
  document.body.append(dialog);
  return new Promise((resolve) => {
    let chosen: ActionName | null = null;
    const close = (name: ActionName | null) => {
      chosen = name;
      dialog.close();
    };
    const update = (state: State): void => {
      render(view(close, update, state), dialog);
    };
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(chosen);
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    update(first);
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[autofocus]")?.focus();
  });
}
