import { z } from "zod";
import { RESERVED_NAMES } from "./contract.ts";
import { durationMillis } from "./quantities.ts";

/** A contract as people write it: everything optional that has a default. `toContract` completes it. */

const duration = z
  .string()
  .refine((text) => durationMillis(text) !== null, "expected a duration such as 45 days or 1 hour");
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const values = z.array(scalar).min(1);
export const streamName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, "expected a name of small letters, digits and _, such as card_fraud")
  .refine((name) => !["main", "monitor", "temp", "system", "information_schema", "pg_catalog"].includes(name), {
    message: "this name is taken by the engine; choose another, such as card_fraud",
  });
const DECIMAL = /^decimal\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)$/;
const featureType = z.string().refine((text) => {
  const found = DECIMAL.exec(text);
  if (found !== null) return Number(found[1]) >= 1 && Number(found[1]) <= 38 && Number(found[2]) <= Number(found[1]);
  return ["number", "integer", "text", "boolean", "timestamp", "date", "json"].includes(text);
}, "expected number, integer, decimal(p,s), text, boolean, timestamp, date or json");
export const DECIMAL_TYPE = DECIMAL;

const feature = z.strictObject({
  type: featureType,
  min: z.number().optional(),
  max: z.number().optional(),
  values: values.optional(),
  unit: z.string().optional(),
  personal: z.boolean().optional(),
});
const featureName = z
  .string()
  .min(1)
  .max(128)
  .refine((name) => !RESERVED_NAMES.has(name), "this name is reserved for Driftbook's own columns; rename the feature")
  .refine((name) => !name.includes("\u0000") && !name.startsWith("__"), "a feature's name may not begin with __");

export const contractSchema = z.strictObject({
  stream: streamName,
  strict: z.boolean().optional(),
  decision: z
    .strictObject({
      score: z
        .strictObject({ type: z.literal("number").optional(), min: z.number().optional(), max: z.number().optional() })
        .optional(),
      values: values.optional(),
      positive: values.optional(),
      entity: z.string().optional(),
      amount: z.string().optional(),
    })
    .optional(),
  features: z.record(featureName, feature).optional(),
  feedback: z
    .strictObject({
      label: z
        .strictObject({
          type: z.enum(["boolean", "text", "number"]),
          values: values.optional(),
          positive: values.optional(),
        })
        .optional(),
      sources: z.array(z.string()).optional(),
      maturity: duration.optional(),
      silence: z.strictObject({ means: scalar, after: duration, for: z.array(scalar).min(1) }).optional(),
    })
    .optional(),
  lateness: duration.optional(),
  quiet: z.enum(["allowed"]).optional(),
  keep: z.union([z.literal("forever"), duration]).optional(),
});
export type ContractSpec = z.infer<typeof contractSchema>;
