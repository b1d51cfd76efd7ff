import type { DuckDBDataChunk, DuckDBType } from "../duckdb/duckdb.ts";
import { rawColumn } from "../duckdb/duckdb.ts";
import { type ArrowField, arrowFields } from "./arrow-field.ts";
import type { ColumnSink } from "./column-sink.ts";
import { createSink } from "./create-sink.ts";
import { dictionaryMessage, END_OF_STREAM, recordBatchMessage, schemaMessage } from "./ipc-messages.ts";

/** Rows of a record batch: a batch is what a reader decodes and we send at once. */
const BATCH_ROWS = 32 * 2048;
const BATCH_BYTES = 8 * 1024 * 1024;

/** Bytes of an Arrow IPC stream in their order, in memory that is used again: valid until the encoder's next call. */
export type ArrowPiece = readonly Uint8Array[];

/**
 * Turns the data chunks of a result into an Arrow IPC stream, piece by piece: `start`, then `push` for each chunk,
 * then `end`. The chunk may be freed after its `push`; a piece that is kept must be copied (`joined`).
 */
export class ArrowStreamEncoder {
  private readonly fields: readonly ArrowField[];
  private readonly columns: readonly ColumnSink[];
  private rowsWaiting = 0;
  /** The rows that wait are in a piece already; their memory is free for others with the next call. */
  private sent = false;

  constructor(names: readonly string[], types: readonly DuckDBType[]) {
    this.fields = arrowFields(names, types);
    this.columns = this.fields.map(createSink);
  }

  /** Schema and dictionaries. */
  start(): ArrowPiece {
    return [...schemaMessage(this.fields), ...dictionaries(this.fields)];
  }

  /** A record batch when enough rows have come together, else null. */
  push(chunk: DuckDBDataChunk): ArrowPiece | null {
    this.clearIfSent();
    const { rowCount } = chunk;
    const rows = { start: 0, count: rowCount, indexes: null } as const;
    for (const [i, column] of this.columns.entries()) column.append(rawColumn(chunk, i), rows, rowCount);
    this.rowsWaiting += rowCount;
    if (this.rowsWaiting < BATCH_ROWS && this.bytesWaiting < BATCH_BYTES) return null;
    return this.flush();
  }

  /** The last batch, if any rows wait, and the end mark. */
  end(): ArrowPiece {
    this.clearIfSent();
    return [...(this.flush() ?? []), END_OF_STREAM];
  }

  private get bytesWaiting(): number {
    return this.columns.reduce((sum, column) => sum + column.byteLength, 0);
  }

  private flush(): ArrowPiece | null {
    if (this.rowsWaiting === 0) return null;
    this.sent = true;
    return recordBatchMessage(this.rowsWaiting, this.columns);
  }

  private clearIfSent(): void {
    if (!this.sent) return;
    for (const column of this.columns) column.clear();
    this.rowsWaiting = 0;
    this.sent = false;
  }
}

function dictionaries(fields: readonly ArrowField[]): Uint8Array[] {
  return fields.flatMap((field) => [
    ...(field.dictionary === null ? [] : dictionaryMessage(field.dictionary.id, field.dictionary.values)),
    ...dictionaries(field.children),
  ]);
}

export const pieceLength = (piece: ArrowPiece): number => piece.reduce((sum, part) => sum + part.length, 0);

/** A copy of the piece in memory of its own. */
export function joined(piece: ArrowPiece): Uint8Array {
  // Not zeroed: every byte is written below.
  const bytes = Buffer.allocUnsafeSlow(pieceLength(piece));
  let at = 0;
  for (const part of piece) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
