import { newCellId } from "../../cells/document/cell-id.ts";
import { isCellName } from "../../cells/document/cell-name.ts";
import { type Cell, findCell } from "../../cells/document/document.ts";
import { isAttributeKey } from "../../cells/document/edit-document.ts";
import { KINDS } from "../../cells/kinds/kinds.ts";
import { cellStatus, isStatic } from "../../cells/session/cell-status.ts";
import type { Operation } from "../../cells/session/operation.ts";
import type { SessionState } from "../../cells/session/state.ts";
import { changesFit } from "../../cells/session/text-changes.ts";
import type { ClientMessage } from "../../cells/wire/socket.ts";
import type { TextHistory } from "./text-history.ts";

/** What a client asks of the session: all messages but those that its connection answers. */
export type SessionRequest = Exclude<ClientMessage, { type: "hello" | "resize" | "rows" | "summarise" | "pong" }>;

/** A request that cannot be met; the message is a sentence for the user. */
export class RequestRefused extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = "RequestRefused";
    this.hint = hint;
  }
}

export interface RequestContext {
  readonly state: () => SessionState;
  readonly dispatch: (operation: Operation) => void;
  readonly texts: TextHistory;
  readonly now: () => string;
  readonly random: () => number;
  /** @throws RequestRefused for a notation that is none. */
  readonly resolveWindow: (window: string | null) => SessionState["window"]["resolved"];
  readonly refresh: (asOf: string | null) => Promise<void>;
  readonly save: () => Promise<void>;
  /** The text of the input with this value as its default. @throws RequestRefused when the value does not fit it. */
  readonly withDefault: (cell: Cell, value: unknown) => string;
  /** The value as the input takes it. @throws RequestRefused when it does not. */
  readonly acceptInput: (cell: Cell, value: unknown) => unknown;
}

type Handler<Type extends SessionRequest["type"]> = (
  context: RequestContext,
  request: Extract<SessionRequest, { readonly type: Type }>,
  client: string,
) => Promise<{ readonly cell?: string }> | { readonly cell?: string };

const DONE = {};
const OLD_TEXT = "The text changed too much meanwhile; take the present text and type again.";

export const REQUESTS: { readonly [Type in SessionRequest["type"]]: Handler<Type> } = {
  insert: ({ state, dispatch, random }, { cell, index }) => {
    const { cells } = state().document;
    const known = [...cells.map(({ id }) => id), ...state().trash.map((deleted) => deleted.cell.id)];
    // A named cell's name is its id in the file; the id it gets here holds for this session.
    let id = cell.id ?? newCellId(random);
    while (known.includes(id)) id = newCellId(random);
    if (cell.name !== null) checkName(cell.name);
    const source = cell.source.replaceAll("\r\n", "\n");
    dispatch({
      type: "cell-inserted",
      cell: { ...cell, id, source },
      index: Math.min(Math.max(index, 0), cells.length),
    });
    return { cell: id };
  },

  delete: ({ state, dispatch }, { cell }) => {
    need(state(), cell);
    dispatch({ type: "cell-deleted", cell });
    return DONE;
  },

  restore: ({ state, dispatch }, { cell }) => {
    if (!state().trash.some((deleted) => deleted.cell.id === cell))
      throw new RequestRefused(`The cell "${cell}" is not among the deleted ones.`);
    dispatch({ type: "cell-restored", cell });
    return DONE;
  },

  move: ({ state, dispatch }, { cell, index }) => {
    need(state(), cell);
    dispatch({ type: "cell-moved", cell, index: Math.min(Math.max(index, 0), state().document.cells.length - 1) });
    return DONE;
  },

  edit: (context, { cell: id, base, changes }, client) => {
    const cell = need(context.state(), id);
    edit(context, cell, base, changes, client);
    return DONE;
  },

  rename: ({ state, dispatch }, { cell, name }) => {
    need(state(), cell);
    if (name !== null) checkName(name);
    dispatch({ type: "cell-renamed", cell, name });
    return DONE;
  },

  "set-kind": ({ state, dispatch }, { cell, kind }) => {
    need(state(), cell);
    dispatch({ type: "cell-kind-set", cell, kind });
    return DONE;
  },

  "set-attribute": ({ state, dispatch }, { cell, key, value }) => {
    need(state(), cell);
    if (!isAttributeKey(key))
      throw new RequestRefused(`Cannot set the attribute "${key}": expected a word without spaces, quotes or =.`);
    dispatch({ type: "cell-attribute-set", cell, key, value });
    return DONE;
  },

  "set-title": ({ dispatch }, { title }) => {
    dispatch({ type: "title-set", title });
    return DONE;
  },

  "set-mode": ({ dispatch }, { mode }) => {
    dispatch({ type: "mode-set", mode });
    return DONE;
  },

  "set-window": ({ dispatch, resolveWindow }, { window }) => {
    dispatch({ type: "window-set", window, resolved: resolveWindow(window) });
    return DONE;
  },

  run: ({ state, dispatch, now }, { cells }, client) => {
    dispatch({
      type: "run-requested",
      cells: cellsToRun(state(), cells),
      force: cells !== "stale",
      by: client,
      at: now(),
    });
    return DONE;
  },

  interrupt: ({ dispatch }, _request, client) => {
    dispatch({ type: "interrupt-requested", by: client });
    return DONE;
  },

  restart: ({ dispatch }, _request, client) => {
    dispatch({ type: "restart-requested", by: client });
    return DONE;
  },

  refresh: async ({ refresh }, { asOf }) => {
    await refresh(asOf);
    return DONE;
  },

  "move-input": ({ state, dispatch, acceptInput }, { cell: id, value }, client) => {
    const cell = needInput(state(), id);
    dispatch({ type: "input-moved", cell: id, value: acceptInput(cell, value) as never, by: client });
    return DONE;
  },

  "keep-as-default": (context, { cell: id }, client) => {
    const state = context.state();
    const cell = needInput(state, id);
    if (!Object.hasOwn(state.inputs, id)) return DONE;
    const text = context.withDefault(cell, state.inputs[id]);
    const changes = [{ from: 0, to: cell.source.length, insert: text }];
    edit(context, cell, state.revisions[id] ?? 0, changes, client);
    return DONE;
  },

  "clear-outputs": ({ dispatch }, { cells }) => {
    dispatch({ type: "outputs-cleared", cells });
    return DONE;
  },

  save: async ({ save }) => {
    await save();
    return DONE;
  },
};

