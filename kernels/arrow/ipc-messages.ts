/**
 * The messages of an Arrow IPC stream. Each is: 0xFFFFFFFF, int32 length of the metadata, the metadata (a FlatBuffer
 * `Message`), then a body of buffers, each padded to 8 bytes.
 */
import type { ArrowField, ArrowType } from "./arrow-field.ts";
import type { ColumnSink } from "./column-sink.ts";
import { bool, byte, FlatBufferWriter, type FlatField, int, long, reference, short } from "./flatbuffer.ts";

const METADATA_VERSION_5 = 4;
const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;
const UNIT_DAY = 0;
const UNIT_MONTH_DAY_NANO = 2;
const PADDING = new Uint8Array(8);

export function schemaMessage(fields: readonly ArrowField[]): Uint8Array[] {
  const writer = new FlatBufferWriter();
  const list = writer.references(fields.map((field) => writeField(writer, field)));
  return message(writer, HEADER.schema, writer.table([null, reference(list)]), []);
}

/** The values of an ENUM, once before the first batch. */
export function dictionaryMessage(id: number, values: readonly string[]): Uint8Array[] {
  const texts = values.map((value) => new TextEncoder().encode(value));
  const offsets = new Int32Array(values.length + 1);
  texts.forEach((text, i) => {
    offsets[i + 1] = offsets[i]! + text.length;
  });
  const buffers = [new Uint8Array(0), new Uint8Array(offsets.buffer), new Uint8Array(Buffer.concat(texts))];
  const writer = new FlatBufferWriter();
  const batch = writeBatch(writer, values.length, [[values.length, 0]], buffers);
  const header = writer.table([long(id), reference(batch), bool(false)]);
  return message(writer, HEADER.dictionaryBatch, header, buffers);
}

export function recordBatchMessage(rowCount: number, columns: readonly ColumnSink[]): Uint8Array[] {
  const nodes: [number, number][] = [];
  const buffers: Uint8Array[] = [];
  const visit = (column: ColumnSink): void => {
    nodes.push([column.rowCount, column.nullCount]);
    buffers.push(...column.buffers());
    column.children.forEach(visit);
  };
  columns.forEach(visit);
  const writer = new FlatBufferWriter();
  return message(writer, HEADER.recordBatch, writeBatch(writer, rowCount, nodes, buffers), buffers);
}

/** What ends a stream. */
export const END_OF_STREAM: Uint8Array = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

function writeBatch(
  writer: FlatBufferWriter,
  rowCount: number,
  nodes: readonly (readonly [number, number])[],
  buffers: readonly Uint8Array[],
): number {
  let at = 0;
  const places = buffers.map((buffer): [number, number] => {
    const place: [number, number] = [at, buffer.length];
    at += padded(buffer.length);
    return place;
  });
  const nodeList = writer.pairs(nodes);
  const bufferList = writer.pairs(places);
  return writer.table([long(rowCount), reference(nodeList), reference(bufferList)]);
}

function writeField(writer: FlatBufferWriter, field: ArrowField): number {
  const children = writer.references(field.children.map((child) => writeField(writer, child)));
  // A dictionary-encoded field has the type of its values, and that of its indexes in the encoding.
  const type = writeType(writer, field.dictionary === null ? field.type : { tag: 5 });
  const dictionary =
    field.dictionary === null
      ? null
      : reference(writer.table([long(field.dictionary.id), reference(writeType(writer, field.type)), bool(false)]));
  const key = writer.string("duckdb:type");
  const value = writer.string(field.typeText);
  const metadata = writer.references([writer.table([reference(key), reference(value)])]);
  const name = writer.string(field.name);
  return writer.table([
    reference(name),
    bool(true),
    byte(field.dictionary === null ? field.type.tag : 5),
    reference(type),
    dictionary,
    reference(children),
    reference(metadata),
  ]);
}

function writeType(writer: FlatBufferWriter, type: ArrowType): number {
  return writer.table(typeParameters(writer, type));
}

function typeParameters(writer: FlatBufferWriter, type: ArrowType): FlatField[] {
  switch (type.tag) {
    case 1:
    case 4:
    case 5:
    case 6:
    case 12:
    case 13:
      return [];
    case 2:
      return [int(type.bits), bool(type.signed)];
    case 3:
      return [short(type.precision)];
    case 7:
      return [int(type.precision), int(type.scale), int(type.bits)];
    case 8:
      return [short(UNIT_DAY)];
    case 9:
      return [short(type.unit), int(64)];
    case 10:
      return type.zone === null ? [short(type.unit)] : [short(type.unit), reference(writer.string(type.zone))];
    case 11:
      return [short(UNIT_MONTH_DAY_NANO)];
    case 14:
      return [short(0), reference(writer.ints(Array.from({ length: type.members }, (_, i) => i)))];
    case 16:
      return [int(type.length)];
    case 17:
      return [bool(false)];
    default:
      return type satisfies never;
  }
}

function message(writer: FlatBufferWriter, kind: number, header: number, buffers: readonly Uint8Array[]): Uint8Array[] {
  const bodyBytes = buffers.reduce((sum, buffer) => sum + padded(buffer.length), 0);
  const root = writer.table([short(METADATA_VERSION_5), byte(kind), reference(header), long(bodyBytes)]);
  const metadata = writer.finish(root);
  const prefix = new DataView(new ArrayBuffer(8));
  prefix.setUint32(0, 0xffffffff, true);
  prefix.setInt32(4, metadata.length, true);
  const body = buffers.flatMap((buffer) => [buffer, PADDING.subarray(0, padded(buffer.length) - buffer.length)]);
  return [new Uint8Array(prefix.buffer), metadata, ...body.filter((part) => part.length > 0)];
}

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;
