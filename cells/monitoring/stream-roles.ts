import { z } from "zod";

/** What a contract says that monitoring needs: which columns play which part, and how labels come. */
export const streamRoles = z.object({
  stream: z.string(),
  hash: z.string(),
  /** Decisions that count as positive. */
  positive: z.array(z.string()),
  entity: z.string().nullable(),
  amount: z.string().nullable(),
  labelType: z.enum(["boolean", "text", "number"]),
  /** Label values that count as positive, for text labels. */
  positiveLabels: z.array(z.string()),
  sources: z.array(z.string()),
  maturityMillis: z.number().nullable(),
  silence: z.object({ means: z.string(), afterMillis: z.number(), decisions: z.array(z.string()) }).nullable(),
  features: z.array(z.object({ name: z.string(), numeric: z.boolean(), personal: z.boolean() })),
});
export type StreamRoles = z.infer<typeof streamRoles>;
