import type { Operation } from "../../cells/session/operation.ts";

/** Printed text is gathered this long, so that 10 000 lines are not 10 000 operations. */
const GATHER_MILLIS = 25;
const GATHER_CHARACTERS = 64_000;

/** What a run shows while it runs, in order: text is gathered, and leaves before anything else does. */
export class RunOutput {
  readonly #cell: string;
  readonly #run: string;
  readonly #dispatch: (operation: Operation) => void;
  #gathered: { stream: "out" | "error"; text: string } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #progress: { fraction: number | null; message: string | null } | null = null;

  constructor(cell: string, run: string, dispatch: (operation: Operation) => void) {
    this.#cell = cell;
    this.#run = run;
    this.#dispatch = dispatch;
  }

  log(stream: "out" | "error", text: string): void {
    if (this.#gathered !== null && this.#gathered.stream !== stream) this.flush();
    this.#gathered ??= { stream, text: "" };
    this.#gathered.text += text;
    if (this.#gathered.text.length > GATHER_CHARACTERS) this.flush();
    else this.#soon();
  }

  display(display: unknown): void {
    this.flush();
    this.#dispatch({ type: "displayed", cell: this.#cell, run: this.#run, display: display as never });
  }

  progress(fraction: number | null, message: string | null): void {
    this.#progress = { fraction, message };
    this.#soon();
  }

  /** Everything gathered leaves now; must be called before the run ends. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { stream, text } = this.#gathered ?? { stream: "out", text: "" };
    this.#gathered = null;
    const progress = this.#progress;
    this.#progress = null;
    const at = { cell: this.#cell, run: this.#run };
    if (text !== "") this.#dispatch({ type: "logged", ...at, stream, text });
    if (progress !== null) this.#dispatch({ type: "progressed", ...at, ...progress });
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MILLIS);
  }
}
