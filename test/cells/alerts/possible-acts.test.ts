import { expect, test } from "vitest";
import { possibleActs } from "../../../cells/alerts/possible-acts.ts";

const at = "2026-03-01T06:00:00.000Z";
const remark = { by: "me", at, comment: "" };
const pending = { firedAt: null, endedAt: null, acknowledged: null, silencedUntil: null, closed: null };
const fired = { ...pending, firedAt: at };

test.each<[string, Parameters<typeof possibleActs>[0], string]>([
  ["is pending", pending, "silence"],
  ["fires", fired, "acknowledge silence close"],
  ["is acknowledged", { ...fired, acknowledged: remark }, "silence close"],
  ["is silenced", { ...fired, silencedUntil: at }, "acknowledge close"],
  ["is over", { ...fired, endedAt: at }, "close"],
  ["is over and never fired", { ...pending, endedAt: at }, ""],
  ["is closed", { ...fired, closed: { ...remark, as: "useful" as const, mark: null } }, ""],
])("an alert that %s offers what can be done", (_words, alert, expected) => {
  const acts = Object.entries(possibleActs(alert)).flatMap(([act, can]) => (can ? [act] : []));
  expect(acts.join(" ")).toBe(expected);
});
