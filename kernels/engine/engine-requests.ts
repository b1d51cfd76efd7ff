/**
 * What an engine process does for each request. One of these objects per process, made when the host opens it; it owns
 * the database, the named results and the statements that run.
 */
import { mkdir } from "node:fs/promises";
import { type ArrowPiece, ArrowStreamEncoder, pieceLength } from "../arrow/arrow-stream.ts";
import type { DuckDBConnection, DuckDBResult } from "../duckdb/duckdb.ts";
import { type Admitted, bindings, columnsOf, fillTable, firstRows, isShow } from "./admitted-statement.ts";
import { asOfMacros } from "./as-of-macros.ts";
import { EngineDatabase } from "./engine-database.ts";
import type { EngineRequest, RequestOf } from "./engine-messages.ts";
import { exportRows, insideFolder } from "./export-rows.ts";
import { identifier, inTransaction, type NamedResult, NamedResults } from "./named-results.ts";
import { createTableFromArrow } from "./register-arrow.ts";
import { RunningStatements } from "./running-statements.ts";
import { type Column, type SqlEngineConfiguration, SqlError } from "./sql-engine.ts";
import { sqlErrorFrom } from "./sql-problem.ts";
import { type Admission, inspectStatement, type Parser } from "./statement-gate.ts";
import { summarise } from "./summarise.ts";
import { tableMacrosOf } from "./table-macros.ts";
import { columnOf } from "./view-text.ts";

export interface Reply {
  /** Tells what is known before the first piece. */
  begun(value: unknown): void;
  progress(fraction: number | null): void;
  /** Sends a piece of the answer, which may be used again then, when the host has room for it. */
  piece(piece: ArrowPiece): Promise<void>;
}

/** A page, or nothing, beside the JSON answer. */
export interface Answer {
  readonly value: unknown;
  readonly body?: Uint8Array;
}

type Handlers = {
  [T in Exclude<EngineRequest["type"], "open" | "cancel" | "taken">]: (
    request: RequestOf<T>,
    reply: Reply,
    body: Uint8Array,
  ) => Promise<Answer>;
};
const MOST_REMEMBERED = 500;
const LONGEST_REMEMBERED = 20_000;

export class EngineRequests {
  private readonly configuration: SqlEngineConfiguration;
  private readonly database: EngineDatabase;
  private readonly results = new NamedResults();
  private readonly running = new RunningStatements();
  private readonly ownTableMacros = new Set<string>();
  private knownTableBytes = 0;
  private readonly handlers: Handlers = {
    "set-relations": (request) => this.setRelations(request),
    inspect: async ({ sql }) => ({ value: (await this.inspect(sql)).inspection }),
    describe: (request) => this.describe(request),
    materialise: (request, reply) => this.materialise(request, reply),
    query: (request, reply) => this.query(request, reply),
    page: (request, reply) => this.page(request, reply),
    summarise: (request, reply) => this.summarise(request, reply),
    register: (request, _reply, body) => this.register(request, body),
    rename: async ({ from, to }) => {
      await this.database.withConnection((connection) => this.results.rename(connection, from, to));
      return { value: null };
    },
    drop: async ({ name }) => {
      await this.database.withConnection((connection) => this.results.drop(connection, name));
      await this.tableBytes();
      return { value: null };
    },
    export: (request, reply) => this.export(request, reply),
  };

  private readonly admissions = new Map<string, Admission>();
  private collecting: Promise<void> = Promise.resolve();

  private constructor(configuration: SqlEngineConfiguration, database: EngineDatabase) {
    this.configuration = configuration;
    this.database = database;
  }

  static async open(configuration: SqlEngineConfiguration): Promise<EngineRequests> {
    await mkdir(configuration.scratchFolder, { recursive: true });
    process.chdir(configuration.workspaceFolder);
    return new EngineRequests(configuration, await EngineDatabase.open(configuration));
  }

  /** For a process that goes on with another database. */
  close(): void {
    this.database.close();
  }

  cancel(id: number): void {
    this.running.cancel(id);
  }

