import { STATE_WORDS } from "../../cells/alerts/alert-words.ts";
import { possibleActs } from "../../cells/alerts/possible-acts.ts";
import { countOf, countText } from "../../cells/views/number-text.ts";
import { sentenceText } from "../../cells/views/sentence-times.ts";
import { momentText, zonedMomentText } from "../../cells/views/time-text.ts";
import type { AlertDetail, AlertFilter, AlertList, AlertView } from "../../cells/wire/http-alerts.ts";
import { tableText } from "./print-table.ts";

export function listText({ alerts, zone }: AlertList, state: AlertFilter): string {
  if (alerts.length === 0) return state === "open" ? "No alert is open." : `There is no alert in "${state}".`;
  return tableText(
    ["id", "job", "state", "what", "value", "began"],
    alerts.map((one) => [
      one.id,
      one.job,
      stateText(one),
      one.title,
      one.value ?? sentenceText(one.reason ?? "", zone),
      momentText(one.since, zone),
    ]),
  );
}

function stateText({ state, acknowledged, silencedUntil, closed }: AlertView): string {
  return [
    STATE_WORDS[state],
    ...(closed === null ? [] : [`closed: ${closed.as}`]),
    ...(acknowledged === null ? [] : ["acknowledged"]),
    ...(silencedUntil === null ? [] : ["silent"]),
  ].join(", ");
}

export function detailText({ alert, resolves, history, deliveries, record, zone }: AlertDetail): string {
  const moment = (iso: string) => zonedMomentText(iso, zone);
  return [
    `${alert.title} (${alert.job}): ${stateText(alert)}${alert.endedAt === null ? ` since ${moment(alert.since)}` : `; it began ${moment(alert.since)} and ended ${moment(alert.endedAt)}`}`,
    ...[alert.value, alert.reason, resolves].flatMap((line) => (line === null ? [] : [sentenceText(line, zone)])),
    ...(alert.worst === null ? [] : [`At its worst ${alert.worst.value}, ${moment(alert.worst.at)}`]),
    "",
    ...history.map(
      ({ at, act, from, to, by, text, notice }) =>
        `${moment(at)}  ${act === "state" ? `${STATE_WORDS[from]} → ${STATE_WORDS[to]}` : act}${by === null ? "" : ` by ${by}`}${notice === "none" ? "" : ` (${notice})`}${text === null || text === "" ? "" : `: ${sentenceText(text, zone)}`}`,
    ),
    ...deliveries.map(({ destination, state, id }) => `Message ${id} to ${destination}: ${state}`),
    `${countOf(record.fired, "alert")} of ${alert.job} so far: ${countText(record.closed)} closed, ${countText(record.falseAlarms)} of them as false alarms.`,
    ...actsText(alert),
  ].join("\n");
}

/** Command lines for what can be done with it. */
function actsText(alert: AlertView): readonly string[] {
  const can = possibleActs(alert);
  const lines = [
    ...(can.acknowledge ? [`driftbook alert ack ${alert.id} "what you do about it"`] : []),
    ...(can.silence ? [`driftbook alert silence ${alert.id} --for 2h --comment "why"`] : []),
    ...(can.close ? [`driftbook alert close ${alert.id} useful|false-alarm|known-event`] : []),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
}
