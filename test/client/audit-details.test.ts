import { expect, test } from "vitest";
import { auditDetails } from "../../client/audit-details.ts";

test.each<[unknown, string]>([
  [null, ""],
  [{ job: "checks", cell: null, version: 3, comment: "" }, "job checks · version 3"],
  [{ scopes: ["read", "admin"], expiresAt: "2026-03-01" }, "scopes read, admin · expires at 2026-03-01"],
  [{ mark: { stream: "pay" }, ok: false }, 'mark {"stream":"pay"} · ok false'],
  ["a note", "a note"],
])("details %j are said in one line", (details, expected) => {
  expect(auditDetails(details)).toBe(expected);
});
