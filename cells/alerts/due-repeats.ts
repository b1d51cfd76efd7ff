import { type Alert, isLoud } from "./alert.ts";
import type { AlertRules } from "./judged-run.ts";

/**
 * Alerts that are to be told again: they go on, nobody has acknowledged or closed them, and either the repeat interval has
 * passed or nobody was told of this state, since a silence withheld it that is over. `isSilenced` is as of `nowMillis`.
 */
export function dueRepeats(
  alerts: readonly Alert[],
  { to, repeatMillis }: Pick<AlertRules, "to" | "repeatMillis">,
  nowMillis: number,
  isSilenced: (alert: Alert) => boolean,
): readonly Alert[] {
  if (to.length === 0) return [];
  return alerts.filter((alert) => {
    const { state, told, acknowledged, closed } = alert;
    if (!isLoud(state) || acknowledged !== null || closed !== null || isSilenced(alert)) return false;
    if (told === null || told.state !== state) return true;
    return repeatMillis !== null && nowMillis - told.atMillis >= repeatMillis;
  });
}
