/**
 * The in-memory DuckDB of one engine process and its connections. It is configured once, then locked: no files but in
 * the allowed directories (DuckDB resolves symbolic links before it decides), no extensions, no other settings, and
 * nobody can change that any more. Relative paths are relative to the working folder of the process, which is the
 * workspace folder.
 *
 * Settings such as progress belong to a connection, so all connections are made before the lock and reused.
 */
import { type DuckDBConnection, DuckDBInstance } from "../duckdb/duckdb.ts";
import type { SqlEngineConfiguration } from "./sql-engine.ts";

/** Statements that run at once; more of them wait. */
const CONNECTIONS = 4;
/** Where results live; views in `main` give them their names. */
export const RESULTS_SCHEMA = "__results";

export class EngineDatabase {
  /** For short statements of our own, never for a user's. */
  readonly control: DuckDBConnection;
  private readonly instance: DuckDBInstance;
  private readonly connections: readonly DuckDBConnection[];
  private readonly free: DuckDBConnection[];
  private readonly waiting: ((connection: DuckDBConnection) => void)[] = [];

  private constructor(instance: DuckDBInstance, connections: readonly DuckDBConnection[]) {
    this.instance = instance;
    this.connections = connections;
    this.control = connections[0]!;
    this.free = connections.slice(1);
  }

  static async open(configuration: SqlEngineConfiguration): Promise<EngineDatabase> {
    const instance = await DuckDBInstance.create(":memory:", { threads: String(configuration.threads) });
    const connections = await Promise.all(Array.from({ length: CONNECTIONS + 1 }, () => instance.connect()));
    const control = connections[0]!;
    for (const statement of globalSettings(configuration)) await control.run(statement);
    for (const connection of connections)
      for (const statement of connectionSettings(configuration)) await connection.run(statement);
    await control.run(`CREATE SCHEMA ${RESULTS_SCHEMA}`);
    await control.run("SET lock_configuration = true");
    return new EngineDatabase(instance, connections);
  }

  /** Nothing may run on it any more. Everything in it goes, its memory with it. */
  close(): void {
    for (const connection of this.connections) connection.closeSync();
    this.instance.closeSync();
  }

  /** Runs `work` with a connection of its own. */
  async withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection =
      this.free.pop() ?? (await new Promise<DuckDBConnection>((resolve) => this.waiting.push(resolve)));
    try {
      return await work(connection);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(connection);
      else next(connection);
    }
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const folder = (path: string): string => quoted(path.endsWith("/") ? path : `${path}/`);

function globalSettings(configuration: SqlEngineConfiguration): string[] {
  const { memoryLimitBytes, tempLimitBytes, scratchFolder, allowedDirectories } = configuration;
  return [
    `SET GLOBAL memory_limit = '${memoryLimitBytes}B'`,
    `SET GLOBAL temp_directory = ${quoted(`${scratchFolder}/temp`)}`,
    `SET GLOBAL max_temp_directory_size = '${tempLimitBytes}B'`,
    "SET GLOBAL preserve_insertion_order = true",
    "SET GLOBAL parquet_metadata_cache = true",
    "SET GLOBAL autoinstall_known_extensions = false",
    "SET GLOBAL autoload_known_extensions = false",
    "SET GLOBAL allow_community_extensions = false",
    `SET GLOBAL allowed_directories = [${[...allowedDirectories, scratchFolder].map(folder).join(", ")}]`,
    "SET GLOBAL enable_external_access = false",
  ];
}

function connectionSettings(configuration: SqlEngineConfiguration): string[] {
  return [
    `SET TimeZone = ${quoted(configuration.timeZone)}`,
    "SET enable_progress_bar = true",
    "SET enable_progress_bar_print = false",
    "SET progress_bar_time = 0",
  ];
}
