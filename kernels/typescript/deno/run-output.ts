import type { Display } from "../../../cells/results/display.ts";
import type { FromKernel } from "./protocol.ts";

/** Text is sent in pieces of this size, or when something else is about to be sent. */
const PIECE_CHARACTERS = 16_384;
const MOST_LOG_CHARACTERS = 4_000_000;
const MOST_DISPLAYS = 500;

/** What one run says, in order and within bounds; what is left out is counted and told at its end. */
export class RunOutput {
  readonly run: string;
  readonly #send: (message: FromKernel) => void;
  #waiting: { stream: "out" | "error"; text: string } | null = null;
  #characters = 0;
  #lostCharacters = 0;
  #displays = 0;
  #closed = false;

  constructor(run: string, send: (message: FromKernel) => void) {
    this.run = run;
    this.#send = send;
  }

  get displays(): number {
    return this.#displays;
  }

  log(stream: "out" | "error", text: string): void {
    if (this.#closed) return;
    const room = MOST_LOG_CHARACTERS - this.#characters;
    if (room <= 0) {
      this.#lostCharacters += text.length;
      return;
    }
    const kept = text.length <= room ? text : text.slice(0, room);
    this.#lostCharacters += text.length - kept.length;
    this.#characters += kept.length;
    if (this.#waiting !== null && this.#waiting.stream !== stream) this.flush();
    if (this.#waiting === null) this.#waiting = { stream, text: kept };
    else this.#waiting.text += kept;
    if (this.#waiting.text.length >= PIECE_CHARACTERS) this.flush();
  }

  /** Returns the display's number, or null when it was left out. */
  display(display: () => Display | null): number | null {
    if (this.#closed) return null;
    if (this.#displays >= MOST_DISPLAYS) {
      this.#displays += 1;
      return null;
    }
    const shown = display();
    if (shown === null) return null;
    this.flush();
    this.#send({ type: "display", run: this.run, display: shown });
    return this.#displays++;
  }

  progress(fraction: number | null, message: string | null): void {
    if (!this.#closed) this.#send({ type: "progress", run: this.run, fraction, message });
  }

  flush(): void {
    if (this.#waiting === null) return;
    const { stream, text } = this.#waiting;
    this.#waiting = null;
    this.#send({ type: "log", run: this.run, stream, text });
  }

  /** Nothing is said after this. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    if (this.#lostCharacters > 0)
      this.#send({
        type: "log",
        run: this.run,
        stream: "error",
        text: `${this.#lostCharacters} more characters were printed and left out; a run keeps ${MOST_LOG_CHARACTERS}.\n`,
      });
    if (this.#displays > MOST_DISPLAYS)
      this.#send({
        type: "log",
        run: this.run,
        stream: "error",
        text: `${this.#displays - MOST_DISPLAYS} more displays were left out; a run shows ${MOST_DISPLAYS}.\n`,
      });
  }
}
