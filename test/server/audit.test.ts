import { expect, test } from "vitest";
import { routes } from "../../server/routes/table.ts";

/** Why nobody looks for them in the audit log. */
const UNWRITTEN: Readonly<Record<string, string>> = {
  "POST /api/jobs/preview": "writes and runs nothing",
  "POST /api/reports/preview": "writes and runs nothing",
  "POST /api/query": "reads",
  "POST /api/storage/verify": "compares files with their checksums",
  "POST /api/uploads": "kept until it is loaded, which is audited",
  "POST /api/uploads/:id/inference": "proposes",
  "POST /api/inference": "proposes",
  "POST /api/streams/:stream/decisions": "each event tells when and by which key it came",
  "POST /api/streams/:stream/feedback": "each event tells when and by which key it came",
};

test("every route that changes something writes an entry of the audit log, or is named here with why it need not", () => {
  const silent = routes
    .filter(({ method, handle }) => method !== "GET" && !/\baudit\(/.test(handle.toString()))
    .map(({ method, path }) => `${method} ${path}`);
  expect(silent.toSorted()).toEqual(Object.keys(UNWRITTEN).toSorted());
});
