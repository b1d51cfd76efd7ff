import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { quietServices } from "../support/quiet-services.ts";
import { workspaceFolder } from "../support/workspace-folder.ts";

const NOTEBOOK = "---\ndriftbook: 1\n---\n\n```sql name=count\nSELECT count(*) AS n FROM card_fraud.decisions\n```\n";

/** A workspace without a server; `held` counts the leases of its lake. */
async function openWorkspace() {
  const folder = await workspaceFolder();
  const services = await quietServices(folder);
  const catalog = new DatabaseSync(path.join(folder, ".driftbook", "workspace.db"), { readOnly: true });
  return {
    folder,
    services,
    held: () => Number(catalog.prepare("SELECT count(*) AS n FROM lake_leases").get()!.n),
    close: async () => {
      catalog.close();
      await services.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test("an open notebook holds the files it reads until it is closed, a headless run until it is done", async () => {
  const { services, held, close } = await openWorkspace();
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
    await close();
  }
});

test("a refresh that ends after its notebook was closed holds nothing", async () => {
  const { services, held, close } = await openWorkspace();
  try {
    const session = await services.notebookSessions.open("a.nb.md", NOTEBOOK, { hash: "" });
    await session.perform({ type: "run", request: 1, cells: "all" }, "test");
    await session.idle();
    const relations = services.workspace.relations.bind(services.workspace);
    let go = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      go = resolve;
    });
    services.workspace.relations = async (...wish) => {
      await waiting;
      return relations(...wish);
    };
    const refresh = session.perform({ type: "refresh", request: 2, asOf: null }, "test");
    await session.close();
    go();
    await expect(refresh).rejects.toThrow("The notebook was closed meanwhile.");
    expect(held()).toBe(0);
  } finally {
    await close();
  }
});

test("what could not be shown holds nothing: neither a query's engine that is gone, nor a file that cannot be read", async () => {
  const { folder, services, held, close } = await openWorkspace();
  try {
    const { lease, release } = await services.queries.lease(null);
    const gone = held();
    await release();
    await lease.engine.close();
    // A later as-of is another set of statements.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(services.queries.lease(null)).rejects.toThrow();
    expect([gone, held()]).toEqual([1, 0]);

    await mkdir(path.join(folder, "deno.lock"));
    for (let times = 0; times < 3; times++)
      await expect(services.notebookSessions.run("a.nb.md", NOTEBOOK, {})).rejects.toThrow();
    expect(held()).toBe(0);
  } finally {
    await close();
  }
});
