import { beforeAll, expect, test } from "vitest";
import { leftOutHead } from "../../cells/page/left-out-head.ts";
import type { Published, ReportPreview } from "../../cells/wire/http-reports.ts";
import { queryable } from "../support/monitored-days.ts";
import { opened, openNotebook, runCell } from "../support/notebook-line.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { decision } from "../support/workspace-folder.ts";

const NOTEBOOK = `---
driftbook: 1
---
\`\`\`sql name=sample
SELECT decision_id, account_id FROM card_fraud.decisions WHERE decided_at >= \${window.start} LIMIT 5
\`\`\`

\`\`\`sql name=total
SELECT count(*) AS n FROM card_fraud.decisions
\`\`\`
`;
const LEFT = "The table of sample is left out: it shows single rows.";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "load.nb.md": NOTEBOOK } });
  const json = [decision("t-1", { score: 0.9 })];
  await server.ask("/api/streams/card_fraud/decisions", { method: "POST", json });
  await queryable(server, 1);
  return () => server.stop();
});

const look = async (more: object = {}) => {
  const json = { notebook: "load.nb.md", ...more };
  const preview = await server.ask<ReportPreview>("/api/reports/preview", { method: "POST", json });
  return { ...preview, said: leftOutHead(preview), left: preview.leftOut.map(({ sentence }) => sentence) };
};

test("what a failed or a stale run of the open notebook shows says nothing of the next: the text does", async () => {
  const store = openNotebook(server, "load.nb.md");
  await opened(store);
  const failed = await runCell(store, "sample");
  expect(failed.status).toBe("error");
  await runCell(store, "total");
  const wish = { window: "2026-03" };
  expect(await look(wish)).toMatchObject({ ran: true, unknown: ["sample"], left: [LEFT], tables: ["sample"] });
  // With all tables nothing is known to be left out, and nothing is promised.
  expect((await look({ ...wish, tables: "all", personal: true })).said).toBe(
    "As far as the cells’ texts tell, nothing will be left out. More can be said when sample ran as it would be published.",
  );
  const json = { slug: "load", notebook: "load.nb.md", ...wish };
  const { revision } = await server.ask<Published>("/api/reports", { method: "POST", json });
  expect(revision.leftOut).toEqual([LEFT]);

  await store.request({ type: "set-window", window: "2026-03" });
  // It may run once by itself and once more when it is asked to.
  await runCell(store, "sample");
  while ((await look(wish)).unknown.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  // The session wrote its window into the notebook, which is published over it where none is given.
  expect(await look()).toMatchObject({ unknown: [], left: [LEFT] });
  expect(await look({ window: "2026-02" })).toMatchObject({ unknown: ["sample"], left: [LEFT] });
  expect(await look(wish)).toMatchObject({ unknown: [], left: [LEFT], said: "1 output will be left out: sample." });
  expect((await look({ ...wish, tables: "all", personal: true })).said).toBe("Nothing will be left out.");
  store.close();
});
