import type { AlertRecord } from "../wire/http-alerts.ts";

/** What became of a job's alerts: "1 of 4 judged, 25%; 9 fired". Null: none of it ever fired. */
export function falseAlarmsText(record: Pick<AlertRecord, "fired" | "closed" | "falseAlarms"> | null): string {
  if (record === null || record.fired === 0) return "no alert has fired";
  const { fired, closed, falseAlarms } = record;
  if (closed === 0) return `${fired} fired, none judged yet`;
  return `${falseAlarms} of ${closed} judged, ${Math.round((100 * falseAlarms) / closed)}%; ${fired} fired`;
}
