import {
  autocompletion,
  type Completion,
  type CompletionContext,
  closeCompletion,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { markdown } from "@codemirror/lang-markdown";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput, type LanguageSupport, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Annotation, EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, placeholder } from "@codemirror/view";
import { highlightCode, tagHighlighter, tags } from "@lezer/highlight";
import type { Kind } from "../../cells/document/document.ts";
import type { Problem, TextChange } from "../../cells/session/operation.ts";

/** Changes that came from elsewhere, so that they are not sent back. */
const fromElsewhere = Annotation.define<boolean>();
const showProblem = StateEffect.define<Problem | null>();

const problemMark = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects)
      if (effect.is(showProblem)) next = markAt(transaction.state, effect.value);
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function markAt(state: EditorState, problem: Problem | null): DecorationSet {
  if (problem?.line === undefined || problem.line < 1 || problem.line > state.doc.lines) return Decoration.none;
  const line = state.doc.line(problem.line);
  const from = Math.min(line.to, line.from + Math.max(0, (problem.column ?? 1) - 1));
  const to = Math.min(line.to, Math.max(from + 1, wordEnd(state, from)));
  const marks = [Decoration.line({ class: "cm-problem-line" }).range(line.from)];
  if (to > from)
    marks.push(Decoration.mark({ class: "cm-problem", attributes: { title: problem.message } }).range(from, to));
  return Decoration.set(marks, true);
}

function wordEnd(state: EditorState, from: number): number {
  return state.wordAt(from)?.to ?? from + 1;
}

/** Classes of the style sheet, so that text at rest and text in the editor look the same. */
const colours = tagHighlighter([
  { tag: tags.keyword, class: "tok-keyword" },
  { tag: [tags.string, tags.special(tags.string)], class: "tok-string" },
  { tag: [tags.number, tags.bool, tags.null], class: "tok-number" },
  { tag: tags.comment, class: "tok-comment" },
  { tag: [tags.typeName, tags.className], class: "tok-type" },
  { tag: [tags.heading, tags.strong], class: "tok-strong" },
  { tag: tags.emphasis, class: "tok-emphasis" },
  { tag: [tags.link, tags.url], class: "tok-link" },
]);

const LANGUAGES: Record<Kind, () => LanguageSupport> = {
  ts: () => javascript({ typescript: true }),
  sql: () => sql({ dialect: PostgreSQL, upperCaseKeywords: true }),
  input: () => yaml(),
  drift: () => yaml(),
  kpi: () => yaml(),
  check: () => yaml(),
  prose: () => markdown(),
};
const PLACEHOLDERS: Record<Kind, string> = {
  ts: "TypeScript; the last expression is shown",
  sql: "SELECT …",
  input: "type: slider",
  drift: "from: card_fraud",
  kpi: "from: card_fraud",
  check: "from: card_fraud",
  prose: "Markdown; ${expression} shows a value",
};

export interface Piece {
  readonly text: string;
  /** Space-separated classes, or nothing. */
  readonly classes: string;
}

/** A cell's text in coloured pieces, line ends included. */
export function highlighted(kind: Kind, text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const tree = LANGUAGES[kind]().language.parser.parse(text);
  const put = (piece: string, classes: string): void => void pieces.push({ text: piece, classes });
  highlightCode(text, tree, colours, put, () => put("\n", ""));
  return pieces;
}

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly kind: Kind;
  readonly text: string;
  readonly label: string;
  readonly onType: (changes: readonly TextChange[]) => void;
  /** Names and tables for completion. */
  readonly completions: () => readonly Completion[];
  /** Run and leave keys; `true` when the key was taken. */
  readonly onKey: (key: "run" | "run-next" | "run-insert" | "leave" | "above" | "below") => boolean;
}

/** A CodeMirror editor of one cell's text. */
export class CellEditor {
  readonly #view: EditorView;

  constructor(options: EditorOptions) {
    // Suggestions that are open, or about to open, have no place over a result.
    const press = (key: Parameters<EditorOptions["onKey"]>[0]) => ({
      run: (view: EditorView) => {
        closeCompletion(view);
        return options.onKey(key);
      },
    });
    const complete = (context: CompletionContext) => {
      const word = context.matchBefore(/[\w.]*/);
      if (word === null || (word.from === word.to && !context.explicit)) return null;
      return { from: word.from, options: [...options.completions()], validFor: /^[\w.]*$/ };
    };
    this.#view = new EditorView({
      parent: options.parent,
      state: EditorState.create({
        doc: options.text,
        extensions: [
          keymap.of([
            { key: "Shift-Enter", ...press("run-next") },
            { key: "Mod-Enter", ...press("run") },
            { key: "Alt-Enter", ...press("run-insert") },
            { key: "Escape", ...press("leave") },
            { key: "ArrowUp", run: (view) => atStart(view) && options.onKey("above") },
            { key: "ArrowDown", run: (view) => atEnd(view) && options.onKey("below") },
          ]),
          history(),
          indentOnInput(),
          bracketMatching(),
          highlightSelectionMatches(),
          EditorState.languageData.of(() => [{ autocomplete: complete }]),
          autocompletion(),
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...searchKeymap, indentWithTab]),
          LANGUAGES[options.kind](),
          syntaxHighlighting(colours),
          placeholder(PLACEHOLDERS[options.kind]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": options.label }),
          problemMark,
          EditorView.updateListener.of((update) => {
            if (!update.docChanged || update.transactions.some((one) => one.annotation(fromElsewhere) === true)) return;
            const changes: TextChange[] = [];
            update.changes.iterChanges((from, to, _fromB, _toB, inserted) =>
              changes.push({ from, to, insert: inserted.toString() }),
            );
            options.onType(changes);
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  get hasFocus(): boolean {
    return this.#view.hasFocus;
  }

  /** With the cursor at a place of the window, or where it was. */
  focus(at: { readonly x: number; readonly y: number } | null): void {
    this.#view.focus();
    if (at === null) return;
    const position = this.#view.posAtCoords(at, false);
    this.#view.dispatch({ selection: { anchor: position } });
  }

  apply(changes: readonly TextChange[]): void {
    this.#view.dispatch({ changes: [...changes], annotations: fromElsewhere.of(true) });
  }

  /** The text as it must be, when it was not told as changes (a snapshot). */
  replace(text: string): void {
    if (text === this.text) return;
    this.#view.dispatch({
      changes: { from: 0, to: this.#view.state.doc.length, insert: text },
      annotations: fromElsewhere.of(true),
    });
  }

  insert(text: string): void {
    if (text === "") return;
    this.#view.dispatch(this.#view.state.replaceSelection(text));
    this.#view.focus();
  }

  mark(problem: Problem | null): void {
    this.#view.dispatch({ effects: showProblem.of(problem) });
  }

  goTo(line: number, column: number): void {
    const { doc } = this.#view.state;
    if (line < 1 || line > doc.lines) return;
    const at = Math.min(doc.line(line).to, doc.line(line).from + Math.max(0, column - 1));
    this.#view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }
}

const atStart = (view: EditorView): boolean => view.state.selection.main.empty && view.state.selection.main.head === 0;
const atEnd = (view: EditorView): boolean =>
  view.state.selection.main.empty && view.state.selection.main.head === view.state.doc.length;
