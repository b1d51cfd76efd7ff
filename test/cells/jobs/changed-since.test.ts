import { expect, test } from "vitest";
import { changedSince } from "../../../cells/jobs/changed-since.ts";

test("what changed since a version is one sentence's end", () => {
  const said = (textChanged: boolean, ...contractsChanged: string[]) => changedSince({ textChanged, contractsChanged });
  expect(said(false)).toBeNull();
  expect(said(true)).toBe("text has changed since");
  expect(said(false, "a")).toBe("contract of a has changed since");
  expect(said(false, "a", "b")).toBe("contracts of a, b have changed since");
  expect(said(true, "a")).toBe("text and contract of a have changed since");
  expect(said(true, "a", "b")).toBe("text and contracts of a, b have changed since");
});