  /** @throws SqlError */
  handle(
    request: Exclude<EngineRequest, { type: "open" | "cancel" | "taken" }>,
    reply: Reply,
    body: Uint8Array,
  ): Promise<Answer> {
    const handler = this.handlers[request.type] as (
      request: EngineRequest,
      reply: Reply,
      body: Uint8Array,
    ) => Promise<Answer>;
    return this.running.during(request.id, () => handler(request, reply, body));
  }

  private async setRelations({ statements, asOf }: RequestOf<"set-relations">): Promise<Answer> {
    await this.database.withConnection(async (connection) => {
      const all = [...(asOf === null ? [] : asOfMacros(asOf)), ...statements];
      await inTransaction(connection, all).catch((error: unknown) => {
        throw sqlErrorFrom(error, "");
      });
      this.admissions.clear();
      // Those that were made before are there still.
      for (const name of tableMacrosOf(statements)) this.ownTableMacros.add(name);
    });
    return { value: null };
  }

  /** The gate's verdict, remembered: cells run the same text again and again. */
  private async inspect(sql: string): Promise<Admission> {
    const known = this.admissions.get(sql);
    if (known !== undefined) return known;
    const admission = await this.inspectAnew(sql);
    if (sql.length <= LONGEST_REMEMBERED) {
      if (this.admissions.size >= MOST_REMEMBERED) this.admissions.clear();
      this.admissions.set(sql, admission);
    }
    return admission;
  }

  private async inspectAnew(sql: string): Promise<Admission> {
    const { control } = this.database;
    const parser: Parser = {
      serialise: async (text) => {
        const rows = await (await control.run("SELECT json_serialize_sql($1::VARCHAR)::VARCHAR", [text])).getRows();
        return String(rows[0]![0]);
      },
      countStatements: async (text) => (await control.extractStatements(text)).count,
      ownTableMacros: this.ownTableMacros,
    };
    return inspectStatement(sql, parser);
  }

  /** The gate. @throws SqlError with the gate's sentence. */
  private async admit(sql: string): Promise<Admitted> {
    const { inspection, text, linesBefore } = await this.inspect(sql);
    if (!inspection.ok) throw new SqlError(inspection.kind, inspection.problem);
    const isExplain = inspection.statement === "explain";
    return { text, linesBefore, isSelect: !isExplain && !isShow(inspection.ast), isExplain };
  }

  private async describe({ sql, parameters }: RequestOf<"describe">): Promise<Answer> {
    const admitted = await this.admit(sql);
    return this.database.withConnection(async (connection) => {
      try {
        return { value: { columns: await columnsOf(connection, admitted, parameters) } };
      } catch (error) {
        throw sqlErrorFrom(error, sql, admitted.linesBefore);
      }
    });
  }

