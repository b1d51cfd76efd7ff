import { vi } from "vitest";
import { rolesOf } from "../../../workspaces/contracts/roles-of-contract.ts";
import { openWorkspace, type Workspace } from "../../../workspaces/workspace.ts";
import { loadHistory } from "../../support/load-history.ts";
import { startServer } from "../../support/server.ts";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { measure } from "./measuring.ts";

/** A stream of history whose labels come late, and some live feedback: moments before it are reconstructed. */
export interface LateLabels {
  readonly contract: string;
  readonly decisions: readonly object[];
  readonly feedback: readonly object[];
  readonly live: readonly object[];
}

export interface Filled {
  readonly workspace: Workspace;
  readonly engine: TestEngine["engine"];
}

/** The stream `card_fraud` with all rows loaded, and an engine that may read it. */
export async function filledWith({ contract, decisions, feedback, live }: LateLabels): Promise<Filled> {
  const server = await startServer({ files: { "streams/card_fraud.yaml": contract } });
  const { folder } = server;
  await loadHistory(server, "decisions", decisions);
  await loadHistory(server, "feedback", feedback);
  await server.ask("/api/streams/card_fraud/feedback", { method: "POST", json: live });
  const count = { method: "POST", json: { sql: "SELECT count(*) AS n FROM card_fraud.feedback" } };
  const loaded = async (): Promise<boolean> =>
    (await server.ask<{ n: number }[]>("/api/query", count))[0]!.n === feedback.length + live.length;
  await vi.waitUntil(loaded, { timeout: 20_000 });
  await server.stop();
  const workspace = await openWorkspace(folder, { zone: "UTC", keepFreeBytes: 0, onNotice: () => undefined });
  const { engine } = await startEngine({ allowedDirectories: [`${folder}/.driftbook/lake`] });
  return { workspace, engine };
}

/** A kpi as of a moment; the engine keeps the relations of that moment until the next. */
export async function measuredAt({ workspace, engine }: Filled, asOf: string, window: string | null, spec: object) {
  const relations = await workspace.relations(asOf);
  await engine.setRelations({ statements: relations.statements, asOf });
  const streams = workspace.contracts.list().flatMap(({ contract }) => (contract === null ? [] : [rolesOf(contract)]));
  const measured = await measure(engine, "kpi", spec, { streams, window, asOf });
  relations.release();
  return measured;
}
