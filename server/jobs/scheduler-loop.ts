import type { Scheduler } from "../../workspaces/jobs/scheduler.ts";

/** The longest that a timer sleeps: a clock may be set meanwhile. */
const MOST_SLEEP_MILLIS = 10_000;

/** Gives a scheduler its turns: when something is due, and at once when somebody calls. */
export class SchedulerLoop {
  readonly #scheduler: Scheduler;
  readonly #nowMillis: () => number;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #soon = false;
  #running = false;

  constructor(scheduler: Scheduler, nowMillis: () => number, onError: (error: unknown) => void) {
    this.#scheduler = scheduler;
    this.#nowMillis = nowMillis;
    this.#onError = onError;
  }

  start(): void {
    this.#running = true;
    this.wake();
  }

  /** A turn soon; many calls are one. */
  wake(): void {
    if (!this.#running || this.#soon) return;
    this.#soon = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    setImmediate(() => this.#turn());
  }

  async close(): Promise<void> {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#scheduler.close();
  }

  #turn(): void {
    this.#soon = false;
    if (!this.#running) return;
    let next = this.#nowMillis() + MOST_SLEEP_MILLIS;
    try {
      next = this.#scheduler.turn();
    } catch (error) {
      this.#onError(error); // The store may be busy or the disk full; the next turn tries again.
    }
    const sleep = Math.min(MOST_SLEEP_MILLIS, Math.max(5, next - this.#nowMillis()));
    this.#timer = setTimeout(() => this.wake(), sleep);
    this.#timer.unref();
  }
}
