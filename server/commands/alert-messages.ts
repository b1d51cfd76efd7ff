import { momentText } from "../../cells/views/time-text.ts";
import type { Delivery, DeliveryList, DestinationList } from "../../cells/wire/http-alerts.ts";
import { type ReadAlertAct, say } from "./alert-act.ts";
import { textOption, UsageError } from "./command.ts";
import { tableText } from "./print-table.ts";

export const deliveries: ReadAlertAct = (invocation) => {
  const query = new URLSearchParams();
  for (const [option, name] of [
    ["to", "destination"],
    ["limit", "limit"],
  ] as const) {
    const text = textOption(invocation, option);
    if (text !== undefined) query.set(name, text);
  }
  return async (api) => {
    const found = await api.ask<DeliveryList>({ method: "GET", path: `/api/deliveries?${query}` });
    return say(invocation, found.deliveries, () => deliveriesText(found));
  };
};

function deliveriesText({ deliveries: those, zone }: DeliveryList): string {
  if (those.length === 0) return "No message was written.";
  return tableText(
    ["id", "message", "to", "state", "written", "tried", "last"],
    those.map(({ id, title, destination, state, createdAt, attempts }) => {
      const last = attempts.at(-1);
      const said = last === undefined ? "" : [last.outcome, last.message].filter((part) => part !== null).join(": ");
      return [id, title, destination, state, momentText(createdAt, zone), attempts.length, said];
    }),
  );
}

export const redeliver: ReadAlertAct = (invocation, [id]) => {
  if (id === undefined)
    throw new UsageError("Which message? driftbook alert redeliver ID; driftbook alert deliveries shows them.");
  const path = `/api/deliveries/${encodeURIComponent(id)}/redeliver`;
  return async (api) => {
    const sent = await api.ask<Delivery>({ method: "POST", path, json: {} });
    return say(invocation, sent, () => `"${sent.title}" is sent to ${sent.destination} again, with the same key.`);
  };
};

export const destinations: ReadAlertAct = (invocation) => async (api) => {
  const found = await api.ask<DestinationList>({ method: "GET", path: "/api/destinations" });
  return say(invocation, found.destinations, () => destinationsText(found));
};

function destinationsText({ destinations: those }: DestinationList): string {
  if (those.length === 0) return "driftbook.yaml has no destinations.";
  return tableText(
    ["name", "type", "leads to", "waiting", "failed", "problem"],
    those.map((one) => [
      ...[one.name, one.type, one.target, one.waiting, one.failed],
      one.problem ?? one.lastProblem ?? "",
    ]),
  );
}

/** Exit code 1 where the test did not arrive. */
export const test: ReadAlertAct = (invocation, [name]) => {
  if (name === undefined)
    throw new UsageError("Which destination? driftbook alert test NAME; driftbook alert destinations shows them.");
  const path = `/api/destinations/${encodeURIComponent(name)}/test`;
  return async (api) => {
    const result = await api.ask<{ ok: boolean; message: string }>({ method: "POST", path, json: {} });
    say(invocation, result, () => `${result.ok ? "It arrived" : "It did not arrive"}: ${result.message}`);
    return result.ok ? 0 : 1;
  };
};
