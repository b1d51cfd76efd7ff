import type { AlertView } from "../wire/http-alerts.ts";

export interface PossibleActs {
  readonly acknowledge: boolean;
  readonly silence: boolean;
  readonly close: boolean;
}

/** What people can do with an alert as it stands: what has not fired has nothing to take on or to judge. */
export function possibleActs(
  alert: Pick<AlertView, "firedAt" | "endedAt" | "acknowledged" | "silencedUntil" | "closed">,
): PossibleActs {
  const isOpen = alert.endedAt === null && alert.closed === null;
  const hasFired = alert.firedAt !== null;
  return {
    acknowledge: isOpen && hasFired && alert.acknowledged === null,
    silence: isOpen && alert.silencedUntil === null,
    close: hasFired && alert.closed === null,
  };
}
