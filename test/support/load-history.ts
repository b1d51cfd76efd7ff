import type { TestServer } from "./server.ts";

/** Uploads rows of a log of `card_fraud` as history: known since they say. */
export async function loadHistory(
  server: TestServer,
  log: "decisions" | "feedback",
  rows: readonly object[],
): Promise<void> {
  const body = rows.map((row) => JSON.stringify(row)).join("\n");
  const upload = await server.ask<{ id: string }>(`/api/uploads?name=${log}.ndjson`, { method: "POST", body });
  const json = { log, upload: upload.id, history: true, dryRun: false };
  await server.ask("/api/streams/card_fraud/imports", { method: "POST", json });
}
