import { expect, test } from "vitest";
import { changedKeys } from "../../../cells/jobs/changed-keys.ts";

const BEFORE = { run: "a.nb.md", schedule: "every hour", wait: "1 hour", alert: { to: ["chat"] }, version: "3f9c" };

test("each key that changed is told with what it said and what it says, the version aside", () => {
  const { wait: _wait, ...rest } = BEFORE;
  const after = { ...rest, alert: { to: ["chat", "mail"] }, retries: 1, version: "77aa" };
  expect(changedKeys(BEFORE, after)).toEqual({
    wait: { from: "1 hour", to: null },
    alert: { from: { to: ["chat"] }, to: { to: ["chat", "mail"] } },
    retries: { from: null, to: 1 },
  });
  expect(changedKeys(BEFORE, { ...BEFORE })).toEqual({});
});

test("of a new job every key is new", () => {
  expect(changedKeys(null, { run: "a.nb.md", schedule: "every hour" })).toEqual({
    run: { from: null, to: "a.nb.md" },
    schedule: { from: null, to: "every hour" },
  });
});
