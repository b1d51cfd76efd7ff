type Log = "decisions" | "feedback";

const FLUSH_AFTER_MILLIS = 1000;

/** Gathers the retries recognised at the way in, so that they are written down at most once a second for each log. */
export class DuplicateCounts {
  readonly #write: (stream: string, log: Log, count: number) => Promise<unknown>;
  readonly #failed: (error: unknown) => void;
  #counts = new Map<string, { readonly stream: string; readonly log: Log; count: number }>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(write: (stream: string, log: Log, count: number) => Promise<unknown>, failed: (error: unknown) => void) {
    this.#write = write;
    this.#failed = failed;
  }

  add(stream: string, log: Log, count: number): void {
    const key = `${stream}/${log}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { stream, log, count });
    else known.count += count;
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MILLIS);
  }

  /** Writes what was gathered. A count that could not be written is kept for the next time. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const counts = this.#counts;
    this.#counts = new Map();
    for (const { stream, log, count } of counts.values())
      try {
        await this.#write(stream, log, count);
      } catch (error) {
        this.add(stream, log, count);
        this.#failed(error);
      }
  }

  /** Writes what was gathered for the last time. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
