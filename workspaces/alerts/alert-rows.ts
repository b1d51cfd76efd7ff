import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import {
  type Alert,
  alertState,
  type Closing,
  closedAs,
  keyOf,
  observation,
  type Worst,
} from "../../cells/alerts/alert.ts";

type Row = Record<string, SQLOutputValue>;

const COLUMNS = [
  ["id", ({ id }) => id],
  ["job", ({ job }) => job],
  ["key", (alert) => keyOf(alert)],
  ["cell", ({ cell }) => cell],
  ["kind", ({ kind }) => kind],
  ["metric", ({ metric }) => metric],
  ["subject", ({ subject }) => subject],
  ["slice", ({ slice }) => slice],
  ["state", ({ state }) => state],
  ["bad", ({ bad }) => bad],
  ["good", ({ good }) => good],
  ["needed", ({ needed }) => needed],
  ["since_millis", ({ sinceMillis }) => sinceMillis],
  ["fired_millis", ({ firedMillis }) => firedMillis],
  ["ended_millis", ({ endedMillis }) => endedMillis],
  ["run", ({ run }) => run],
  ["version", ({ version }) => version],
  ["unmeasured_runs", ({ unmeasuredRuns }) => unmeasuredRuns],
  ["observation", ({ observation: seen }) => jsonOrNull(seen)],
  ["worst", ({ worst }) => jsonOrNull(worst)],
  ["reason", ({ reason }) => reason],
  ["told_state", ({ told }) => told?.state ?? null],
  ["told_millis", ({ told }) => told?.atMillis ?? null],
  ["acknowledged", ({ acknowledged }) => jsonOrNull(acknowledged)],
  ["closed_as", ({ closed }) => closed?.as ?? null],
  ["closed", ({ closed }) => jsonOrNull(closed)],
] as const satisfies readonly (readonly [string, (alert: Alert) => SQLInputValue])[];

/** A whole row for each alert: one statement makes it and changes it. */
export const SAVE_ALERT = `INSERT INTO alerts (${COLUMNS.map(([name]) => name).join(", ")})
VALUES (${COLUMNS.map(() => "?").join(", ")})
ON CONFLICT (id) DO UPDATE SET ${COLUMNS.slice(1)
  .map(([name]) => `${name} = excluded.${name}`)
  .join(", ")}`;

/** What a run changes of an alert whose state stays. No index has these columns: ten thousand alerts that go on firing are written in half the time. */
const OF_RUN = COLUMNS.filter(([name]) =>
  ["bad", "good", "needed", "run", "version", "unmeasured_runs", "observation", "worst", "reason"].includes(name),
);
export const UPDATE_ALERT = `UPDATE alerts SET ${OF_RUN.map(([name]) => `${name} = ?`).join(", ")} WHERE id = ?`;
export const updateValues = (alert: Alert): SQLInputValue[] => [...OF_RUN.map(([, read]) => read(alert)), alert.id];

export const alertValues = (alert: Alert): SQLInputValue[] => COLUMNS.map(([, read]) => read(alert));

export function toAlert(row: Row): Alert {
  const told = textOrNull(row.told_state);
  return {
    id: String(row.id),
    job: String(row.job),
    cell: textOrNull(row.cell),
    kind: textOrNull(row.kind),
    metric: textOrNull(row.metric),
    subject: textOrNull(row.subject),
    slice: textOrNull(row.slice),
    state: alertState.parse(row.state),
    bad: Number(row.bad),
    good: Number(row.good),
    needed: Number(row.needed),
    sinceMillis: Number(row.since_millis),
    firedMillis: numberOrNull(row.fired_millis),
    endedMillis: numberOrNull(row.ended_millis),
    run: String(row.run),
    version: Number(row.version),
    unmeasuredRuns: Number(row.unmeasured_runs),
    observation: observation.nullable().parse(parsed(row.observation)),
    worst: toWorst(parsed(row.worst)),
    reason: textOrNull(row.reason),
    told: told === null ? null : { state: alertState.parse(told), atMillis: Number(row.told_millis) },
    acknowledged: parsed(row.acknowledged) as Alert["acknowledged"],
    closed: toClosing(parsed(row.closed)),
  };
}

function toWorst(value: unknown): Worst | null {
  if (value === null) return null;
  const worst = value as Worst;
  return { ...worst, observation: observation.parse(worst.observation) };
}

function toClosing(value: unknown): Closing | null {
  if (value === null) return null;
  const closing = value as Closing;
  return { ...closing, as: closedAs.parse(closing.as) };
}

const jsonOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
const parsed = (value: SQLOutputValue | undefined): unknown =>
  typeof value === "string" ? (JSON.parse(value) as unknown) : null;
export const textOrNull = (value: SQLOutputValue | undefined): string | null =>
  typeof value === "string" ? value : null;
export const numberOrNull = (value: SQLOutputValue | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);