  private async materialise(request: RequestOf<"materialise">, reply: Reply): Promise<Answer> {
    const { sql, parameters, name, runId } = request;
    const admitted = await this.admit(sql);
    const started = performance.now();
    return this.database.withConnection(async (connection) => {
      const table = this.results.newTable();
      const before = this.knownTableBytes;
      try {
        const linesBefore = admitted.isSelect ? 1 : admitted.linesBefore;
        const rowCount = await this.run(connection, request, linesBefore, reply, () =>
          fillTable(connection, table, admitted, parameters),
        );
        const [now, result] = await Promise.all([
          this.tableBytes(),
          this.results.adopt(connection, name, runId, { table, rowCount }),
        ]);
        const bytes = Math.max(0, now - before);
        await this.refuseTooLarge(connection, result, bytes);
        this.collectSoon();
        const durationMillis = performance.now() - started;
        return {
          value: { columns: result.columns.map(publicColumn), rowCount: result.rowCount, bytes, durationMillis },
        };
      } catch (error) {
        await connection.run(`DROP TABLE IF EXISTS ${table}`).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Nobody waits for the tables of earlier results to go. */
  private collectSoon(): void {
    this.collecting = this.collecting
      .then(() => this.database.withConnection((connection) => this.results.collect(connection)))
      .catch(() => undefined); // What is left is tried again after the next result.
  }

  private async refuseTooLarge(connection: DuckDBConnection, result: NamedResult, bytes: number): Promise<void> {
    const { rows, bytes: most } = this.configuration.resultLimit;
    if (result.rowCount <= rows && bytes <= most) return;
    await this.results.drop(connection, result.name);
    throw tooLarge(result.rowCount, bytes, rows, most);
  }

  /** Bytes of all tables now; what it was at the last look is `knownTableBytes`. */
  private async tableBytes(): Promise<number> {
    const rows = await this.database.control.run(
      "SELECT coalesce(sum(memory_usage_bytes + temporary_storage_bytes), 0)::DOUBLE FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'",
    );
    this.knownTableBytes = Number((await rows.getRows())[0]![0]);
    return this.knownTableBytes;
  }

  private async query(request: RequestOf<"query">, reply: Reply): Promise<Answer> {
    const { text, linesBefore } = firstRows(await this.admit(request.sql), request.firstRows);
    const { values, types } = bindings(request.parameters);
    const mostRows = request.maxRows ?? this.configuration.resultLimit.rows;
    const mostBytes = request.maxBytes ?? this.configuration.resultLimit.bytes;
    return this.database.withConnection((connection) =>
      this.run(connection, request, linesBefore, reply, async (stopped) => {
        const result = await connection.stream(text, values, types);
        let rowCount = 0;
        let bytes = 0;
        await encodeResult(result, async (piece, rows) => {
          rowCount = rows;
          bytes += pieceLength(piece);
          if (stopped()) throw new Error("INTERRUPT Error: Interrupted!");
          if (rowCount > mostRows || bytes > mostBytes) throw tooLarge(rowCount, bytes, mostRows, mostBytes);
          await reply.piece(piece);
        });
        return { value: { rowCount, bytes } };
      }),
    );
  }

  private async page(request: RequestOf<"page">, reply: Reply): Promise<Answer> {
    const result = this.results.get(request.name);
    const columns =
      request.columns === null ? result.columns : request.columns.map((name) => columnOf(result.columns, name));
    return this.database.withConnection((connection) =>
      this.run(connection, request, 0, reply, async () => {
        const view = await this.results.view(connection, result, request.sort, request.filters);
        if (view.table !== null) await this.tableBytes();
        const list = columns.map((column) => `t.${identifier(column.stored)} AS ${identifier(column.name)}`).join(", ");
        const end = request.offset + request.limit;
        const range = `rowid >= ${request.offset} AND rowid < ${end}`;
        const isAll = request.offset === 0 && end >= view.rowCount;
        const sql =
          view.table === null
            ? // In the order of the rows without sorting: the instance preserves insertion order.
              `SELECT ${list} FROM ${result.table} t${isAll ? "" : ` WHERE t.${range.replace("AND ", "AND t.")}`}`
            : `SELECT ${list} FROM (SELECT r, rowid AS k FROM ${view.table} WHERE ${range}) v JOIN ${result.table} t ON t.rowid = v.r ORDER BY v.k`;
        reply.begun({ rowCount: view.rowCount });
        await encodeResult(await connection.stream(sql), (piece) => reply.piece(piece));
        return { value: null };
      }),
    );
  }

  private summarise(request: RequestOf<"summarise">, reply: Reply): Promise<Answer> {
    const result = this.results.get(request.name);
    return this.database.withConnection((connection) =>
      this.run(connection, request, 0, reply, async () => ({ value: await summarise(connection, result) })),
    );
  }

  private async register({ name, id }: RequestOf<"register">, body: Uint8Array): Promise<Answer> {
    const started = performance.now();
    return this.database.withConnection(async (connection) => {
      const table = this.results.newTable();
      try {
        const rowCount = await createTableFromArrow(connection, table, body);
        const result = await this.results.adopt(connection, name, `register-${id}`, { table, rowCount });
        this.collectSoon();
        await this.tableBytes();
        const value = { columns: result.columns.map(publicColumn), rowCount, bytes: body.length };
        return { value: { ...value, durationMillis: performance.now() - started } };
      } catch (error) {
        await connection.run(`DROP TABLE IF EXISTS ${table}`).catch(() => undefined);
        throw sqlErrorFrom(error, "");
      }
    });
  }

  private async export(request: RequestOf<"export">, reply: Reply): Promise<Answer> {
    const file = insideFolder(this.configuration.scratchFolder, request.file);
    if (request.name !== null) return this.exportResult(request.name, request, file, reply);
    const admitted = firstRows(await this.admit(request.sql), request.firstRows);
    const linesBefore = admitted.linesBefore + (admitted.isSelect ? 1 : 0);
    return this.database.withConnection(async (connection) => {
      const table = this.results.newTable();
      try {
        return await this.run(connection, request, linesBefore, reply, async () => {
          await fillTable(connection, table, admitted, request.parameters);
          const columns = await columnsOf(connection, { text: `FROM ${table}`, isSelect: true }, []);
          return { value: await exportRows(connection, { from: table, columns }, request.format, file) };
        });
      } finally {
        await connection.run(`DROP TABLE IF EXISTS ${table}`);
      }
    });
  }

  private exportResult(name: string, request: RequestOf<"export">, file: string, reply: Reply): Promise<Answer> {
    const result = this.results.get(name);
    return this.database.withConnection((connection) =>
      this.run(connection, request, 0, reply, async () => {
        const view = await this.results.view(connection, result, request.sort, request.filters);
        const list = result.columns
          .map((column) => `t.${identifier(column.stored)} AS ${identifier(column.name)}`)
          .join(", ");
        const from =
          view.table === null
            ? `(SELECT ${list} FROM ${result.table} t ORDER BY t.rowid)`
            : `(SELECT ${list} FROM ${view.table} v JOIN ${result.table} t ON t.rowid = v.r ORDER BY v.rowid)`;
        return { value: await exportRows(connection, { from, columns: result.columns }, request.format, file) };
      }),
    );
  }

  private run<T>(
    connection: DuckDBConnection,
    request: { readonly id: number; readonly sql?: string; readonly timeoutMillis: number | null },
    linesBefore: number,
    reply: Reply,
    work: (stopped: () => boolean) => Promise<T>,
  ): Promise<T> {
    const limit = this.configuration.timeoutMillis;
    const timeoutMillis = Math.min(request.timeoutMillis ?? limit, limit);
    const options = { id: request.id, sql: request.sql ?? "", timeoutMillis, linesBefore, onProgress: reply.progress };
    return this.running.run(connection, options, work);
  }
}

const publicColumn = ({ name, type }: Column): Column => ({ name, type });

/** A promise whose failure may be looked at later. */
function fetched(result: DuckDBResult): ReturnType<DuckDBResult["fetchChunk"]> {
  const chunk = result.fetchChunk();
  chunk.catch(() => undefined);
  return chunk;
}

async function encodeResult(
  result: DuckDBResult,
  take: (piece: ArrowPiece, rowCount: number) => Promise<void>,
): Promise<void> {
  const encoder = new ArrowStreamEncoder(result.columnNames(), result.columnTypes());
  let rowCount = 0;
  await take(encoder.start(), rowCount);
  // DuckDB makes the next chunk while this thread encodes the one before.
  let coming = fetched(result);
  try {
    for (;;) {
      const chunk = await coming;
      if (chunk === null || chunk.rowCount === 0) break;
      coming = fetched(result);
      rowCount += chunk.rowCount;
      const piece = encoder.push(chunk);
      if (piece !== null) await take(piece, rowCount);
    }
  } finally {
    await coming.catch(() => undefined); // Told above, or of no interest after another failure.
  }
  await take(encoder.end(), rowCount);
}

function tooLarge(rows: number, bytes: number, mostRows: number, mostBytes: number): SqlError {
  const megabytes = (count: number): string => `${Math.round(count / (1024 * 1024))} MB`;
  return new SqlError("too-large", {
    message: `The result has ${rows} rows and ${megabytes(bytes)}; the limit is ${mostRows} rows and ${megabytes(mostBytes)}.`,
    hint: "Aggregate, filter or LIMIT it in SQL.",
  });
}
