import type { Api } from "./api.ts";
import type { ExitCode, Invocation } from "./command.ts";

/** What is left of a command line once it was read: asks, says what came of it, and gives the exit code. */
export type AlertAct = (api: Api) => Promise<ExitCode>;

/** @throws UsageError before anything is opened */
export type ReadAlertAct = (invocation: Invocation, words: readonly string[]) => AlertAct;

export const alertPath = (id: string): string => `/api/alerts/${encodeURIComponent(id)}`;

export function say(invocation: Invocation, value: unknown, text: () => string): 0 {
  invocation.print(invocation.json ? JSON.stringify(value) : text());
  return 0;
}
