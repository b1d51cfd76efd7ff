import { MONITOR_TABLES, type MonitorTableName } from "../../cells/monitoring/monitor-tables.ts";
import type { RelationsView, RelationView } from "../../cells/wire/http-workspace.ts";
import type { SqlEngine } from "../../kernels/engine/sql-engine.ts";
import { SqlError } from "../../kernels/engine/sql-engine.ts";
import { dataFilesOf } from "../data-files.ts";
import { Held } from "../held.ts";
import type { Services } from "../services.ts";

const SAMPLE_ROWS = 20_000;
const TIMEOUT_MILLIS = 10_000;
const PATIENCE_MILLIS = 300;
const STREAM_RELATIONS = ["decisions", "feedback", "outcomes", "quarantine"] as const;

const held = new WeakMap<Services, Held<RelationsView>>();

/**
 * Every table that SQL can read, with columns, missing share and histogram. Measured once per minute of watermark at most;
 * while that goes on, the last answer is given.
 */
export async function viewRelations(services: Services): Promise<RelationsView> {
  const mine = held.get(services) ?? new Held<RelationsView>();
  held.set(services, mine);
  const files = await dataFilesOf(services.folder);
  const names = services.workspace.contracts.list().map((one) => `${one.stream} ${one.contract?.hash ?? ""}`);
  const minute = services.workspace.watermark()?.slice(0, 16) ?? "";
  const key = JSON.stringify([minute, names, files]);
  const { asOf, relations } = await mine.get("relations", key, () => measure(services, files), PATIENCE_MILLIS);
  return { asOf, relations: [...relations, ...monitorTables(services)] };
}

async function measure(services: Services, files: readonly { path: string }[]): Promise<RelationsView> {
  return services.queries.with(null, async ({ engine, asOf }) => {
    const relations: RelationView[] = [];
    for (const { stream, contract } of services.workspace.contracts.list()) {
      if (contract === null) continue;
      const counts = services.workspace.figures(stream);
      const rowCounts = {
        decisions: counts?.decisions,
        outcomes: counts?.decisions,
        feedback: counts?.feedback,
        quarantine: counts?.quarantined,
      };
      for (const name of STREAM_RELATIONS)
        relations.push(await relationView(engine, `${stream}.${name}`, "stream", rowCounts[name] ?? 0));
    }
    for (const file of files)
      relations.push(await relationView(engine, `'${file.path.replaceAll("'", "''")}'`, "file", null));
    return { asOf, relations };
  });
}

/** What jobs and alerts keep: their columns are known, and measuring them would cost more than it tells. */
function monitorTables({ monitorRelations }: Services): RelationView[] {
  const counts = monitorRelations.counts();
  return (Object.keys(MONITOR_TABLES) as MonitorTableName[]).map((name) => {
    const { about, columns } = MONITOR_TABLES[name];
    return {
      name: `monitor.${name}`,
      kind: "monitor",
      about,
      rowCount: counts[name],
      columns: Object.entries<readonly [type: string, about: string]>(columns).map(([column, [type, what]]) => ({
        ...{ name: column, type, about: what, missing: null, bins: null, top: null },
      })),
      problem: null,
    };
  });
}

async function relationView(
  engine: SqlEngine,
  name: string,
  kind: RelationView["kind"],
  rowCount: number | null,
): Promise<RelationView> {
  const sample = "data_panel_sample";
  try {
    const sql = `SELECT * FROM ${name} LIMIT ${SAMPLE_ROWS}`;
    const { columns, rowCount: rows } = await engine.materialise({
      sql,
      name: sample,
      runId: sample,
      timeoutMillis: TIMEOUT_MILLIS,
    });
    const summaries = await engine.summarise(sample, { timeoutMillis: TIMEOUT_MILLIS });
    return {
      name,
      kind,
      about: null,
      rowCount,
      columns: columns.map((column) => {
        const found = summaries.find((one) => one.name === column.name);
        return {
          name: column.name,
          type: column.type,
          about: null,
          missing: found === undefined || rows === 0 ? null : found.missing / rows,
          bins: found?.bins ?? null,
          top: found?.top ?? null,
        };
      }),
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof SqlError) || error.kind === "ended") throw error;
    return { name, kind, about: null, rowCount, columns: [], problem: error.message };
  } finally {
    await engine.drop(sample);
  }
}
