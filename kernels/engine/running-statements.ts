import { type DuckDBConnection, queryPercent } from "../duckdb/duckdb.ts";
import { SqlError } from "./sql-engine.ts";
import { sqlErrorFrom } from "./sql-problem.ts";

const PROGRESS_MILLIS = 100;

/**
 * The statements that run at present, by request. Each can be interrupted, by the user or by its time limit; an
 * interrupt that falls between two steps of a statement would be lost, so it is repeated until the statement gives up.
 */
export class RunningStatements {
  private readonly running = new Map<number, { stop: (because: "interrupted" | "time-limit") => void }>();
  /** Requests under way, and whether they were cancelled: a request can be cancelled before its statement runs. */
  private readonly requests = new Map<number, { cancelled: boolean }>();

  cancel(id: number): void {
    const request = this.requests.get(id);
    if (request !== undefined) request.cancelled = true;
    this.running.get(id)?.stop("interrupted");
  }

  /** Everything that is done for request `id`. */
  async during<T>(id: number, work: () => Promise<T>): Promise<T> {
    this.requests.set(id, { cancelled: false });
    try {
      return await work();
    } finally {
      this.requests.delete(id);
    }
  }

  /** Runs `work`; errors come out as SqlError with places in `sql`. */
  async run<T>(
    connection: DuckDBConnection,
    options: {
      readonly id: number;
      readonly sql: string;
      readonly timeoutMillis: number;
      readonly linesBefore?: number;
      readonly onProgress: (fraction: number | null) => void;
    },
    work: (stopped: () => boolean) => Promise<T>,
  ): Promise<T> {
    const { id, sql, timeoutMillis, linesBefore = 0, onProgress } = options;
    if (this.requests.get(id)?.cancelled === true) throw new SqlError("interrupted", { message: "Interrupted." });
    let stopped: "interrupted" | "time-limit" | undefined;
    const stop = (because: "interrupted" | "time-limit"): void => {
      stopped ??= because;
      connection.interrupt();
    };
    const deadline = setTimeout(() => stop("time-limit"), timeoutMillis);
    const look = setInterval(() => {
      if (stopped !== undefined) connection.interrupt();
      else onProgress(fractionOf(connection));
    }, PROGRESS_MILLIS);
    this.running.set(id, { stop });
    try {
      const result = await work(() => stopped !== undefined);
      if (stopped !== undefined) throw new Error("INTERRUPT Error: Interrupted!");
      return result;
    } catch (error) {
      if (stopped === "time-limit") throw timeLimitError(timeoutMillis);
      if (stopped === "interrupted") throw new SqlError("interrupted", { message: "Interrupted." });
      throw sqlErrorFrom(error, sql, linesBefore);
    } finally {
      clearTimeout(deadline);
      clearInterval(look);
      this.running.delete(id);
    }
  }
}

function fractionOf(connection: DuckDBConnection): number | null {
  const percent = queryPercent(connection);
  return percent === null ? null : Math.min(1, percent / 100);
}

function timeLimitError(timeoutMillis: number): SqlError {
  return new SqlError("time-limit", {
    message: `The statement took longer than its limit of ${timeoutMillis >= 1000 ? `${timeoutMillis / 1000} s` : `${timeoutMillis} ms`}.`,
    hint: "Filter earlier, aggregate, or raise the statement time limit in driftbook.yaml.",
  });
}
