import { type AlertState, alertState, type Observation, observation } from "../../cells/alerts/alert.ts";
import type { Statements } from "../monitor/statements.ts";
import { textOrNull } from "./alert-rows.ts";

/** Whether a change was told: `silenced` ones would have been. */
export type Notice = "sent" | "silenced" | "none";

/** A change of state, or what a person did. */
export interface AlertHistory {
  readonly alert: string;
  /** Due time of the run; of acts, when they were done. */
  readonly atMillis: number;
  readonly act: "state" | "told again" | "acknowledged" | "silenced" | "closed";
  readonly from: AlertState;
  readonly to: AlertState;
  readonly run: string | null;
  readonly notice: Notice;
  readonly by: string | null;
  readonly text: string | null;
  readonly observation: Observation | null;
}

export function writeHistory(sql: Statements, entry: AlertHistory, nowMillis: number): void {
  const { alert, atMillis, act, from, to, run, notice, by, text } = entry;
  sql.run(
    `INSERT INTO alert_changes (alert, at_millis, recorded_millis, act, from_state, to_state, run, notice, by, text, observation)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[alert, atMillis, nowMillis, act, from, to, run, notice, by, text],
    entry.observation === null ? null : JSON.stringify(entry.observation),
  );
}

/** Oldest first. */
export function historyOf(sql: Statements, alert: string): AlertHistory[] {
  return sql.all("SELECT * FROM alert_changes WHERE alert = ? ORDER BY id", alert).map((row) => ({
    alert,
    atMillis: Number(row.at_millis),
    act: String(row.act) as AlertHistory["act"],
    from: alertState.parse(row.from_state),
    to: alertState.parse(row.to_state),
    run: textOrNull(row.run),
    notice: String(row.notice) as Notice,
    by: textOrNull(row.by),
    text: textOrNull(row.text),
    observation: row.observation === null ? null : observation.parse(JSON.parse(String(row.observation))),
  }));
}
