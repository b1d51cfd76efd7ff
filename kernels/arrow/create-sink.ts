import type { ArrowField } from "./arrow-field.ts";
import type { ColumnSink } from "./column-sink.ts";
import {
  BoolSink,
  FixedSink,
  NullSink,
  RewritingSink,
  rewriteInterval,
  TextSink,
  widen,
  widenUnsigned,
} from "./flat-sinks.ts";
import { ArraySink, ListSink, StructSink, UnionSink } from "./nested-sinks.ts";
import { StringSink, UuidSink } from "./string-sink.ts";

/** The sink that fills a column of this field, with those of its children. */
export function createSink(field: ArrowField): ColumnSink {
  const { layout } = field;
  const children = field.children.map(createSink);
  switch (layout.kind) {
    case "null":
      return new NullSink(field);
    case "bool":
      return new BoolSink(field);
    case "fixed":
      return new FixedSink(field, layout.bytes);
    case "widened":
      return new RewritingSink(field, layout.bytes, 16, widen[layout.bytes]);
    case "unsigned-widened":
      return new RewritingSink(field, 16, 32, widenUnsigned);
    case "interval":
      return new RewritingSink(field, 16, 16, rewriteInterval);
    case "string":
      return new StringSink(field);
    case "uuid":
      return new UuidSink(field);
    case "text":
      return new TextSink(field);
    case "list":
      return new ListSink(field, children[0]!);
    case "array":
      return new ArraySink(field, layout.length, children[0]!);
    case "struct":
      return new StructSink(field, children);
    case "union":
      return new UnionSink(field, children);
    default:
      return layout satisfies never;
  }
}
