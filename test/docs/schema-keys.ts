import { z } from "zod";

/** Keys of an object of the schema, by name; of each value of a record; null for what has none. */
export function keysOf(schema: unknown): Readonly<Record<string, unknown>> | null {
  if (schema instanceof z.ZodOptional) return keysOf(schema.unwrap());
  if (schema instanceof z.ZodRecord) return keysOf(schema.valueType);
  return schema instanceof z.ZodObject ? schema.shape : null;
}
