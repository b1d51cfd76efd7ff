/** Quiet time after an edit before the file is written, and the longest that an edit waits while typing goes on. */
const QUIET_MILLIS = 400;
const LONGEST_MILLIS = 3_000;
const RETRY_MILLIS = 5_000;

export interface AutosaveParts {
  /** Writes what there is to write now. @throws when that is not possible at present. */
  readonly save: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Saves soon after edits, one write at a time, and tries again after a failure. Owns its timer; ends with `close`. */
export class Autosave {
  readonly #parts: AutosaveParts;
  #timer: NodeJS.Timeout | null = null;
  #unsavedSinceMillis: number | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: AutosaveParts) {
    this.#parts = parts;
  }

  /** There is something that is not in the file yet. */
  get pending(): boolean {
    return this.#unsavedSinceMillis !== null;
  }

  /** The file is as it should be: nothing needs to be written. */
  discard(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#unsavedSinceMillis = null;
  }

  /** Something changed. */
  soon(): void {
    const now = Date.now();
    this.#unsavedSinceMillis ??= now;
    this.#after(Math.max(0, Math.min(QUIET_MILLIS, this.#unsavedSinceMillis + LONGEST_MILLIS - now)));
  }

  /** Resolves when everything up to now is written. @throws what the write threw; it is tried again by itself. */
  now(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const turn = this.#writing.then(async () => {
      if (this.#unsavedSinceMillis === null) return;
      const since = this.#unsavedSinceMillis;
      this.#unsavedSinceMillis = null;
      try {
        await this.#parts.save();
      } catch (error) {
        this.#unsavedSinceMillis = since;
        this.#parts.failed(error);
        this.#after(RETRY_MILLIS);
        throw error;
      }
    });
    this.#writing = turn.catch(() => undefined); // Told by `failed`; the next write goes on.
    return turn;
  }

  async close(): Promise<void> {
    try {
      await this.now();
    } finally {
      if (this.#timer !== null) clearTimeout(this.#timer);
    }
  }

  #after(millis: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.now().catch(() => undefined); // Told by `failed`.
    }, millis);
    this.#timer.unref();
  }
}
