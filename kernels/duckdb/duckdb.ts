/**
 * The one file that imports DuckDB. Everyone else (engine process, loader process, Arrow encoding) gets it from here,
 * so that a change of the binding's version or of its unsafe parts has one place.
 *
 * Besides the node-api classes it exports what the node-api lacks: raw access to the vectors of a data chunk.
 * Raw handles are valid as long as the chunk (or result) they came from is referenced.
 */
export * from "@duckdb/node-api";

import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import bindings from "@duckdb/node-bindings";

export type RawVector = bindings.Vector;
export type RawDataChunk = bindings.DataChunk;

/** Rows of one vector; every chunk holds at most this many. */
export const VECTOR_SIZE: number = bindings.vector_size();

/** The raw handle of a data chunk; keep `chunk` referenced while it is used. */
export function rawChunk(chunk: DuckDBDataChunk): RawDataChunk {
  return (chunk as unknown as { chunk: RawDataChunk }).chunk;
}

/** Column `index` of a chunk as a raw vector. */
export function rawColumn(chunk: DuckDBDataChunk, index: number): RawVector {
  return bindings.data_chunk_get_vector(rawChunk(chunk), index);
}

/** A copy-free view of the first `byteCount` bytes of a vector's data. */
export function vectorData(vector: RawVector, byteCount: number): Uint8Array {
  return bindings.vector_get_data(vector, byteCount);
}

/** The validity bits (1 = present, least significant bit first, in 8-byte words) or null when every row is present. */
export function vectorValidity(vector: RawVector, rowCount: number): Uint8Array | null {
  return (bindings.vector_get_validity(vector, Math.ceil(rowCount / 64) * 8) as Uint8Array | null) ?? null;
}

export const listChild = (vector: RawVector): RawVector => bindings.list_vector_get_child(vector);
export const listSize = (vector: RawVector): number => bindings.list_vector_get_size(vector);
export const structChild = (vector: RawVector, index: number): RawVector =>
  bindings.struct_vector_get_child(vector, index);
export const arrayChild = (vector: RawVector): RawVector => bindings.array_vector_get_child(vector);

/**
 * Reads the pointer that stands at `pointerOffset` of `buffer` and returns `byteCount` bytes from there. Unsafe: a
 * wrong count reads foreign memory. Only for the out-of-line part of DuckDB strings.
 */
export const dataAtPointer = (buffer: ArrayBuffer, pointerOffset: number, byteCount: number): Uint8Array =>
  bindings.get_data_from_pointer(buffer, pointerOffset, byteCount);

/** Rows processed of the running query in percent, or null while DuckDB has no estimate. */
export function queryPercent(connection: DuckDBConnection): number | null {
  const { percentage } = connection.progress;
  return percentage < 0 ? null : percentage;
}
