import { expect, test } from "vitest";
import { specOf } from "../../client/pages/job-fields.ts";
import { fieldOf } from "../../client/pages/job-form.ts";
import { dueText, jobState, saysAsOf, until } from "../../client/pages/job-words.ts";

const NOW = Date.parse("2026-11-24T02:00:00Z");

test("a due time names its day in the zone of the job, and its year only where that is another one", () => {
  expect(dueText("2026-11-25T05:00:00Z", "Europe/Berlin", NOW)).toBe("Wed 25 Nov, 06:00");
  expect(dueText("2027-01-01T04:30:00Z", "America/New_York", NOW)).toBe("Thu 31 Dec, 23:30");
  expect(dueText("2027-01-02T05:00:00Z", "UTC", NOW)).toBe("Sat 2 Jan 2027, 05:00");
});

test("how long it is until a due time is said in the unit that counts", () => {
  expect(until("2026-11-24T02:00:20Z", NOW)).toBe("now");
  expect(until("2026-11-24T02:40:00Z", NOW)).toBe("in 40 min");
  expect(until("2026-11-24T05:00:00Z", NOW)).toBe("in 3 h");
  expect(until("2026-11-30T12:00:00Z", NOW)).toBe("in 6 days");
});

test("a job that runs says so before anything else; one with a problem asks for somebody", () => {
  const calm = { paused: false, active: 0, version: 1, problem: null, removed: null };
  expect(jobState(calm).word).toBe("scheduled");
  const removed = { removedAt: "2026-03-01T06:00:00Z", removedBy: "ann" };
  expect(jobState({ ...calm, removed }).word).toBe("removed");
  expect(jobState({ ...calm, active: 2, paused: true }).word).toBe("running");
  expect(jobState({ ...calm, paused: true }).word).toBe("paused");
  expect(jobState({ ...calm, version: null }).word).toBe("not promoted");
  expect(jobState({ ...calm, problem: "gone" }).tone).toBe("fail");
});

test("an as-of is said wherever it is not the due time", () => {
  const scheduledFor = "2026-11-24T06:00:00.000Z";
  expect(saysAsOf({ scheduledFor, asOf: null })).toBe(false);
  expect(saysAsOf({ scheduledFor, asOf: "2026-11-24T06:00:20.000Z" })).toBe(false);
  expect(saysAsOf({ scheduledFor, asOf: "2026-11-24T08:00:00.000Z" })).toBe(true);
  expect(saysAsOf({ scheduledFor, asOf: "2026-11-23T06:00:00.000Z" })).toBe(true);
});

test("a refusal is told at its field, with the field taken out of the sentence", () => {
  expect(fieldOf('body.spec.schedule: "x" is no schedule')).toEqual({
    field: "schedule",
    sentence: '"x" is no schedule',
  });
  expect(fieldOf("body.name: expected a name")?.field).toBe("name");
  expect(fieldOf("The notebook is gone.")).toBeNull();
});

const base = { run: "a.nb.md#b", schedule: "every hour", retries: 3, alert: { to: ["chat"], after: "2 runs" } };

test("a form changes what it has and leaves the rest; an empty field takes its key away", () => {
  const form = new FormData();
  form.set("schedule", " every day at 06:00 ");
  form.set("wait", "");
  expect(specOf(form, { ...base, wait: "1 hour" })).toEqual({ ...base, schedule: "every day at 06:00" });
});

test("whom alerts tell is changed only where the form knew the destinations", () => {
  const form = new FormData();
  expect(specOf(form, base).alert).toEqual(base.alert);
  form.set("tells", "known");
  expect(specOf(form, base).alert).toEqual({ after: "2 runs" });
  form.append("to", "on-call");
  expect(specOf(form, base).alert).toEqual({ to: ["on-call"], after: "2 runs" });
});

test("when alerts fire and are told again stays without a destination, and where there is none at all", () => {
  const form = new FormData();
  form.set("after", "5 runs");
  form.set("repeat", "3 hours");
  const { alert: _alert, ...silent } = base;
  expect(specOf(form, silent).alert).toEqual({ after: "5 runs", repeat: "3 hours" });
  form.set("tells", "known");
  expect(specOf(form, base).alert).toEqual({ after: "5 runs", repeat: "3 hours" });
  form.set("after", "");
  form.set("repeat", "");
  expect(specOf(form, base)).not.toHaveProperty("alert");
});
