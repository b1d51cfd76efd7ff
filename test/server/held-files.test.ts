import { rm } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { quietServices } from "../support/quiet-services.ts";
import { workspaceFolder } from "../support/workspace-folder.ts";

const NOTEBOOK = "---\ndriftbook: 1\n---\n\n```sql name=count\nSELECT count(*) AS n FROM card_fraud.decisions\n```\n";

test("an open notebook holds the files it reads until it is closed, a headless run until it is done", async () => {
  const folder = await workspaceFolder();
  const services = await quietServices(folder);
  const catalog = new DatabaseSync(path.join(folder, ".driftbook", "workspace.db"), { readOnly: true });
  const held = () => Number(catalog.prepare("SELECT count(*) AS n FROM lake_leases").get()!.n);
  try {
    const session = await services.notebookSessions.open("a.nb.md", NOTEBOOK, { hash: "" });
    expect(held()).toBe(0);
    for (let run = 1; run <= 2; run++) {
      await session.perform({ type: "run", request: run, cells: "all" }, "test");
      await session.idle();
      expect(held()).toBe(1);
    }
    await session.perform({ type: "refresh", request: 3, asOf: null }, "test");
    await session.idle();
    await expect.poll(held).toBe(1);
    const { outcome } = await services.notebookSessions.run("a.nb.md", NOTEBOOK, {});
    expect(outcome.cells.map(({ status }) => status)).toEqual(["ok"]);
    expect(held()).toBe(1);
    await session.close();
    expect(held()).toBe(0);
  } finally {
    catalog.close();
    await services.close();
    await rm(folder, { recursive: true, force: true });
  }
});
