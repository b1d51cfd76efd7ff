import type { DuckDBDataChunk, DuckDBType } from "../duckdb/duckdb.ts";
import { rawColumn } from "../duckdb/duckdb.ts";
import { type ArrowField, arrowFields } from "./arrow-field.ts";
import type { ColumnSink } from "./column-sink.ts";
import { createSink } from "./create-sink.ts";
import { dictionaryMessage, END_OF_STREAM, recordBatchMessage, schemaMessage } from "./ipc-messages.ts";

/** Rows of a record batch: a batch is what a reader decodes and we send at once. */
const BATCH_ROWS = 32 * 2048;
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Turns the data chunks of a result into an Arrow IPC stream, piece by piece: `start`, then `push` for each chunk,
 * then `end`. Pieces are copies: they may be kept, and the chunk may be freed.
 */
export class ArrowStreamEncoder {
  private readonly fields: readonly ArrowField[];
  private readonly columns: readonly ColumnSink[];
  private rowsWaiting = 0;

  constructor(names: readonly string[], types: readonly DuckDBType[]) {
    this.fields = arrowFields(names, types);
    this.columns = this.fields.map(createSink);
  }

  /** Schema and dictionaries. */
  start(): Uint8Array {
    return joined([...schemaMessage(this.fields), ...dictionaries(this.fields)]);
  }

  /** A record batch when enough rows have come together, else null. */
  push(chunk: DuckDBDataChunk): Uint8Array | null {
    const { rowCount } = chunk;
    const rows = { start: 0, count: rowCount, indexes: null } as const;
    for (const [i, column] of this.columns.entries()) column.append(rawColumn(chunk, i), rows, rowCount);
    this.rowsWaiting += rowCount;
    if (this.rowsWaiting < BATCH_ROWS && this.bytesWaiting < BATCH_BYTES) return null;
    return this.flush();
  }

  /** The last batch, if any rows wait, and the end mark. */
  end(): Uint8Array {
    return joined([this.flush() ?? new Uint8Array(0), END_OF_STREAM]);
  }

  private get bytesWaiting(): number {
    return this.columns.reduce((sum, column) => sum + column.byteLength, 0);
  }

  private flush(): Uint8Array | null {
    if (this.rowsWaiting === 0) return null;
    const batch = joined(recordBatchMessage(this.rowsWaiting, this.columns));
    for (const column of this.columns) column.clear();
    this.rowsWaiting = 0;
    return batch;
  }
}

function dictionaries(fields: readonly ArrowField[]): Uint8Array[] {
  return fields.flatMap((field) => [
    ...(field.dictionary === null ? [] : dictionaryMessage(field.dictionary.id, field.dictionary.values)),
    ...dictionaries(field.children),
  ]);
}

/** One piece of memory; the sinks' buffers are reused after this. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  // Not zeroed: every byte is written below.
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