/** Ids for "all", "stale", or what was asked for. */
export function cellsToRun(state: SessionState, asked: readonly string[] | "all" | "stale"): string[] {
  if (asked !== "all" && asked !== "stale") return [...asked];
  const cells = state.document.cells.filter((cell) => !isStatic(cell));
  if (asked === "all") return cells.map(({ id }) => id);
  const waiting: ReadonlySet<string> = new Set(["stale", "never", "failed", "blocked"]);
  return cells.filter(({ id }) => waiting.has(cellStatus(state, id).state)).map(({ id }) => id);
}

function edit(
  { state, dispatch, texts }: RequestContext,
  cell: Cell,
  base: number,
  changes: Extract<SessionRequest, { type: "edit" }>["changes"],
  origin: string,
): void {
  const present = state().revisions[cell.id] ?? 0;
  const unix = changes.map((change) => ({ ...change, insert: change.insert.replaceAll("\r\n", "\n") }));
  const rebased = texts.upToDate(cell.id, base, present, unix);
  if (rebased === null || !changesFit(cell.source.length, rebased))
    throw new RequestRefused(
      `The edit of "${cell.id}" is based on revision ${base}, and ${present} is reached.`,
      OLD_TEXT,
    );
  texts.add(cell.id, present + 1, rebased);
  dispatch({ type: "cell-edited", cell: cell.id, revision: present + 1, changes: [...rebased], origin });
}

function need(state: SessionState, id: string): Cell {
  const cell = findCell(state.document, id);
  if (cell === undefined) throw new RequestRefused(`There is no cell "${id}" in this notebook any more.`);
  return cell;
}

function needInput(state: SessionState, id: string): Cell {
  const cell = need(state, id);
  if (cell.kind === "input") return cell;
  throw new RequestRefused(`"${id}" is a ${KINDS[cell.kind].label} cell; only an input has a value to move.`);
}

function checkName(name: string): void {
  if (isCellName(name)) return;
  throw new RequestRefused(
    `A cell cannot be named ${JSON.stringify(name.slice(0, 60))}.`,
    "A name is letters, digits and _, does not begin with a digit, and is no word of the language.",
  );
}
