import { acceptGivenValue } from "../kinds/input/accept-input-value.ts";
import { isFresh } from "../session/cell-status.ts";
import { inputSpecOf } from "../session/input-value.ts";
import type { SessionState } from "../session/state.ts";

/** What a notebook is published with. */
export interface Asked {
  /** The notebook's own if absent. */
  readonly window?: string | undefined;
  /** Now if absent: newer rows have the same columns. */
  readonly asOf?: string | undefined;
  readonly set: Readonly<Record<string, unknown>>;
}

/**
 * The runs of a session that tell what a run asked for so would give: those that ended well, over what it would be
 * over. A run that failed, or was of another text, window or input, tells nothing.
 */
export function runsThatTell(state: SessionState, asked: Asked): SessionState["runs"] {
  const window = asked.window ?? state.document.frontMatter.window;
  const wished: SessionState = {
    ...state,
    asOf: asked.asOf === undefined ? state.asOf : instantOf(asked.asOf),
    window: window === state.window.text ? state.window : { text: window, resolved: null },
    inputs: inputsOf(state, asked.set),
  };
  return Object.fromEntries(Object.entries(state.runs).filter(([id]) => isFresh(wished, id)));
}

/** A run of its own begins with every input at its default. */
function inputsOf({ document }: SessionState, set: Asked["set"]): SessionState["inputs"] {
  return Object.fromEntries(
    document.cells.flatMap((cell) => {
      const spec = cell.kind === "input" ? inputSpecOf(cell) : null;
      if (spec === null || cell.name === null || !Object.hasOwn(set, cell.name)) return [];
      const accepted = acceptGivenValue(spec, set[cell.name]);
      return [[cell.id, accepted.ok ? accepted.value : set[cell.name]]];
    }),
  );
}

/** As sessions write it; what is no time is that of no run. */
function instantOf(text: string): string {
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? text : new Date(millis).toISOString();
}
