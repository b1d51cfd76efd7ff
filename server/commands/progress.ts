import process from "node:process";

const WIDTH = 30;
const EVERY_MILLIS = 100;

/** A bar on a terminal, a line at the end of each step elsewhere; always on stderr. */
export class Progress {
  readonly #name: string;
  readonly #started = Date.now();
  #shownMillis = 0;
  constructor(name: string) {
    this.#name = name;
    if (process.stderr.isTTY) this.at(0);
  }

  /** `share` from 0 to 1. */
  at(share: number): void {
    if (!process.stderr.isTTY || Date.now() - this.#shownMillis < EVERY_MILLIS) return;
    this.#shownMillis = Date.now();
    const filled = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
    process.stderr.write(
      `\r\u001b[K${this.#name} ${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${Math.round(share * 100)} %`,
    );
  }

  done(remark: string): void {
    const seconds = ((Date.now() - this.#started) / 1000).toFixed(1);
    process.stderr.write(`${process.stderr.isTTY ? "\r\u001b[K" : ""}${this.#name}: ${remark} (${seconds} s)\n`);
  }
}
