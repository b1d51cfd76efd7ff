import type { JobQueue } from "../../workspaces/jobs/job-queue.ts";
import type { StoredReport } from "../../workspaces/reports/report-store.ts";
import { follows } from "./followed-runs.ts";

/** A run that ended, whose revision comes after those of earlier due times. */
export interface InLine {
  readonly report: StoredReport;
  readonly job: string;
  readonly dueMillis: number;
  /** Called once, when nothing of an earlier due time goes on or stands before it. */
  readonly go: () => void;
}

type Queue = Pick<JobQueue, "active" | "isOpen">;

/**
 * One line for each slug, in the order of due times: runs go on side by side, and the first in a line waits for those
 * of earlier due times that have not ended. It holds nothing of what runs gave, for there may be a thousand in a line.
 */
export class DueOrder {
  readonly #lines = new Map<string, { readonly line: InLine[]; blocker: string | null }>();
  readonly #queue: () => Queue;
  readonly #onError: (error: unknown) => void;
  #looks = false;

  constructor(queue: () => Queue, onError: (error: unknown) => void) {
    this.#queue = queue;
    this.#onError = onError;
  }

  add(one: InLine): void {
    const { slug } = one.report;
    const found = this.#lines.get(slug) ?? { line: [], blocker: null };
    this.#lines.set(slug, found);
    const at = found.line.findLastIndex(({ dueMillis }) => dueMillis <= one.dueMillis) + 1;
    found.line.splice(at, 0, one);
    // Another first one waits for others.
    if (at === 0) found.blocker = null;
    this.lookSoon();
  }

  /** Looks when the present transaction is over; many calls are one. */
  lookSoon(): void {
    if (this.#looks || this.#lines.size === 0) return;
    this.#looks = true;
    queueMicrotask(() => {
      this.#looks = false;
      try {
        this.look();
      } catch (error) {
        this.#onError(error); // The store may be busy; the next change looks again.
      }
    });
  }

  look(): void {
    const queue = this.#queue();
    for (const [slug, found] of this.#lines) {
      // To ask for one run costs nothing; all of a job's may be many.
      if (found.blocker !== null && queue.isOpen(found.blocker)) continue;
      found.blocker = null;
      const active = queue.active(found.line[0]!.job);
      for (let first = found.line[0]; first !== undefined; first = found.line[0]) {
        const { report, dueMillis } = first;
        const earlier = active.find((run) => run.scheduledForMillis < dueMillis && follows(report, run));
        if (earlier !== undefined) {
          found.blocker = earlier.id;
          break;
        }
        found.line.shift();
        first.go();
      }
      if (found.line.length === 0) this.#lines.delete(slug);
    }
  }
}
