/** Every action of a notebook, with its words and keys. The palette lists them, the key map finds them, `?` shows them. */
export type ActionName =
  | "run"
  | "run-next"
  | "run-insert"
  | "run-all"
  | "run-stale"
  | "interrupt"
  | "restart"
  | "edit"
  | "leave"
  | "next"
  | "previous"
  | "insert-above"
  | "insert-below"
  | "delete"
  | "restore"
  | "copy"
  | "cut"
  | "paste"
  | "to-prose"
  | "to-ts"
  | "to-sql"
  | "to-input"
  | "to-drift"
  | "to-kpi"
  | "to-check"
  | "toggle-output"
  | "toggle-code"
  | "move-up"
  | "move-down"
  | "save"
  | "refresh"
  | "mode"
  | "palette"
  | "help"
  | "sidebar"
  | "theme"
  | "clear-outputs"
  | "promote"
  | "promote-notebook"
  | "publish"
  | "home";

export interface Action {
  readonly words: string;
  /** Keys in command mode; a space parts two presses. `Mod-` is Ctrl, or Cmd on a Mac, and works everywhere. */
  readonly keys: readonly string[];
}

export const ACTIONS: Readonly<Record<ActionName, Action>> = {
  run: { words: "Run the cell", keys: ["Mod-Enter"] },
  "run-next": { words: "Run the cell and go to the next", keys: ["Shift-Enter"] },
  "run-insert": { words: "Run the cell and insert one below", keys: ["Alt-Enter"] },
  "run-all": { words: "Run all cells", keys: [] },
  "run-stale": { words: "Run stale cells", keys: [] },
  interrupt: { words: "Interrupt", keys: ["i i"] },
  restart: { words: "Restart kernel and engine", keys: ["0 0"] },
  edit: { words: "Edit the cell", keys: ["Enter"] },
  leave: { words: "Leave the editor", keys: ["Escape"] },
  next: { words: "Next cell", keys: ["j", "ArrowDown"] },
  previous: { words: "Previous cell", keys: ["k", "ArrowUp"] },
  "insert-above": { words: "Insert a cell above", keys: ["a"] },
  "insert-below": { words: "Insert a cell below", keys: ["b"] },
  delete: { words: "Delete the cell", keys: ["d d"] },
  restore: { words: "Bring back the last deleted cell", keys: ["z"] },
  copy: { words: "Copy the cell", keys: ["c"] },
  cut: { words: "Cut the cell", keys: ["x"] },
  paste: { words: "Paste the cell below", keys: ["v"] },
  "to-prose": { words: "Make it prose", keys: ["m"] },
  "to-ts": { words: "Make it TypeScript", keys: ["y"] },
  "to-sql": { words: "Make it SQL", keys: ["q"] },
  "to-input": { words: "Make it an input", keys: [] },
  "to-drift": { words: "Make it a drift cell", keys: [] },
  "to-kpi": { words: "Make it a KPI cell", keys: [] },
  "to-check": { words: "Make it a check", keys: [] },
  "toggle-output": { words: "Show or hide the output", keys: ["o"] },
  "toggle-code": { words: "Show or hide the code", keys: [] },
  "move-up": { words: "Move the cell up", keys: ["Shift-ArrowUp"] },
  "move-down": { words: "Move the cell down", keys: ["Shift-ArrowDown"] },
  save: { words: "Save now", keys: ["Mod-s"] },
  refresh: { words: "Refresh: take the newest data", keys: [] },
  mode: { words: "Automatic or manual", keys: [] },
  palette: { words: "Find an action", keys: ["Mod-k"] },
  help: { words: "Show all keys", keys: ["?"] },
  sidebar: { words: "Show or hide the sidebar", keys: [] },
  theme: { words: "Change the colours", keys: [] },
  "clear-outputs": { words: "Clear all outputs", keys: [] },
  promote: { words: "Promote the cell to a job…", keys: [] },
  "promote-notebook": { words: "Promote the whole notebook to a job…", keys: [] },
  publish: { words: "Publish as a report…", keys: [] },
  home: { words: "Go home", keys: [] },
};

/** How one press is called: `Shift-` only where the key alone does not tell. */
export function pressName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const modifiers = `${event.ctrlKey || event.metaKey ? "Mod-" : ""}${event.altKey ? "Alt-" : ""}${event.shiftKey && event.key.length > 1 ? "Shift-" : ""}`;
  return modifiers + key;
}

const TWICE_WITHIN_MILLIS = 800;

/** Presses to actions, with those that want two presses. */
export class KeyMap {
  readonly #byKeys = new Map<string, ActionName>();
  #before: { readonly name: string; readonly atMillis: number } | null = null;

  constructor() {
    for (const [name, { keys }] of Object.entries(ACTIONS) as [ActionName, Action][])
      for (const one of keys) this.#byKeys.set(one, name);
  }

  /** The action of this press; null when there is none, or when it begins a pair. */
  press(name: string, atMillis: number): ActionName | null {
    const before = this.#before;
    this.#before = null;
    if (before !== null && atMillis - before.atMillis <= TWICE_WITHIN_MILLIS) {
      const pair = this.#byKeys.get(`${before.name} ${name}`);
      if (pair !== undefined) return pair;
    }
    const alone = this.#byKeys.get(name);
    if (alone !== undefined) return alone;
    this.#before = { name, atMillis };
    return null;
  }
}
