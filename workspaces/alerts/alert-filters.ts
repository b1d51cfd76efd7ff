import type { AlertFilter } from "../../cells/wire/http-alerts.ts";

const OPEN = "ended_millis IS NULL AND closed_as IS NULL AND state <> 'inactive'";

/** The condition on a row of `alerts`; that of `silenced` takes the present time as ?3. */
const CONDITIONS: Readonly<Record<AlertFilter, string>> = {
  open: OPEN,
  history: "fired_millis IS NOT NULL AND (ended_millis IS NOT NULL OR closed_as IS NOT NULL)",
  all: "state <> 'inactive'",
  firing: `${OPEN} AND state = 'firing'`,
  pending: `${OPEN} AND state = 'pending'`,
  recovering: `${OPEN} AND state = 'recovering'`,
  "no-data": `${OPEN} AND state = 'no-data'`,
  error: `${OPEN} AND state = 'error'`,
  acknowledged: `${OPEN} AND acknowledged IS NOT NULL`,
  silenced: `${OPEN} AND EXISTS (SELECT 1 FROM silences WHERE silences.job = alerts.job
    AND (silences.alert IS NULL OR silences.alert = alerts.id) AND (silences.cell IS NULL OR silences.cell IS alerts.cell)
    AND (silences.metric IS NULL OR (silences.metric IS alerts.metric AND silences.subject IS alerts.subject AND silences.slice IS alerts.slice))
    AND from_millis <= ?3 AND until_millis > ?3)`,
};

export const filterSql = (filter: AlertFilter): string => CONDITIONS[filter];
